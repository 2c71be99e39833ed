//! Finds and mends what differs from the cloud: both compare buckets, whole buckets come anew.

use super::rows::{Rows, Stored};
use super::scopes::{HeldScope, list_scopes, sums_of};
use super::{Replica, lookups, snapshot};
use crate::engine::{PlanError, Repair};
use crate::error::ReplicaError;
use crate::search::IndexChange;
use domain::api::sync::{BUCKETS, Cursor, Scope, Sum, bucket, row_hash};
use rusqlite::{Connection, Row, TransactionBehavior};
use std::collections::BTreeSet;

/// Entities that are looked at before any is taken away.
const BATCH: usize = 5_000;

/// What a repair did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repaired {
    /// The answer is for another cursor than the scope has by now: nothing was done.
    Moved,
    /// The buckets hold what they should.
    Done {
        /// Entities that were written or taken away.
        changes: usize,
        /// Whether the scope still holds something else than it should.
        differs: bool,
    },
}

impl Replica {
    /// What a scope holds at its cursor, bucket by bucket. It is counted from the bodies themselves, so that a broken
    /// row is found whatever was written down about it.
    pub fn bucket_sums(&self, scope: &Scope) -> Result<(Cursor, Vec<Sum>), ReplicaError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let held = find(&transaction, scope)?;
            let mut sums = vec![Sum::default(); BUCKETS];
            let mut statement =
                transaction.prepare_cached(include_str!("sql/list_bodies_of.sql"))?;
            let mut rows = statement.query([held.number])?;
            while let Some(row) = rows.next()? {
                let (bucket, hash) = hash_of(row)?;
                if let Some(sum) = sums.get_mut(usize::from(bucket)) {
                    sum.add(hash);
                }
            }
            Ok((held.held.cursor, sums))
        })
    }

    /// Takes the answer of a repair, all of it or nothing; only where the scope stands at the cursor that it is for.
    pub fn repair(&self, scope: &Scope, repair: &Repair) -> Result<Repaired, ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let held = find(&transaction, scope)?;
        let loading = snapshot::read(&transaction, held.number)?.is_some();
        if held.held.cursor != repair.cursor() || loading {
            return Ok(Repaired::Moved);
        }
        let (changes, sum, index) = replace(&transaction, held.number, repair)?;
        transaction.commit()?;
        self.teach(index, true);
        Ok(Repaired::Done {
            changes,
            differs: sum != repair.sum(),
        })
    }
}

fn find(connection: &Connection, scope: &Scope) -> Result<HeldScope, ReplicaError> {
    let held = list_scopes(connection)?.get(scope).copied();
    held.filter(|held| held.held.granted).ok_or_else(|| {
        let scope = scope.clone();
        PlanError::NotGranted { scope }.into()
    })
}

/// Makes the buckets hold what the answer has, and counts the whole scope anew. Gives how many entities moved, and
/// what the scope holds.
fn replace(
    connection: &Connection,
    scope: i64,
    repair: &Repair,
) -> Result<(usize, Sum, Vec<IndexChange>), ReplicaError> {
    let mut rows = Rows::begin(connection, sums_of(&list_scopes(connection)?))?;
    let mut kept = BTreeSet::new();
    repair.each_row(|entity| {
        kept.insert(rows.put(scope, &entity, entity.hash(), true)?.row);
        Ok::<_, ReplicaError>(())
    })?;
    let gone = take_left_over(&mut rows, scope, repair, &kept)?;
    let sum = recount(connection, scope)?;
    rows.set_sum(scope, sum);
    let index = rows.finish()?;
    lookups::extend(connection)?;
    Ok((kept.len() + gone, sum, index))
}

/// Takes away what is in the buckets and did not come. Gives how many.
fn take_left_over(
    rows: &mut Rows<'_>,
    scope: i64,
    repair: &Repair,
    kept: &BTreeSet<i64>,
) -> Result<usize, ReplicaError> {
    let (mut after, mut gone) = (0, 0);
    loop {
        let entities = list_rows(rows.connection, scope, after)?;
        let Some((last, ..)) = entities.last() else {
            return Ok(gone);
        };
        after = last.row;
        for (stored, kind, id) in &entities {
            if repair.buckets().contains(&bucket(kind, id)) && !kept.contains(&stored.row) {
                rows.let_go(stored, scope, kind, id)?;
                gone += 1;
            }
        }
    }
}

fn list_rows(
    connection: &Connection,
    scope: i64,
    after: i64,
) -> Result<Vec<(Stored, String, String)>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_all_scope_rows.sql"))?;
    let entities = statement.query_map((scope, after, BATCH), |row| {
        Ok((Stored::read(row)?, row.get(4)?, row.get(5)?))
    })?;
    Ok(entities.collect::<Result<_, _>>()?)
}

/// What a scope holds by its bodies; a hash that was written down wrongly is put right.
fn recount(connection: &Connection, scope: i64) -> Result<Sum, ReplicaError> {
    let mut sum = Sum::default();
    let mut wrong = Vec::new();
    let mut statement = connection.prepare_cached(include_str!("sql/list_bodies_of.sql"))?;
    let mut rows = statement.query([scope])?;
    while let Some(row) = rows.next()? {
        let (_, hash) = hash_of(row)?;
        sum.add(hash);
        if row.get::<_, i64>(4)? != hash.cast_signed() {
            wrong.push((row.get::<_, i64>(5)?, hash));
        }
    }
    let mut statement = connection.prepare_cached(include_str!("sql/write_hash.sql"))?;
    for (row, hash) in wrong {
        statement.execute((row, hash.cast_signed()))?;
    }
    Ok(sum)
}

/// The bucket and the hash of an entity, from the columns kind, id, version, body.
fn hash_of(row: &Row<'_>) -> Result<(u8, u64), ReplicaError> {
    let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
    let (kind, id) = (text(0)?, text(1)?);
    let hash = row_hash(kind, id, row.get(2)?, text(3)?);
    Ok((bucket(kind, id), hash))
}
