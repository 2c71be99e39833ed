//! What is held of each scope.

use super::Replica;
use crate::engine::Held;
use crate::error::ReplicaError;
use domain::api::sync::{Cursor, MAX_CHANGES, PullRequest, SCHEMA, Scope, Sum};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What is held of a scope.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HeldScope {
    /// Its row number.
    pub(super) number: i64,
    pub(super) held: Held,
    pub(super) sum: Sum,
}

pub(super) type HeldScopes = BTreeMap<Scope, HeldScope>;

impl Replica {
    /// How far each granted scope has come.
    pub fn cursors(&self) -> Result<BTreeMap<Scope, Cursor>, ReplicaError> {
        let held = self.read(list_scopes)?;
        let granted = held.into_iter().filter(|(_, scope)| scope.held.granted);
        Ok(granted
            .map(|(name, scope)| (name, scope.held.cursor))
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
        let sum = Sum {
            rows: row.get(5)?,
            checksum: row.get::<_, i64>(6)?.cast_unsigned(),
        };
        if let Some(scope) = Scope::parse(&name) {
            let number = row.get(0)?;
            scopes.insert(scope, HeldScope { number, held, sum });
        }
    }
    Ok(scopes)
}

/// What each scope holds, by its row number.
pub(super) fn sums_of(scopes: &HeldScopes) -> BTreeMap<i64, Sum> {
    let sums = scopes.values().map(|scope| (scope.number, scope.sum));
    sums.collect()
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

/// Writes what a scope holds.
pub(super) fn write_sum(connection: &Connection, scope: i64, sum: Sum) -> Result<(), ReplicaError> {
    connection
        .prepare_cached(include_str!("sql/write_sum.sql"))?
        .execute((
            scope,
            sum.rows.min(i64::MAX.cast_unsigned()),
            sum.checksum.cast_signed(),
        ))?;
    Ok(())
}

/// One entity more in a scope.
pub(super) fn add_sum(sums: &mut BTreeMap<i64, Sum>, scope: i64, hash: u64) {
    sums.entry(scope).or_default().add(hash);
}
