//! The ledger: items under a partition and a sort key, read consistently, written in atomic conditional batches.
//!
//! It offers what DynamoDB, PostgreSQL and SQLite can all do, and no more: no query but by key and by range of sort
//! keys, no transaction that reads. Every item has a *revision* that grows by one with each write; a batch states the
//! revisions that it saw, and is refused whole where one has moved on.

use async_trait::async_trait;
use std::ops::Range;

/// The most writes in one batch (DynamoDB's `TransactWriteItems`).
pub const MAX_WRITES: usize = 100;
/// The most bytes of bodies in one batch (DynamoDB's `TransactWriteItems`).
pub const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The most bytes in one body: DynamoDB's 400 KB less room for keys.
pub const MAX_BODY_BYTES: usize = 390 * 1024;
/// The most items in one page of a range, and of keys in one [`Ledger::read_all`].
pub const MAX_PAGE: usize = 1_000;
/// The most bytes in a partition or sort key (DynamoDB's limits are 2,048 and 1,024).
pub const MAX_KEY_BYTES: usize = 1_024;

/// Where an item lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Items of one partition are ordered by their sort keys: `S#store/1/customers`.
    pub partition: String,
    /// Within the partition: `HEAD`, `F#00000000000000000042`. Compared by bytes.
    pub sort: String,
}

impl Key {
    /// A key of two parts.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: sort.into(),
        }
    }
}

/// An item as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies.
    pub key: Key,
    /// 1 after it was made, one more after each write.
    pub revision: u64,
    /// JSON, as the table above wrote it.
    pub body: String,
}

/// What must be true of an item for a batch to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Any,
    /// It is not there.
    Absent,
    /// It is there, at this revision.
    Revision(u64),
}

impl Condition {
    /// Whether it is true of an item at `revision`; `None` is an item that is not there.
    #[must_use]
    pub fn holds(self, revision: Option<u64>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => revision.is_none(),
            Self::Revision(seen) => revision == Some(seen),
        }
    }
}

/// One write of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// The item is now this.
    Put {
        /// Which.
        key: Key,
        /// What it becomes.
        body: String,
        /// If.
        condition: Condition,
    },
    /// The item is gone. Its revision starts at 1 again when it is made anew.
    Delete {
        /// Which.
        key: Key,
        /// If.
        condition: Condition,
    },
    /// Nothing is written; the batch holds only if this does.
    Check {
        /// Which.
        key: Key,
        /// If.
        condition: Condition,
    },
}

impl Write {
    /// A put.
    pub fn put(key: Key, body: impl Into<String>, condition: Condition) -> Self {
        Self::Put {
            key,
            body: body.into(),
            condition,
        }
    }

    /// Which item it is about.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Check { key, .. } => key,
        }
    }

    /// What must be true of it.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self {
            Self::Put { condition, .. }
            | Self::Delete { condition, .. }
            | Self::Check { condition, .. } => *condition,
        }
    }
}

/// Why a ledger did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The condition of the write at `index` does not hold; nothing was written. The lowest index where several do not.
    #[error("write {index} of the batch was refused: the item has moved on")]
    Conflict {
        /// Which write.
        index: usize,
    },
    /// More than the port allows; nothing was written.
    #[error("{0}")]
    TooMuch(String),
    /// Nothing was written; try again later.
    #[error("the ledger is unavailable: {0}")]
    Unavailable(String),
    /// The disk is full; nothing was written.
    #[error("the ledger's disk is full")]
    Full,
    /// Perhaps written, perhaps not: read before anything else.
    #[error("the outcome of the write is unknown: {0}")]
    UnknownOutcome(String),
}

/// Storage of a retailer's truth.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// The item, as of the last write that was acknowledged.
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError>;

    /// Several items, each consistent by itself, in the order of `keys`; at most [`MAX_PAGE`] keys.
    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError>;

    /// The first items of `partition` with a sort key in `range`, in the order of bytes; at most `limit`, and never more
    /// than [`MAX_PAGE`]. Fewer than `limit` means that there are no more. Each item is consistent by itself; the page is
    /// not a snapshot.
    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError>;

    /// Writes all or nothing. At most [`MAX_WRITES`], each item at most once, at most [`MAX_BATCH_BYTES`].
    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError>;

    /// A number that is another one after any write, whichever process wrote: what was read after it was drawn is still
    /// so for as long as it stays the same. `None` where it costs as much as a read. Never waits for a disk or a network.
    fn generation(&self) -> Option<u64> {
        None
    }
}

/// Refuses a read of more keys than some engine could take.
pub fn check_keys(keys: &[Key]) -> Result<(), LedgerError> {
    if keys.len() > MAX_PAGE {
        return Err(LedgerError::TooMuch(format!(
            "a read has at most {MAX_PAGE} keys, not {}",
            keys.len()
        )));
    }
    Ok(())
}

/// Refuses a batch that some engine could not take, so that all engines refuse the same.
pub fn check_batch(batch: &[Write]) -> Result<(), LedgerError> {
    if batch.len() > MAX_WRITES {
        return Err(LedgerError::TooMuch(format!(
            "a batch has at most {MAX_WRITES} writes, not {}",
            batch.len()
        )));
    }
    let mut keys = std::collections::BTreeSet::new();
    let mut total = 0;
    for write in batch {
        let key = write.key();
        let key_size = key.partition.len().max(key.sort.len());
        if key.partition.is_empty() || key.sort.is_empty() || key_size > MAX_KEY_BYTES {
            return Err(LedgerError::TooMuch(format!(
                "a key has 1 to {MAX_KEY_BYTES} bytes in each part"
            )));
        }
        if !keys.insert(key) {
            return Err(LedgerError::TooMuch(
                "a batch writes each item at most once".to_owned(),
            ));
        }
        if let Write::Put { body, .. } = write {
            if body.len() > MAX_BODY_BYTES {
                return Err(LedgerError::TooMuch(format!(
                    "a body has at most {MAX_BODY_BYTES} bytes, not {}",
                    body.len()
                )));
            }
            total += body.len();
        }
    }
    if total > MAX_BATCH_BYTES {
        return Err(LedgerError::TooMuch(format!(
            "a batch has at most {MAX_BATCH_BYTES} bytes, not {total}"
        )));
    }
    Ok(())
}
