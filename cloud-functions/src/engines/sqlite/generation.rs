//! Tells whether anybody wrote to a file, without reading it.

use super::file::{File, OpenError};
use rusqlite::Connection;
use std::sync::{Mutex, PoisonError};

/// A connection of its own: SQLite compares what one and the same connection saw.
#[derive(Debug)]
pub(super) struct Generation {
    connection: Mutex<Connection>,
}

impl Generation {
    pub(super) fn open(file: &File) -> Result<Self, OpenError> {
        let connection = Mutex::new(file.open_reader()?);
        Ok(Self { connection })
    }

    /// Another number after each commit, of whatever process; `None` where that cannot be told now. It looks at the
    /// log's index, which lies in memory that processes share: a few microseconds.
    pub(super) fn draw(&self) -> Option<u64> {
        let connection = self.connection.lock();
        let connection = connection.unwrap_or_else(PoisonError::into_inner);
        let mut version = connection.prepare_cached("PRAGMA data_version").ok()?;
        let drawn = version.query_row([], |row| row.get::<_, i64>(0));
        drawn.ok().map(i64::cast_unsigned)
    }
}
