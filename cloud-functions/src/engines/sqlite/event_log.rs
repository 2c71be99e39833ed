//! An event log in an SQLite file.

mod append;
mod backlog;
mod letters;

use super::StoreError;
use super::file::{OpenError, file};
use super::readers::Readers;
use super::writer::Writer;
use crate::ports::events::{DeadLetter, Delivery, LogError};
use rusqlite::Row;
use rusqlite::types::Type;
use serde::de::DeserializeOwned;
use std::path::Path;
use tokio::sync::watch;

/// The format that this program writes. (1 kept source and id apart.)
const FORMAT: i64 = 2;

/// An event log in an SQLite file.
#[derive(Debug)]
pub struct SqliteEventLog {
    pub(super) writer: Writer,
    readers: Readers,
    arrivals: watch::Sender<u64>,
}

impl SqliteEventLog {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// What [`OpenError`] lists. Blocks for some milliseconds.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = file(path, include_str!("event_log/schema.sql"), FORMAT);
        let writer = Writer::start(file.open_writer()?, "event-log-writer");
        let writer = writer.map_err(|error| OpenError::Unusable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Self {
            writer,
            readers: Readers::open(file)?,
            arrivals: watch::Sender::default(),
        })
    }

    fn tell(&self) {
        self.arrivals.send_modify(|count| *count += 1);
    }
}

impl From<StoreError> for LogError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::Full,
            // Appending again is safe: what was kept is a duplicate then.
            StoreError::Unavailable(reason) | StoreError::UnknownOutcome(reason) => {
                Self::Unavailable(reason)
            }
        }
    }
}

/// Reads a delivery from `sequence, envelope` at the columns `first` and after.
fn delivery(row: &Row<'_>, first: usize, replayed: bool) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        sequence: row.get::<_, i64>(first)?.cast_unsigned(),
        replayed,
        event: json(row, first + 1)?,
    })
}

/// Reads a letter from `consumer, sequence, envelope, attempts, reason, given_up_at`.
fn letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        consumer: row.get(0)?,
        delivery: delivery(row, 1, false)?,
        attempts: row.get(3)?,
        reason: row.get(4)?,
        given_up_at: json(row, 5)?,
    })
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn unreadable(error: &serde_json::Error) -> LogError {
    LogError::Unavailable(format!("an event cannot be written as JSON: {error}"))
}
