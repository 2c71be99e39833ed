//! Connections that only read, so that a search does not wait for a page that is being applied.

use super::open::connect;
use crate::error::ReplicaError;
use crate::key::Key;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Idle connections that are kept; more are opened when more callers read at once.
const MAX_IDLE: usize = 4;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    key: Option<Key>,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path, key: Option<Key>) -> Self {
        Self {
            path: path.to_owned(),
            key,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// Runs a query that only reads.
    pub(super) fn with<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, ReplicaError>,
    ) -> Result<T, ReplicaError> {
        let connection = match self.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let answer = query(&connection)?;
        self.put(connection);
        Ok(answer)
    }

    /// Closes what is idle, so that nothing holds pages of rows that are gone.
    pub(super) fn close_idle(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Connection> {
        self.idle().pop()
    }

    fn put(&self, connection: Connection) {
        let mut idle = self.idle();
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
    }

    fn connect(&self) -> Result<Connection, ReplicaError> {
        let connection = connect(
            &self.path,
            self.key.as_ref(),
            OpenFlags::SQLITE_OPEN_READ_WRITE,
        )?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -8_192)?;
        Ok(connection)
    }
}
