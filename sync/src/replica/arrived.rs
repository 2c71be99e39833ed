//! Takes commands out of the queue whose outcome is here.

use super::scopes::HeldScopes;
use crate::engine::Page;
use crate::error::ReplicaError;
use domain::api::sync::{Cursor, Scope};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Takes commands away that a change of the page names, and those of [`remove_confirmed`]. Gives how many.
pub(super) fn remove(
    connection: &Connection,
    page: &Page,
    scopes: &HeldScopes,
) -> Result<usize, ReplicaError> {
    let mut removed = 0;
    for command in page
        .changes()
        .iter()
        .filter_map(|change| change.command.as_ref())
    {
        removed += connection
            .prepare_cached(include_str!("sql/delete_command_by_id.sql"))?
            .execute([command.as_str()])?;
    }
    Ok(removed + remove_confirmed(connection, scopes)?)
}

/// Queues again what was decided and the cloud does not know any more, because it was restored from a backup. An answer
/// that comes late may say so by mistake: what is sent twice is done once. Gives how many.
pub(super) fn queue_forgotten(
    connection: &Connection,
    last_cseq: u64,
) -> Result<usize, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/queue_forgotten.sql"))?;
    Ok(statement.execute([last_cseq])?)
}

/// Takes confirmed commands away whose changes the feeds have passed. Gives how many.
pub(super) fn remove_confirmed(
    connection: &Connection,
    scopes: &HeldScopes,
) -> Result<usize, ReplicaError> {
    let last_cseq: u64 =
        connection.query_row(include_str!("sql/read_standing.sql"), [], |row| row.get(0))?;
    let mut removed = 0;
    for (cseq, stands) in list_confirmed(connection)? {
        let arrived = |(scope, stands): (&Scope, &Cursor)| {
            let held = scopes.get(scope).map(|scope| scope.held);
            held.is_none_or(|held| !held.granted || has_come(held.cursor, *stands))
        };
        if stands.iter().all(arrived) && (!stands.is_empty() || cseq <= last_cseq) {
            removed += connection
                .prepare_cached(include_str!("sql/delete_command.sql"))?
                .execute([cseq])?;
        }
    }
    Ok(removed)
}

/// Whether a feed has come to where a change stands. Another life of the feed holds whatever was decided before it; it may
/// also be an older one, because the cloud was restored.
const fn has_come(held: Cursor, stands: Cursor) -> bool {
    if held.epoch == stands.epoch {
        held.seq >= stands.seq
    } else {
        held.seq > 0
    }
}

/// The number of a confirmed command, and where its changes stand in the feeds.
type Confirmed = (u64, BTreeMap<Scope, Cursor>);

fn list_confirmed(connection: &Connection) -> Result<Vec<Confirmed>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_confirmed.sql"))?;
    let mut rows = statement.query([])?;
    let mut confirmed = Vec::new();
    while let Some(row) = rows.next()? {
        let stands: Option<String> = row.get(1)?;
        let stands = stands.and_then(|text| serde_json::from_str(&text).ok());
        confirmed.push((row.get(0)?, stands.unwrap_or_default()));
    }
    Ok(confirmed)
}
