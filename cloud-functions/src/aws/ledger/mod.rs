//! The ledger in one table of DynamoDB.
//!
//! An item is `pk` (S) and `sk` (S), its revision `r` (N) and its body `b` (S). Reads are strongly consistent. Every write
//! is a `TransactWriteItems` under a client request token, one of a single item too: a try whose answer was lost is made
//! again under its token and finds what it did, where a conditional put would find itself in its own way.
//!
//! DynamoDB Developer Guide: *TransactWriteItems: idempotency*, *Read consistency*, *Service quotas*.

mod read;
mod refusal;
mod write;

#[cfg(test)]
mod tests;

use crate::ports::ledger::{
    Key, Ledger, LedgerError, MAX_PAGE, Stored, Write, check_batch, check_keys,
};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use std::ops::Range;

/// The partition, the place in it, the revision, and the body.
const PARTITION: &str = "pk";
const SORT: &str = "sk";
const REVISION: &str = "r";
const BODY: &str = "b";

/// A ledger in a table. Clones share their connections.
#[derive(Debug, Clone)]
pub struct DynamoDbLedger {
    client: Client,
    table: String,
}

impl DynamoDbLedger {
    /// Over a table that is there.
    #[must_use]
    pub fn new(config: &SdkConfig, table: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            table: table.into(),
        }
    }
}

#[async_trait]
impl Ledger for DynamoDbLedger {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        self.get(key).await
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        check_keys(keys)?;
        self.batch_get(keys).await
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
        self.query(partition, range, limit.min(MAX_PAGE)).await
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        check_batch(&batch)?;
        self.transact(&batch).await
    }
}
