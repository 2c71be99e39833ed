//! What PostgreSQL's errors mean: whether anything was written.

use crate::ports::ledger::LedgerError;
use deadpool_postgres::PoolError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Why nothing was read; nothing was written either.
pub(super) fn read_refused(error: &Error) -> LedgerError {
    LedgerError::Unavailable(told(error))
}

/// Why a write was not made. Nothing was committed yet, so nothing was written.
pub(super) fn refused(error: &Error) -> LedgerError {
    if error.code() == Some(&SqlState::DISK_FULL) {
        return LedgerError::Full;
    }
    LedgerError::Unavailable(told(error))
}

/// What became of a commit. Where the server said so, nothing was written; where it said nothing, nobody knows.
pub(super) fn commit_refused(error: &Error) -> LedgerError {
    match error.as_db_error() {
        Some(_) if error.code() != Some(&SqlState::ADMIN_SHUTDOWN) => refused(error),
        _ => LedgerError::UnknownOutcome(told(error)),
    }
}

/// Nobody could be asked.
pub(super) fn no_connection(error: &PoolError) -> LedgerError {
    LedgerError::Unavailable(match error {
        PoolError::Timeout(_) => "no connection in time".to_owned(),
        PoolError::Backend(error) => told(error),
        _ => "no connection".to_owned(),
    })
}

/// A row that this program did not write.
pub(super) fn unreadable() -> LedgerError {
    LedgerError::Unavailable("a row of the table cannot be read".to_owned())
}

/// The server's code and word, without its detail: that may quote keys.
pub(super) fn told(error: &Error) -> String {
    error.as_db_error().map_or_else(
        || "no answer".to_owned(),
        |said| format!("{}: {}", said.code().code(), said.message()),
    )
}
