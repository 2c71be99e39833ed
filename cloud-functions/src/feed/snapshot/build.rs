//! Builds the next snapshot of a scope, and gives up what it replaces.
//!
//! In this order: parts, manifest, head, deletions. Killed anywhere, what was there before stands, and the next build
//! begins anew or goes on with the deletions.

use super::super::{
    Head, PublishError, SnapshotAt, encode, entry_sort, head_key, parse, partition, read_head,
};
use super::FORM;
use super::keep::{Place, clean};
use super::merge::{Merge, Merged};
use super::pack::{Lines, Packed};
use super::tail::Tail;
use crate::ports::ledger::{Condition, Ledger, LedgerError, MAX_WRITES, Write};
use domain::api::sync::{Change, Cursor, MAX_PARTS, Manifest, Part, Row, Scope, Sum};
use serde_json::value::RawValue;

/// A tail up to this long is no reason for a snapshot.
const SHORT_TAIL: u64 = 2_000;
/// How much of a tail one build takes in, in bytes of memory; a longer one takes several builds.
const MAX_TAIL_BYTES: usize = 64 * 1024 * 1024;
/// How often the head is moved anew when a writer moved it first.
const MAX_TRIES: usize = 100;

/// Why a snapshot was not built. What was there before stands.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The feed or the ledger.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// What the entries make is not what the head counted: devices would be told the wrong sum.
    #[error("{scope} holds {found:?} at {seq}, and its head says {told:?}")]
    Differs {
        /// Which scope.
        scope: Scope,
        /// At which number.
        seq: u64,
        /// What snapshot and entries give.
        found: Sum,
        /// What the head says.
        told: Sum,
    },
    /// More than [`MAX_PARTS`].
    #[error("{0} has too many parts")]
    TooLarge(Scope),
    /// A row or a part could not be encoded.
    #[error("a part could not be written: {0}")]
    Encoding(String),
}

impl From<LedgerError> for BuildError {
    fn from(error: LedgerError) -> Self {
        Self::Publish(error.into())
    }
}

/// Whether the tail after the newest snapshot has grown long: who has nothing would take much longer over it than over
/// a snapshot.
#[must_use]
pub fn is_due(head: &Head) -> bool {
    let from = head.snapshot.map_or(0, |at| at.seq);
    head.seq.saturating_sub(from) > SHORT_TAIL.max(head.sum.rows / 4)
}

/// Builds a snapshot of a scope and moves its head to it; a very long tail takes several. Answers where the newest
/// snapshot stands then, if there is one. Several may build at once, and any of them may be killed.
pub async fn build(ledger: &dyn Ledger, scope: &Scope) -> Result<Option<SnapshotAt>, BuildError> {
    let head = read_head(ledger, scope).await?;
    let from = head.snapshot.map_or(0, |at| at.seq);
    if from == head.seq {
        return Ok(head.snapshot);
    }
    let start = Cursor {
        epoch: head.epoch,
        seq: from,
    };
    let tail = Tail::read(ledger, scope, start, head.seq, MAX_TAIL_BYTES, word).await?;
    if tail.through == from {
        // Somebody built meanwhile and the entries are gone, or the first one is still to be filled.
        return Ok(read_head(ledger, scope).await?.snapshot);
    }
    let at = Cursor {
        seq: tail.through,
        ..start
    };
    let Some(merge) = Merge::begin(ledger, scope, head.epoch, head.snapshot, tail.rows).await?
    else {
        return Ok(read_head(ledger, scope).await?.snapshot);
    };
    let place = Place::of(scope, at, *FORM);
    let parts = write_parts(ledger, scope, &place, merge).await?;
    let snapshot = finish(ledger, scope, &place, &head, at, parts).await?;
    move_head(ledger, scope, at.epoch, snapshot).await?;
    give_up(ledger, scope).await?;
    Ok(read_head(ledger, scope).await?.snapshot)
}

type Word = (u64, Box<RawValue>);

fn word(change: &Change) -> Option<(Word, usize)> {
    let body = change.body.clone()?;
    let bytes = body.get().len();
    Some(((change.version, body), bytes))
}

async fn write_parts(
    ledger: &dyn Ledger,
    scope: &Scope,
    place: &Place,
    mut merge: Merge<Word>,
) -> Result<Vec<Part>, BuildError> {
    let mut parts = Vec::new();
    let mut lines = Lines::default();
    while let Some(stretch) = merge.next(ledger).await? {
        for merged in stretch {
            let pushed = lines.push(row(merged));
            pushed.map_err(|error| BuildError::Encoding(error.to_string()))?;
            if lines.is_full() {
                cut(ledger, scope, place, std::mem::take(&mut lines), &mut parts).await?;
            }
        }
    }
    // A scope that holds nothing has one part that says so.
    if !lines.is_empty() || parts.is_empty() {
        cut(ledger, scope, place, lines, &mut parts).await?;
    }
    if let Some(last) = parts.last_mut() {
        last.last = None;
    }
    Ok(parts)
}

fn row(merged: Merged<Word>) -> Row {
    match merged {
        Merged::Kept(row) => row,
        Merged::New((kind, id), (version, body)) => Row {
            kind,
            id,
            version,
            body,
        },
    }
}

async fn cut(
    ledger: &dyn Ledger,
    scope: &Scope,
    place: &Place,
    lines: Lines,
    parts: &mut Vec<Part>,
) -> Result<(), BuildError> {
    let encoding = |error: std::io::Error| BuildError::Encoding(error.to_string());
    let packing = tokio::task::spawn_blocking(move || lines.pack());
    let packed = packing.await.map_err(std::io::Error::other);
    for Packed { part, bytes } in packed.and_then(|packed| packed).map_err(encoding)? {
        if parts.len() == MAX_PARTS {
            return Err(BuildError::TooLarge(scope.clone()));
        }
        place.write_part(ledger, parts.len(), &bytes).await?;
        parts.push(part);
    }
    Ok(())
}

/// Checks what was built against the head that it was built for, and writes the manifest.
async fn finish(
    ledger: &dyn Ledger,
    scope: &Scope,
    place: &Place,
    head: &Head,
    at: Cursor,
    parts: Vec<Part>,
) -> Result<SnapshotAt, BuildError> {
    let mut sum = Sum::default();
    for part in &parts {
        sum.rows = sum.rows.wrapping_add(part.sum.rows);
        sum.checksum = sum.checksum.wrapping_add(part.sum.checksum);
    }
    if at.seq == head.seq && sum != head.sum {
        return Err(BuildError::Differs {
            scope: scope.clone(),
            seq: at.seq,
            found: sum,
            told: head.sum,
        });
    }
    let manifest = Manifest {
        scope: scope.clone(),
        cursor: at,
        sum,
        parts,
    };
    place.write_manifest(ledger, &manifest).await?;
    Ok(SnapshotAt {
        seq: at.seq,
        sum,
        form: *FORM,
    })
}

/// Names the snapshot in the head, unless a newer one is named by now.
async fn move_head(
    ledger: &dyn Ledger,
    scope: &Scope,
    epoch: u64,
    snapshot: SnapshotAt,
) -> Result<(), BuildError> {
    for _ in 0..MAX_TRIES {
        let Some(stored) = ledger.read(&head_key(scope)).await? else {
            return Ok(());
        };
        let head: Head = parse(&stored)?;
        let is_overtaken = head.snapshot.is_some_and(|at| at.seq >= snapshot.seq);
        if head.epoch != epoch || is_overtaken {
            return Ok(());
        }
        let next = Head {
            floor: head.snapshot.map_or(head.floor, |at| at.seq),
            snapshot: Some(snapshot),
            previous: head.snapshot,
            ..head
        };
        let condition = Condition::Revision(stored.revision);
        let write = Write::put(head_key(scope), encode(&next)?, condition);
        match ledger.write(vec![write]).await {
            Ok(()) => return Ok(()),
            Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(PublishError::Busy.into())
}

/// Deletes what somebody who was killed has left, where there is something.
pub async fn tidy(ledger: &dyn Ledger, scope: &Scope) -> Result<(), BuildError> {
    let head = read_head(ledger, scope).await?;
    let (start, end) = (entry_sort(0), entry_sort(head.floor.saturating_add(1)));
    let first = ledger.range(&partition(scope), &start..&end, 1).await?;
    match first.is_empty() {
        true => Ok(()),
        false => give_up(ledger, scope).await,
    }
}

/// Deletes snapshots before those that the head names, and then entries up to the floor: as long as one is left there
/// is something to delete.
async fn give_up(ledger: &dyn Ledger, scope: &Scope) -> Result<(), BuildError> {
    let head = read_head(ledger, scope).await?;
    if let Some(newest) = head.snapshot {
        let epoch = head.epoch;
        let cursor = |at: SnapshotAt| Cursor { epoch, seq: at.seq };
        let named = [head.snapshot, head.previous].into_iter().flatten();
        let kept: Vec<Place> = named
            .map(|at| Place::of(scope, cursor(at), at.form))
            .collect();
        clean(ledger, scope, cursor(newest), &kept).await?;
    }
    delete_entries(ledger, scope, head.floor).await
}

async fn delete_entries(ledger: &dyn Ledger, scope: &Scope, floor: u64) -> Result<(), BuildError> {
    let partition = partition(scope);
    let (start, end) = (entry_sort(0), entry_sort(floor.saturating_add(1)));
    loop {
        let page = ledger.range(&partition, &start..&end, MAX_WRITES).await?;
        let ended = page.len() < MAX_WRITES;
        let deletes = page.into_iter().map(|stored| Write::Delete {
            key: stored.key,
            condition: Condition::Any,
        });
        let deletes: Vec<Write> = deletes.collect();
        if !deletes.is_empty() {
            ledger.write(deletes).await?;
        }
        if ended {
            return Ok(());
        }
    }
}
