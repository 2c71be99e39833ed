//! What is held of each scope.

use super::Replica;
use crate::engine::Held;
use crate::error::ReplicaError;
use domain::api::sync::{Cursor, MAX_CHANGES, PullRequest, SCHEMA, Scope};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// A scope's row number, and what is held of it.
pub(super) type HeldScopes = BTreeMap<Scope, (i64, Held)>;

impl Replica {
    /// How far each granted scope has come.
    pub fn cursors(&self) -> Result<BTreeMap<Scope, Cursor>, ReplicaError> {
        let held = self.read(list_scopes)?;
        let granted = held.into_iter().filter(|(_, (_, held))| held.granted);
        Ok(granted
            .map(|(scope, (_, held))| (scope, held.cursor))
            .collect())
    }

    /// What to ask the cloud for next, waiting up to `wait_ms` milliseconds for a change.
    pub fn next_pull(&self, wait_ms: u64) -> Result<PullRequest, ReplicaError> {
        Ok(PullRequest {
            schema: SCHEMA,
            cursors: self.cursors()?,
            limit: MAX_CHANGES,
            wait_ms,
            verify: false,
        })
    }
}

pub(super) fn list_scopes(connection: &Connection) -> Result<HeldScopes, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_scopes.sql"))?;
    let mut rows = statement.query([])?;
    let mut scopes = HeldScopes::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        let held = Held {
            granted: row.get(2)?,
            cursor: Cursor {
                epoch: row.get(3)?,
                seq: row.get(4)?,
            },
        };
        if let Some(scope) = Scope::parse(&name) {
            scopes.insert(scope, (row.get(0)?, held));
        }
    }
    Ok(scopes)
}

pub(super) fn write_scope(
    connection: &Connection,
    scope: &Scope,
    held: Held,
) -> Result<(), ReplicaError> {
    connection
        .prepare_cached(include_str!("sql/write_scope.sql"))?
        .execute((
            scope.as_str(),
            held.granted,
            held.cursor.epoch,
            held.cursor.seq,
        ))?;
    Ok(())
}
