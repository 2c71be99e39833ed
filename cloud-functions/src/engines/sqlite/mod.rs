//! SQLite: one file per engine, write-ahead log, every acknowledged write synced to the disk.
//!
//! One thread writes and commits what is queued in one go; a few connections read beside it. Several processes may use
//! the same file.

mod event_log;
mod file;
mod generation;
mod ledger;
mod readers;
mod writer;

#[cfg(test)]
mod tests;

pub use event_log::SqliteEventLog;
pub use file::OpenError;
pub use ledger::SqliteLedger;

use rusqlite::ErrorCode;

/// Why SQLite did not do it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum StoreError {
    /// The disk is full; nothing was written.
    Full,
    /// Nothing was written; try again.
    Unavailable(String),
    /// The disk failed while it was being told to keep the write.
    UnknownOutcome(String),
}

impl StoreError {
    /// An error before the commit: nothing is written yet.
    fn before_commit(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            _ => Self::Unavailable(error.to_string()),
        }
    }

    /// An error of the commit itself: a failed sync may still have reached the disk.
    fn of_commit(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable(error.to_string())
            }
            _ => Self::UnknownOutcome(error.to_string()),
        }
    }
}

/// SQLite counts in signed numbers; a count beyond them reads as their end.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
