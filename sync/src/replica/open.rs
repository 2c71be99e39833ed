//! Opens the file: the key, what it must be, and how it is kept.

use super::readers::Readers;
use super::{Replica, loading, migrate, purge};
use crate::error::ReplicaError;
use crate::key::Key;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Marks a file as a replica of ours: `AISL`.
pub(super) const APPLICATION_ID: i32 = 0x4149_534c;
/// How long to wait for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);
/// What a plain SQLite file begins with.
const PLAIN_HEADER: &[u8] = b"SQLite format 3\0";
const PAGE_BYTES: u64 = 4_096;
/// SQLCipher sets up its cryptography with the first key of a process; two threads that come first at the same time
/// have been seen to get an error.
static KEYING: Mutex<()> = Mutex::new(());
const STATEMENTS: usize = 96;

impl Replica {
    /// Opens the replica at `path`, or makes it, and loads its search index.
    ///
    /// A wrong key, a foreign, cut off or newer file is an error of its own, and the file stays as it was.
    pub fn open(path: &Path, key: Key) -> Result<Self, ReplicaError> {
        Self::open_with(path, Some(key)).map_err(|error| tell_full(path, error))
    }

    pub(crate) fn open_with(path: &Path, key: Option<Key>) -> Result<Self, ReplicaError> {
        look_at(path, key.is_some())?;
        let had_wal = wal_of(path).exists();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut writer = connect(path, key.as_ref(), flags)?;
        if let Err(error) = check(&writer) {
            // Looking at the file made an empty WAL: closing may take it away again.
            writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, had_wal)?;
            return Err(error);
        }
        writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        configure(&writer)?;
        migrate::migrate(&mut writer)?;
        purge::finish_purge(&writer)?;
        let search = loading::load(&writer)?;
        Ok(Self {
            readers: Readers::new(path, key),
            writer: Mutex::new(writer),
            search: RwLock::new(search),
        })
    }
}

/// A connection with its key, which has not read anything yet.
pub(super) fn connect(
    path: &Path,
    key: Option<&Key>,
    flags: OpenFlags,
) -> Result<Connection, ReplicaError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Until the file is known to be ours, closing it must not move its WAL into it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if let Some(key) = key {
        let _alone = KEYING.lock().unwrap_or_else(PoisonError::into_inner);
        // A wrong key is told by an error of ours; SQLCipher would tell it on the standard error besides.
        connection.pragma_update(None, "cipher_log_level", "NONE")?;
        connection.pragma_update(None, "key", key.pragma_value().as_str())?;
        connection.pragma_update(None, "cipher_memory_security", "OFF")?;
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A sort that spills would write plain text to a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn wal_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// SQLite has one error for a disk that is broken and for one on which its index of the WAL finds no room: which of the
/// two it is shows by writing a page beside it.
fn tell_full(path: &Path, error: ReplicaError) -> ReplicaError {
    let ReplicaError::Storage(cause) = &error else {
        return error;
    };
    let is_of_disk = matches!(
        cause.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen)
    );
    match is_of_disk && has_no_room(&beside(path, "-room")) {
        true => ReplicaError::StorageFull,
        false => error,
    }
}

fn has_no_room(probe: &Path) -> bool {
    let written = std::fs::File::create(probe).and_then(|mut file| {
        // Not of one byte: some file systems compress.
        let page: Vec<u8> = (0..PAGE_BYTES * 8).map(|byte| (byte % 251) as u8).collect();
        file.write_all(&page)?;
        file.sync_all()
    });
    // What cannot be taken away was not made.
    std::fs::remove_file(probe).ok();
    let kind = written.err().map(|error| error.kind());
    matches!(
        kind,
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
    )
}

/// What the engine would not tell apart: it takes a part of a page for an empty file, and a plain file for one with
/// another key.
fn look_at(path: &Path, encrypted: bool) -> Result<(), ReplicaError> {
    let Ok(mut file) = std::fs::File::open(path) else {
        // Absent, or not readable: the engine says which.
        return Ok(());
    };
    let length = file.metadata().map(|metadata| metadata.len()).unwrap_or(0);
    if (1..PAGE_BYTES).contains(&length) {
        return Err(ReplicaError::Damaged(format!(
            "only {length} bytes are left"
        )));
    }
    let mut start = [0; 16];
    match file.read_exact(&mut start) {
        Ok(()) if encrypted && start == PLAIN_HEADER => Err(ReplicaError::Foreign),
        _ => Ok(()),
    }
}

fn check(connection: &Connection) -> Result<(), ReplicaError> {
    let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let tables = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        })
        .map_err(|error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => ReplicaError::WrongKey,
            _ => error.into(),
        })?;
    let application = number("application_id")?;
    if tables == 0 && application == 0 {
        return Ok(());
    }
    if application != i64::from(APPLICATION_ID) {
        return Err(ReplicaError::Foreign);
    }
    let found = u32::try_from(number("user_version")?).unwrap_or(u32::MAX);
    if found > migrate::SCHEMA {
        return Err(ReplicaError::NewerSchema {
            found,
            known: migrate::SCHEMA,
        });
    }
    Ok(())
}

fn configure(connection: &Connection) -> Result<(), ReplicaError> {
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    // Pages that a first sync writes again and again are moved into the database once, 16 MB at a time.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 4_096, |_| Ok(()))?;
    // The WAL is given back afterwards.
    connection.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |_| Ok(()))?;
    // KiB where negative: keeps the upper pages of all trees through a first sync.
    connection.pragma_update(None, "cache_size", -8_192)?;
    Ok(())
}
