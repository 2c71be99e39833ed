//! Items of the ledger as typed rows. Bodies are JSON; a row that cannot be read is an error that names its key.

use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Stored, Write};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

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
        key: named(key),
        reason: unreadable(error),
    }
}

/// A key as it may be logged: a feed's whole, of any other its table and a hash by which whoever has the ledger finds it
/// again (the first 8 bytes of SHA-256 over partition, a line feed and sort). What a key says may be somebody's telephone
/// number.
#[must_use]
pub fn named(key: &Key) -> String {
    if key.partition.starts_with("S#") {
        return format!("{} / {}", key.partition, key.sort);
    }
    let table = key.partition.split('#').next().unwrap_or_default();
    let table: String = table.chars().take(1).collect();
    let hash = Sha256::digest(format!("{}\n{}", key.partition, key.sort));
    let hash = hash.iter().take(8).map(|byte| format!("{byte:02x}"));
    format!("{table}#…{}", hash.collect::<String>())
}

/// Where JSON breaks off; what stands there may be somebody's.
#[must_use]
pub fn unreadable(error: &serde_json::Error) -> String {
    format!("not what it should be in column {}", error.column())
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
        assert!(error.to_string().contains(&named(&key)), "{error}");
    }

    #[tokio::test]
    async fn what_a_row_and_its_key_say_is_not_in_the_error() {
        let key = Key::new("L#phone#+491705550198", "ana");
        let write = put(key.clone(), &"Ana Canary", Condition::Absent).unwrap();
        let ledger = MemoryLedger::default();
        ledger.write(vec![write]).await.unwrap();
        let error = lookup::<u64>(&ledger, &key).await.unwrap_err().to_string();
        for secret in ["170555", "ana", "Ana", "Canary"] {
            assert!(!error.contains(secret), "{error}");
        }
        assert!(error.starts_with("L#…"), "{error}");
    }
}
