//! Access lost: every row of the scope goes, and nothing of it stays behind in the WAL.

use super::rows::{Rows, Stored};
use crate::error::ReplicaError;
use domain::api::sync::Sum;
use rusqlite::Connection;

/// Rows that are read before they are taken away.
const BATCH: u32 = 5_000;

/// Takes every row of a scope away. The pages are overwritten (`secure_delete`); the WAL is due, see
/// [`finish_purge`].
pub(super) fn purge_scope(rows: &mut Rows<'_>, scope: i64) -> Result<(), ReplicaError> {
    rows.execute(include_str!("sql/write_purge_due.sql"), [true])?;
    rows.execute(include_str!("sql/purge_also_in.sql"), [scope])?;
    let mut after = 0;
    loop {
        let entities = list_rows(rows, scope, after)?;
        let Some((last, ..)) = entities.last() else {
            break;
        };
        after = last.row;
        for (stored, kind, id) in &entities {
            rows.let_go(stored, scope, kind, id)?;
        }
        // The whole index is built anew afterwards.
        rows.index.clear();
    }
    rows.set_sum(scope, Sum::default());
    Ok(())
}

fn list_rows(
    rows: &Rows<'_>,
    scope: i64,
    after: i64,
) -> Result<Vec<(Stored, String, String)>, ReplicaError> {
    let mut statement = rows
        .connection
        .prepare_cached(include_str!("sql/list_scope_rows.sql"))?;
    let entities = statement.query_map((scope, after, BATCH), |row| {
        Ok((Stored::read(row)?, row.get(4)?, row.get(5)?))
    })?;
    Ok(entities.collect::<Result<_, _>>()?)
}

/// Truncates the WAL where purged rows may still lie in it: after a purge, and at the next opening where a kill came
/// in between.
pub(super) fn finish_purge(connection: &Connection) -> Result<(), ReplicaError> {
    let due: bool =
        connection.query_row(include_str!("sql/read_purge_due.sql"), [], |row| row.get(0))?;
    if !due {
        return Ok(());
    }
    truncate_wal(connection)?;
    connection.execute(include_str!("sql/write_purge_due.sql"), [false])?;
    Ok(())
}

fn truncate_wal(connection: &Connection) -> Result<(), ReplicaError> {
    let busy: bool =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        Err(ReplicaError::Busy)
    } else {
        Ok(())
    }
}
