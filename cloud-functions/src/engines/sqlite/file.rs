//! Opens a database file.

use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a connection waits for another process that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often opening is tried while another process opens or closes the same file.
const OPEN_TRIES: usize = 100;
const OPEN_PAUSE: Duration = Duration::from_millis(20);
/// What the connection that writes keeps of the file in memory, in kibibytes: room for the indexes.
const WRITER_CACHE_KIB: i64 = 65_536;
/// What each connection that reads keeps, in kibibytes.
const READER_CACHE_KIB: i64 = 8_192;
/// Prepared statements kept per connection: more than an engine has.
const STATEMENTS: usize = 32;

/// Why a database file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A newer program made it.
    #[error(
        "{path} was written by a newer version of Aisle (format {found}, this program knows {known}): \
         start that version, or choose another folder"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// A program made it that was never released.
    #[error("{path} has a format that is no longer read ({found}): choose another folder")]
    Older {
        /// Which file.
        path: PathBuf,
        /// Its format.
        found: i64,
    },
    /// It is something else.
    #[error("{path} is not a database of Aisle")]
    NotOurs {
        /// Which file.
        path: PathBuf,
    },
    /// No permission, no folder, a broken disk.
    #[error("{path} cannot be opened: {reason}")]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// A database file: where it is, and what it holds when it is new.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) path: PathBuf,
    /// What makes an empty file one of the current format.
    pub(super) schema: &'static str,
    /// The current format, kept as SQLite's `user_version`.
    pub(super) format: i64,
}

impl File {
    /// Opens the connection that writes, and makes the schema where the file is new.
    pub(super) fn open_writer(&self) -> Result<Connection, OpenError> {
        let opened = patiently(|| {
            let connection = self.connect(WRITER_CACHE_KIB)?;
            self.prepare(&connection)?;
            let found = user_version(&connection)?;
            Ok((connection, found))
        });
        let (connection, found) = opened.map_err(|error| self.refuse(&error))?;
        let path = self.path.clone();
        match found.cmp(&self.format) {
            Ordering::Equal => Ok(connection),
            Ordering::Less => Err(OpenError::Older { path, found }),
            Ordering::Greater => Err(OpenError::Newer {
                path,
                found,
                known: self.format,
            }),
        }
    }

    /// Opens one more connection, which cannot write.
    pub(super) fn open_reader(&self) -> Result<Connection, OpenError> {
        let opened = patiently(|| {
            let connection = self.connect(READER_CACHE_KIB)?;
            connection.pragma_update(None, "query_only", true)?;
            Ok(connection)
        });
        opened.map_err(|error| self.refuse(&error))
    }

    fn connect(&self, cache_kib: i64) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.execute_batch(include_str!("connection.sql"))?;
        // SQLite takes kibibytes as a negative number.
        connection.pragma_update(None, "cache_size", -cache_kib)?;
        Ok(connection)
    }

    fn prepare(&self, connection: &Connection) -> rusqlite::Result<()> {
        if user_version(connection)? != 0 {
            return Ok(());
        }
        connection.pragma_update(None, "journal_mode", "wal")?;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        // Another process may have been quicker.
        if user_version(connection)? == 0 {
            connection.execute_batch(self.schema)?;
            connection.pragma_update(None, "user_version", self.format)?;
        }
        connection.execute_batch("COMMIT")
    }

    fn refuse(&self, error: &rusqlite::Error) -> OpenError {
        let path = self.path.clone();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::NotOurs { path },
            _ => OpenError::Unusable {
                path,
                reason: error.to_string(),
            },
        }
    }
}

/// Tries again while another process changes how the file is kept: SQLite does not wait for that by itself.
fn patiently<T>(open: impl Fn() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    for _ in 1..OPEN_TRIES {
        match open() {
            Err(error) if is_busy(&error) => std::thread::sleep(OPEN_PAUSE),
            opened => return opened,
        }
    }
    open()
}

fn is_busy(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn user_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// A file at `path` with what it needs.
pub(super) fn file(path: &Path, schema: &'static str, format: i64) -> File {
    File {
        path: path.to_owned(),
        schema,
        format,
    }
}
