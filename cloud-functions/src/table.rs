//! Items of the ledger as typed rows. Bodies are JSON; a row that cannot be read is an error that names its key.

use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Stored, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An item as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<T> {
    /// What it holds.
    pub value: T,
    /// Which writing of it this is; 0 where it is not there, and its value comes from elsewhere.
    pub revision: u64,
}

impl<T> Row<T> {
    /// That nobody wrote it since.
    #[must_use]
    pub const fn unchanged(&self) -> Condition {
        match self.revision {
            0 => Condition::Absent,
            seen => Condition::Revision(seen),
        }
    }
}

/// Why a row could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// What lies in the ledger is not a row of this table.
    #[error("{key} in the ledger is not readable: {reason}")]
    Corrupt {
        /// Where.
        key: String,
        /// Why.
        reason: String,
    },
    /// The ledger's own error.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The row under `key`, where there is one.
pub async fn lookup<T: DeserializeOwned>(
    ledger: &dyn Ledger,
    key: &Key,
) -> Result<Option<Row<T>>, TableError> {
    ledger.read(key).await?.as_ref().map(row).transpose()
}

/// Reads an item as a row.
pub fn row<T: DeserializeOwned>(stored: &Stored) -> Result<Row<T>, TableError> {
    let value = serde_json::from_str(&stored.body).map_err(|error| corrupt(&stored.key, &error))?;
    Ok(Row {
        value,
        revision: stored.revision,
    })
}

/// The write that makes the row under `key` this.
pub fn put<T: Serialize>(key: Key, value: &T, condition: Condition) -> Result<Write, TableError> {
    match serde_json::to_string(value) {
        Ok(body) => Ok(Write::put(key, body, condition)),
        Err(error) => Err(corrupt(&key, &error)),
    }
}

fn corrupt(key: &Key, error: &serde_json::Error) -> TableError {
    TableError::Corrupt {
        key: format!("{} / {}", key.partition, key.sort),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::memory::MemoryLedger;

    #[tokio::test]
    async fn a_row_reads_back_and_a_broken_one_names_its_key() {
        let ledger = MemoryLedger::default();
        let key = Key::new("W#k", "V");
        assert_eq!(lookup::<Vec<u8>>(&ledger, &key).await, Ok(None));
        let write = put(key.clone(), &vec![1_u8, 2], Condition::Absent).unwrap();
        ledger.write(vec![write]).await.unwrap();
        let row = lookup::<Vec<u8>>(&ledger, &key).await.unwrap().unwrap();
        assert_eq!((row.value, row.revision), (vec![1, 2], 1));
        let error = lookup::<String>(&ledger, &key).await.unwrap_err();
        assert!(error.to_string().contains("W#k / V"), "{error}");
    }
}
