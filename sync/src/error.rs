//! What can go wrong with a replica. Whatever it is, nothing was changed.

use crate::engine::{LoadError, PlanError, WireError};
use rusqlite::ErrorCode;

/// Why the replica did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaError {
    /// The file cannot be read with this key: another key, or not a replica at all.
    #[error("the key does not open the replica")]
    WrongKey,
    /// The file is a database of something else.
    #[error("the file is not a replica of Aisle")]
    Foreign,
    /// The file is cut off or broken.
    #[error("the replica is damaged: {0}")]
    Damaged(String),
    /// A newer program wrote the file.
    #[error("the replica has schema {found}, this program knows {known}")]
    NewerSchema {
        /// What the file has.
        found: u32,
        /// What this program knows.
        known: u32,
    },
    /// The disk is full.
    #[error("the disk is full")]
    StorageFull,
    /// Another process holds the file.
    #[error("the replica is in use by another process")]
    Busy,
    /// A page does not follow on what is here.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A snapshot, or a part of one, is not taken.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// No command with this id was refused.
    #[error("command {id} is not a refused one")]
    NotRefused {
        /// Which.
        id: domain::ids::CommandId,
    },
    /// As many commands are kept as may be: those that wait have to be sent first.
    #[error("{limit} commands are kept already")]
    QueueFull {
        /// How many may be kept.
        limit: usize,
    },
    /// A command with this id is queued already, with other arguments.
    #[error("command {id} is queued already, with other arguments")]
    CommandMismatch {
        /// Which.
        id: domain::ids::CommandId,
    },
    /// More than one row may take.
    #[error("{what} has {bytes} bytes, at most {limit} are kept")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many it has.
        bytes: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The storage engine's own error.
    #[error("the replica's storage: {0}")]
    Storage(rusqlite::Error),
}

impl From<rusqlite::Error> for ReplicaError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::StorageFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => Self::Storage(error),
        }
    }
}

impl From<WireError> for ReplicaError {
    fn from(error: WireError) -> Self {
        Self::Load(error.into())
    }
}
