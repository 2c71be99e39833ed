//! What the device keeps beside the feeds, encrypted like all else: its enrolment, a model for recommendations.

use super::Replica;
use crate::error::ReplicaError;
use rusqlite::OptionalExtension;

/// The most bytes of one keepsake.
pub const MAX_KEEPSAKE_BYTES: usize = 64 << 20;

impl Replica {
    /// Keeps `content` under `name`, in the place of what was there.
    pub fn keep(&self, name: &str, content: &[u8]) -> Result<(), ReplicaError> {
        if content.len() > MAX_KEEPSAKE_BYTES {
            return Err(ReplicaError::TooLarge {
                what: "a keepsake",
                bytes: content.len(),
                limit: MAX_KEEPSAKE_BYTES,
            });
        }
        self.writer()
            .execute(include_str!("sql/keep.sql"), (name, content))?;
        Ok(())
    }

    /// What was kept under `name`.
    pub fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, ReplicaError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(include_str!("sql/kept.sql"))?;
            Ok(statement.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Lets go of what was kept under `name`.
    pub fn forget(&self, name: &str) -> Result<(), ReplicaError> {
        self.writer()
            .execute(include_str!("sql/forget.sql"), [name])?;
        Ok(())
    }
}
