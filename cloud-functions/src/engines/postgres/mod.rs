//! The ledger in PostgreSQL, for those who host themselves.
//!
//! One table, `aisle_item`: partition and sort key as bytes (`bytea` compares byte by byte, and holds a NUL, which `text`
//! does not), revision, body. A batch is one transaction: its keys are locked by advisory locks in one order, so that no
//! two batches wait for each other, then looked at, then written.
//!
//! PostgreSQL 15: *Explicit Locking: Advisory Locks*, *Binary Data Types*.

mod read;
mod refusal;
mod schema;
mod write;

#[cfg(test)]
mod tests;

use crate::ports::ledger::{
    Key, Ledger, LedgerError, MAX_PAGE, Stored, Write, check_batch, check_keys,
};
use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use std::ops::Range;
use std::time::Duration;
use tokio_postgres::{Config, NoTls};

/// Connections of a process.
const CONNECTIONS: usize = 16;
/// How long a call may wait for one of them, and for a new one to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a statement may take, in milliseconds, as PostgreSQL ends it.
const STATEMENT_MS: u32 = 10_000;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// What says where it is. It may hold a password, so nothing of it is repeated.
    #[error("AISLE_POSTGRES is no address of a database: {0}")]
    Address(&'static str),
    /// The database, by its own word.
    #[error("the database cannot be opened: {0}")]
    Database(String),
}

/// A ledger in a database. Clones share their connections.
#[derive(Debug, Clone)]
pub struct PostgresLedger {
    pool: Pool,
}

impl PostgresLedger {
    /// Connects, and makes the table where it is missing; many may do so at once. `address` is a URL or a list of
    /// `name=value`, as `libpq` takes them. The connection is not encrypted: one that must be goes through a proxy or a
    /// socket of this machine, and an address that asks for TLS is refused.
    ///
    /// # Errors
    /// Where the database is not to be had.
    pub async fn open(address: &str) -> Result<Self, OpenError> {
        let mut config: Config = address
            .parse()
            .map_err(|_| OpenError::Address("it cannot be read"))?;
        if config.get_ssl_mode() == tokio_postgres::config::SslMode::Require {
            return Err(OpenError::Address(
                "it asks for TLS, which this engine does not speak",
            ));
        }
        config.connect_timeout(CONNECT).application_name("aisle");
        config.options(format!("-c statement_timeout={STATEMENT_MS}"));
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let timeouts = Timeouts {
            wait: Some(CONNECT),
            create: Some(CONNECT),
            recycle: Some(CONNECT),
        };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1);
        let pool = pool
            .build()
            .map_err(|error| OpenError::Database(error.to_string()))?;
        let ledger = Self { pool };
        let mut connection = ledger
            .connection()
            .await
            .map_err(|error| OpenError::Database(error.to_string()))?;
        schema::lay_out(&mut connection)
            .await
            .map_err(|error| OpenError::Database(refusal::told(&error)))?;
        drop(connection);
        Ok(ledger)
    }

    async fn connection(&self) -> Result<Object, LedgerError> {
        let connection = self.pool.get().await;
        connection.map_err(|error| refusal::no_connection(&error))
    }
}

#[async_trait]
impl Ledger for PostgresLedger {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        read::one(&self.connection().await?, key).await
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        check_keys(keys)?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        read::all(&self.connection().await?, keys).await
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        if range.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let connection = self.connection().await?;
        read::range(&connection, partition, range, limit.min(MAX_PAGE)).await
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        check_batch(&batch)?;
        if batch.is_empty() {
            return Ok(());
        }
        write::all(&mut self.connection().await?, &batch).await
    }
}
