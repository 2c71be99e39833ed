//! A ledger in an SQLite file.

use super::file::{OpenError, file};
use super::generation::Generation;
use super::readers::Readers;
use super::writer::Writer;
use super::{StoreError, signed};
use crate::ports::ledger::{
    Condition, Key, Ledger, LedgerError, MAX_PAGE, Stored, Write, check_batch, check_keys,
};
use async_trait::async_trait;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params};
use std::ops::Range;
use std::path::Path;

/// The format that this program writes. In format 1 heads did not tell what their scopes hold.
const FORMAT: i64 = 2;

/// A ledger in an SQLite file.
#[derive(Debug)]
pub struct SqliteLedger {
    pub(super) writer: Writer,
    readers: Readers,
    generation: Generation,
}

impl SqliteLedger {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// What [`OpenError`] lists. Blocks for some milliseconds.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = file(path, include_str!("ledger/schema.sql"), FORMAT);
        let writer = Writer::start(file.open_writer()?, "ledger-writer");
        let writer = writer.map_err(|error| OpenError::Unusable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            writer,
            generation: Generation::open(&file)?,
            readers: Readers::open(file)?,
        })
    }
}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
            StoreError::UnknownOutcome(reason) => Self::UnknownOutcome(reason),
        }
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        let key = key.clone();
        let reading = self.readers.run(move |connection| {
            let mut read = connection.prepare_cached(include_str!("ledger/read.sql"))?;
            lookup(&mut read, &key)
        });
        Ok(reading.await?)
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        check_keys(keys)?;
        let keys = keys.to_vec();
        let reading = self.readers.run(move |connection| {
            let mut read = connection.prepare_cached(include_str!("ledger/read.sql"))?;
            keys.iter().map(|key| lookup(&mut read, key)).collect()
        });
        Ok(reading.await?)
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        let (from, to) = (range.start.to_owned(), range.end.to_owned());
        let partition = partition.to_owned();
        let limit = signed(limit.min(MAX_PAGE) as u64);
        let reading = self.readers.run(move |connection| {
            let mut range = connection.prepare_cached(include_str!("ledger/range.sql"))?;
            let rows = range.query_map(params![partition, from, to, limit], |row| {
                let key = Key::new(partition.as_str(), row.get::<_, String>(0)?);
                stored(key, row, 1)
            })?;
            rows.collect()
        });
        Ok(reading.await?)
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        check_batch(&batch)?;
        let writing = self.writer.run(move |connection| write(connection, &batch));
        match writing.await? {
            Some(index) => Err(LedgerError::Conflict { index }),
            None => Ok(()),
        }
    }

    fn generation(&self) -> Option<u64> {
        self.generation.draw()
    }
}

fn lookup(read: &mut CachedStatement<'_>, key: &Key) -> rusqlite::Result<Option<Stored>> {
    let found = read.query_row(params![key.partition, key.sort], |row| {
        stored(key.clone(), row, 0)
    });
    found.optional()
}

/// Reads revision and body from the columns at `first` and after.
fn stored(key: Key, row: &Row<'_>, first: usize) -> rusqlite::Result<Stored> {
    Ok(Stored {
        key,
        revision: row.get::<_, i64>(first)?.cast_unsigned(),
        body: row.get(first + 1)?,
    })
}

/// Writes the batch, or answers which condition does not hold, having written nothing.
fn write(connection: &Connection, batch: &[Write]) -> rusqlite::Result<Option<usize>> {
    let refused = refused(connection, batch)?;
    if refused.is_none() {
        for write in batch {
            apply(connection, write)?;
        }
    }
    Ok(refused)
}

fn refused(connection: &Connection, batch: &[Write]) -> rusqlite::Result<Option<usize>> {
    let mut revision = connection.prepare_cached(include_str!("ledger/revision.sql"))?;
    for (index, write) in batch.iter().enumerate() {
        if write.condition() == Condition::Any {
            continue;
        }
        let Key { partition, sort } = write.key();
        let found = revision.query_row(params![partition, sort], |row| row.get::<_, i64>(0));
        let found = found.optional()?.map(i64::cast_unsigned);
        if !write.condition().holds(found) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn apply(connection: &Connection, write: &Write) -> rusqlite::Result<()> {
    let Key { partition, sort } = write.key();
    match write {
        Write::Put { body, .. } => connection
            .prepare_cached(include_str!("ledger/put.sql"))?
            .execute(params![partition, sort, body])?,
        Write::Delete { .. } => connection
            .prepare_cached(include_str!("ledger/delete.sql"))?
            .execute(params![partition, sort])?,
        Write::Check { .. } => 0,
    };
    Ok(())
}
