//! Loads a snapshot part by part. Each part replaces its range in one transaction; the last one moves the cursor.
//!
//! Until then the cursor stays, what was here stays usable, and a kill at any instant loses no part that was taken.

use super::rows::{Rows, Stored};
use super::scopes::{HeldScope, list_scopes, sums_of, write_scope};
use super::{Replica, arrived, lookups};
use crate::engine::{Held, LoadError, PlanError, Range, check_manifest, read_part};
use crate::error::ReplicaError;
use crate::search::IndexChange;
use domain::api::sync::{Cursor, Manifest, Part, Scope, Sum};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior};
use std::collections::BTreeSet;

/// Rows of a range that are looked at before they are taken away.
const BATCH: usize = 5_000;

/// A snapshot that is being loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loading {
    /// Where the scope stands once it is here.
    pub cursor: Cursor,
    /// What the scope holds then.
    pub sum: Sum,
    /// The part to take next; those before it are here.
    pub next_part: u32,
    /// How many parts there are.
    pub parts: u32,
    /// Entities in the parts that are here.
    pub rows: u64,
}

/// What a part changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// Entities that are other than before.
    pub changes: usize,
    /// Commands that left the queue because their changes are here.
    pub confirmed: usize,
    /// The part to take next. `None`: the snapshot is here, and the cursor stands at it.
    pub next_part: Option<u32>,
    /// The snapshot is here, and the scope does not hold what it should: it has to be repaired.
    pub differs: bool,
}

impl Replica {
    /// Begins to load a snapshot, or goes on with the same one. Another one that was begun there is given up; its
    /// rows stay until they are replaced.
    pub fn load_begin(&self, manifest: &Manifest) -> Result<Loading, ReplicaError> {
        check_manifest(manifest)?;
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let scope = granted(&transaction, &manifest.scope)?;
        if let Some(loading) = read(&transaction, scope.number)?
            && loading.cursor == manifest.cursor
            && list_parts(&transaction, scope.number)? == manifest.parts
        {
            return Ok(loading);
        }
        forget(&transaction, scope.number)?;
        write(&transaction, scope.number, manifest)?;
        let loading = read(&transaction, scope.number)?;
        transaction.commit()?;
        Ok(loading.ok_or_else(|| not_loading(&manifest.scope))?)
    }

    /// The snapshot of a scope that is being loaded.
    pub fn load_standing(&self, scope: &Scope) -> Result<Option<Loading>, ReplicaError> {
        self.read(|connection| {
            let scopes = list_scopes(connection)?;
            let number = scopes.get(scope).map(|scope| scope.number);
            number.map_or(Ok(None), |number| read(connection, number))
        })
    }

    /// Gives up a snapshot that is being loaded. Rows that came with it stay; the cursor does not move.
    pub fn load_abandon(&self, scope: &Scope) -> Result<(), ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(held) = list_scopes(&transaction)?.get(scope) {
            forget(&transaction, held.number)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Takes part number `part` (from 0) of the snapshot at `cursor`. A part that is here already changes nothing; an
    /// error means that nothing was changed.
    pub fn load_part(
        &self,
        scope: &Scope,
        cursor: Cursor,
        part: u32,
        bytes: &[u8],
    ) -> Result<Loaded, ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let held = granted(&transaction, scope)?;
        let loading = read(&transaction, held.number)?.filter(|loading| loading.cursor == cursor);
        let loading = loading.ok_or_else(|| not_loading(scope))?;
        if part < loading.next_part {
            return Ok(Loaded {
                next_part: Some(loading.next_part),
                ..Loaded::default()
            });
        }
        if part > loading.next_part {
            let expected = loading.next_part;
            return Err(LoadError::NotNext { expected }.into());
        }
        let (loaded, index) = take(&transaction, scope, held, loading, bytes)?;
        transaction.commit()?;
        if index.iter().any(IndexChange::is_customer) {
            let rest = loading.sum.rows.saturating_sub(loading.rows);
            self.search_mut()
                .reserve_customers(usize::try_from(rest).unwrap_or(usize::MAX));
        }
        self.teach(index, loaded.next_part.is_none());
        Ok(loaded)
    }
}

fn not_loading(scope: &Scope) -> LoadError {
    let scope = scope.clone();
    LoadError::NotLoading { scope }
}

fn granted(connection: &Connection, scope: &Scope) -> Result<HeldScope, ReplicaError> {
    let held = list_scopes(connection)?.get(scope).copied();
    held.filter(|held| held.held.granted).ok_or_else(|| {
        let scope = scope.clone();
        PlanError::NotGranted { scope }.into()
    })
}

/// Takes the next part, and what follows from it.
fn take(
    connection: &Connection,
    name: &Scope,
    scope: HeldScope,
    loading: Loading,
    bytes: &[u8],
) -> Result<(Loaded, Vec<IndexChange>), ReplicaError> {
    let range = read_range(connection, scope.number, loading.next_part)?;
    let range = range.ok_or_else(|| not_loading(name))?;
    let mut rows = Rows::begin(connection, sums_of(&list_scopes(connection)?))?;
    // Where no row was there before, none can be left over.
    let was_empty = rows.sum(scope.number).rows == loading.rows;
    let mut loaded = Loaded {
        changes: replace(&mut rows, scope.number, &range, bytes, was_empty)?,
        ..Loaded::default()
    };
    let sum = rows.sum(scope.number);
    let index = rows.finish()?;
    let next_part = loading.next_part.saturating_add(1);
    if next_part < loading.parts {
        loaded.next_part = Some(next_part);
        connection
            .prepare_cached(include_str!("sql/write_next_part.sql"))?
            .execute((scope.number, next_part, range.part.sum.rows))?;
        lookups::extend_when_due(connection)?;
        return Ok((loaded, index));
    }
    loaded.differs = sum != loading.sum;
    forget(connection, scope.number)?;
    let held = Held {
        cursor: loading.cursor,
        ..scope.held
    };
    write_scope(connection, name, held)?;
    loaded.confirmed = arrived::remove_confirmed(connection, &list_scopes(connection)?)?;
    lookups::extend(connection)?;
    Ok((loaded, index))
}

/// Makes the scope hold in this range what the part holds, and nothing else. Gives how many entities moved.
fn replace(
    rows: &mut Rows<'_>,
    scope: i64,
    range: &Range,
    bytes: &[u8],
    was_empty: bool,
) -> Result<usize, ReplicaError> {
    let (mut changes, mut kept) = (0, BTreeSet::new());
    read_part(bytes, range, |entity, hash| {
        let put = rows.put(scope, &entity, hash, false)?;
        changes += usize::from(put.moved);
        if !was_empty {
            kept.insert(put.row);
        }
        Ok::<_, ReplicaError>(())
    })?;
    if !was_empty {
        changes += take_left_over(rows, scope, range, &kept)?;
    }
    Ok(changes)
}

/// Takes away what lies in the range and did not come with the part. Gives how many.
fn take_left_over(
    rows: &mut Rows<'_>,
    scope: i64,
    range: &Range,
    kept: &BTreeSet<i64>,
) -> Result<usize, ReplicaError> {
    let mut gone = 0;
    for (kind, number) in rows.kinds.list() {
        let Some((mut after, end)) = within(range, &kind) else {
            continue;
        };
        loop {
            let entities = list_range(rows.connection, number, &after, end.as_deref())?;
            let Some((_, last)) = entities.last() else {
                break;
            };
            after.clone_from(last);
            for (stored, id) in entities {
                let here = stored.scope == scope || rows.is_in(stored.row, scope)?;
                if here && !kept.contains(&stored.row) {
                    rows.let_go(&stored, scope, &kind, &id)?;
                    gone += 1;
                }
            }
        }
    }
    Ok(gone)
}

/// Which ids of a kind are in a range: after the first, up to and with the second. `None` where the kind is not.
fn within(range: &Range, kind: &str) -> Option<(String, Option<String>)> {
    let after = match &range.after {
        Some((first, _)) if kind < first.as_str() => return None,
        Some((first, id)) if kind == first => id.clone(),
        _ => String::new(),
    };
    let end = match &range.part.last {
        Some((last, _)) if kind > last.as_str() => return None,
        Some((last, id)) if kind == last => Some(id.clone()),
        _ => None,
    };
    Some((after, end))
}

fn list_range(
    connection: &Connection,
    kind: i64,
    after: &str,
    end: Option<&str>,
) -> Result<Vec<(Stored, String)>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_range.sql"))?;
    let entities = statement.query_map((kind, after, end, BATCH), |row| {
        Ok((Stored::read(row)?, row.get(4)?))
    })?;
    Ok(entities.collect::<Result<_, _>>()?)
}

/// The snapshot of a scope that is being loaded.
pub(super) fn read(connection: &Connection, scope: i64) -> Result<Option<Loading>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/read_loading.sql"))?;
    let loading = statement.query_row([scope], |row| {
        Ok(Loading {
            cursor: Cursor {
                epoch: row.get(0)?,
                seq: row.get(1)?,
            },
            sum: Sum {
                rows: row.get(2)?,
                checksum: row.get::<_, i64>(3)?.cast_unsigned(),
            },
            parts: row.get(4)?,
            next_part: row.get(5)?,
            rows: row.get(6)?,
        })
    });
    Ok(loading.optional()?)
}

/// Whether any snapshot is being loaded.
pub(super) fn is_any(connection: &Connection) -> Result<bool, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/any_loading.sql"))?;
    Ok(statement.exists([])?)
}

/// Forgets that a snapshot is being loaded. Its rows stay.
pub(super) fn forget(connection: &Connection, scope: i64) -> Result<(), ReplicaError> {
    for sql in [
        include_str!("sql/delete_loading.sql"),
        include_str!("sql/delete_loading_parts.sql"),
    ] {
        connection.prepare_cached(sql)?.execute([scope])?;
    }
    Ok(())
}

fn write(connection: &Connection, scope: i64, manifest: &Manifest) -> Result<(), ReplicaError> {
    let Manifest { cursor, sum, .. } = manifest;
    connection
        .prepare_cached(include_str!("sql/add_loading.sql"))?
        .execute((
            scope,
            cursor.epoch,
            cursor.seq,
            sum.rows,
            sum.checksum.cast_signed(),
            manifest.parts.len(),
        ))?;
    let mut statement = connection.prepare_cached(include_str!("sql/add_loading_part.sql"))?;
    for (number, part) in manifest.parts.iter().enumerate() {
        let last = part.last.as_ref();
        statement.execute((
            scope,
            number,
            last.map(|(kind, _)| kind),
            last.map(|(_, id)| id),
            part.sum.rows,
            part.sum.checksum.cast_signed(),
            part.bytes,
            &part.sha256,
        ))?;
    }
    Ok(())
}

/// A part with where its range begins: at the end of the one before.
fn read_range(
    connection: &Connection,
    scope: i64,
    part: u32,
) -> Result<Option<Range>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/read_loading_part.sql"))?;
    let before = part.checked_sub(1);
    let after = before.map(|before| statement.query_row((scope, before), read_part_row));
    let part = statement
        .query_row((scope, part), read_part_row)
        .optional()?;
    let after = after.transpose()?.and_then(|before| before.last);
    Ok(part.map(|part| Range { after, part }))
}

fn read_part_row(row: &Row<'_>) -> Result<Part, rusqlite::Error> {
    let (kind, id): (Option<String>, Option<String>) = (row.get(0)?, row.get(1)?);
    Ok(Part {
        last: kind.zip(id),
        sum: Sum {
            rows: row.get(2)?,
            checksum: row.get::<_, i64>(3)?.cast_unsigned(),
        },
        bytes: row.get(4)?,
        sha256: row.get(5)?,
    })
}

fn list_parts(connection: &Connection, scope: i64) -> Result<Vec<Part>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_loading_parts.sql"))?;
    let parts = statement.query_map([scope], read_part_row)?;
    Ok(parts.collect::<Result<_, _>>()?)
}
