//! Brings an older file up to date, step by step, all or nothing.

use super::open::APPLICATION_ID;
use super::scopes::{add_sum, write_sum};
use super::{carts, lookups};
use crate::error::ReplicaError;
use domain::api::sync::{Sum, row_hash};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeMap;

type Step = fn(&Connection) -> Result<(), ReplicaError>;

/// Each step leads from the version that is its index to the next.
const STEPS: &[Step] = &[first, with_sums, with_carts];
/// The version that this program writes.
pub(super) const SCHEMA: u32 = 3;

pub(super) fn migrate(connection: &mut Connection) -> Result<(), ReplicaError> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
    };
    if version(connection)? == SCHEMA {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been quicker.
    let done = usize::try_from(version(&transaction)?).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(done) {
        step(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()?;
    Ok(())
}

fn first(connection: &Connection) -> Result<(), ReplicaError> {
    Ok(connection.execute_batch(include_str!("schema/0001.sql"))?)
}

fn with_sums(connection: &Connection) -> Result<(), ReplicaError> {
    connection.execute_batch(include_str!("schema/0002.sql"))?;
    for (scope, sum) in hash_entities(connection)? {
        write_sum(connection, scope, sum)?;
    }
    connection.execute_batch(include_str!("schema/0002_end.sql"))?;
    lookups::extend(connection)
}

fn with_carts(connection: &Connection) -> Result<(), ReplicaError> {
    connection.execute_batch(include_str!("schema/0003.sql"))?;
    carts::project_all(connection)
}

/// Copies each entity with its hash. Gives what each scope holds.
fn hash_entities(connection: &Connection) -> Result<BTreeMap<i64, Sum>, ReplicaError> {
    let mut sums = BTreeMap::new();
    let mut old = connection.prepare(include_str!("sql/list_unhashed.sql"))?;
    let mut new = connection.prepare(include_str!("sql/add_hashed.sql"))?;
    let mut also = connection.prepare(include_str!("sql/list_also_in.sql"))?;
    let mut rows = old.query([])?;
    while let Some(row) = rows.next()? {
        let (number, scope): (i64, i64) = (row.get(0)?, row.get(4)?);
        let (kind, id): (String, String) = (row.get(6)?, row.get(2)?);
        let (version, body): (u64, String) = (row.get(3)?, row.get(5)?);
        let hash = row_hash(&kind, &id, version, &body);
        let number_of_kind: i64 = row.get(1)?;
        new.execute((
            number,
            number_of_kind,
            id,
            version,
            scope,
            hash.cast_signed(),
            body,
        ))?;
        add_sum(&mut sums, scope, hash);
        let others = also.query_map([number], |row| row.get(0))?;
        for other in others {
            add_sum(&mut sums, other?, hash);
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_step() {
        assert_eq!(STEPS.len(), usize::try_from(SCHEMA).unwrap());
    }
}
