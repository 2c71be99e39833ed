//! Writing: locks, looks, writes, commits.

use super::refusal::{commit_refused, refused};
use crate::ports::ledger::{Key, LedgerError, Write};
use deadpool_postgres::{Object, Transaction};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Error;

/// Locks in the order of their numbers: two batches that share some never wait for each other. Two keys with one number
/// wait without need, once in 2^64.
const LOCK: &str =
    "SELECT pg_advisory_xact_lock(n) FROM (SELECT unnest($1::bigint[]) AS n ORDER BY 1) AS locks";
const LOOK: &str = "SELECT i.partition, i.sort, i.revision FROM aisle_item i
    JOIN unnest($1::bytea[], $2::bytea[]) AS k(partition, sort)
    ON i.partition = k.partition AND i.sort = k.sort";
const PUT: &str = "INSERT INTO aisle_item (partition, sort, revision, body)
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[])
    ON CONFLICT (partition, sort) DO UPDATE SET revision = EXCLUDED.revision, body = EXCLUDED.body";
const DELETE: &str =
    "DELETE FROM aisle_item i USING unnest($1::bytea[], $2::bytea[]) AS k(partition, sort)
    WHERE i.partition = k.partition AND i.sort = k.sort";

pub(super) async fn all(connection: &mut Object, batch: &[Write]) -> Result<(), LedgerError> {
    let transaction = connection.transaction().await;
    let transaction = transaction.map_err(|error| refused(&error))?;
    let revisions = look(&transaction, batch).await;
    let revisions = revisions.map_err(|error| refused(&error))?;
    let of = |key: &Key| revisions.get(key).copied();
    let conflict = batch
        .iter()
        .position(|write| !write.condition().holds(of(write.key())));
    if let Some(index) = conflict {
        // Dropped, the transaction is undone.
        return Err(LedgerError::Conflict { index });
    }
    put(&transaction, batch, &revisions)
        .await
        .map_err(|error| refused(&error))?;
    delete(&transaction, batch)
        .await
        .map_err(|error| refused(&error))?;
    let committed = transaction.commit().await;
    committed.map_err(|error| commit_refused(&error))
}

/// Locks the keys, and reads their revisions by a statement after that: it sees what the last holder committed.
async fn look(transaction: &Transaction<'_>, batch: &[Write]) -> Result<BTreeMap<Key, u64>, Error> {
    let locks: BTreeSet<i64> = batch.iter().map(|write| lock_of(write.key())).collect();
    let locks: Vec<i64> = locks.into_iter().collect();
    let lock = transaction.prepare_cached(LOCK).await?;
    transaction.query(&lock, &[&locks]).await?;
    let (partitions, sorts) = columns(batch.iter().map(Write::key));
    let look = transaction.prepare_cached(LOOK).await?;
    let rows = transaction.query(&look, &[&partitions, &sorts]).await?;
    let mut revisions = BTreeMap::new();
    for row in rows {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let key = Key::new(text(row.try_get(0)?), text(row.try_get(1)?));
        let revision: i64 = row.try_get(2)?;
        revisions.insert(key, revision.unsigned_abs());
    }
    Ok(revisions)
}

async fn put(
    transaction: &Transaction<'_>,
    batch: &[Write],
    revisions: &BTreeMap<Key, u64>,
) -> Result<(), Error> {
    let puts = batch.iter().filter_map(|write| match write {
        Write::Put { key, body, .. } => Some((key, body.as_str())),
        Write::Delete { .. } | Write::Check { .. } => None,
    });
    let puts: Vec<(&Key, &str)> = puts.collect();
    if puts.is_empty() {
        return Ok(());
    }
    let (partitions, sorts) = columns(puts.iter().map(|(key, _)| *key));
    let next = |key: &Key| {
        let before = revisions.get(key).copied().unwrap_or(0);
        i64::try_from(before.saturating_add(1)).unwrap_or(i64::MAX)
    };
    let next: Vec<i64> = puts.iter().map(|(key, _)| next(key)).collect();
    let bodies: Vec<&str> = puts.iter().map(|(_, body)| *body).collect();
    let put = transaction.prepare_cached(PUT).await?;
    let arguments: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&partitions, &sorts, &next, &bodies];
    transaction.execute(&put, &arguments).await?;
    Ok(())
}

async fn delete(transaction: &Transaction<'_>, batch: &[Write]) -> Result<(), Error> {
    let gone = batch
        .iter()
        .filter(|write| matches!(write, Write::Delete { .. }));
    let (partitions, sorts) = columns(gone.map(Write::key));
    if partitions.is_empty() {
        return Ok(());
    }
    let delete = transaction.prepare_cached(DELETE).await?;
    transaction.execute(&delete, &[&partitions, &sorts]).await?;
    Ok(())
}

/// Keys as two arrays of the same length.
fn columns<'a>(keys: impl Iterator<Item = &'a Key>) -> (Vec<&'a [u8]>, Vec<&'a [u8]>) {
    keys.map(|key| (key.partition.as_bytes(), key.sort.as_bytes()))
        .unzip()
}

/// The number of a key's lock. The partition's length goes in first, so that no two keys are the same bytes.
fn lock_of(key: &Key) -> i64 {
    let hash = Sha256::new()
        .chain_update(key.partition.len().to_be_bytes())
        .chain_update(&key.partition)
        .chain_update(&key.sort)
        .finalize();
    hash.iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | i64::from(*byte))
}
