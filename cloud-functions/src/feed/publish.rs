//! Writes: entities, their feed entries, the heads, and what a caller puts beside them, all or nothing.

use super::{Entry, Head, SCOPES, encode, entity_key, entry_sort, head_key, parse, partition};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Stored, Write};
use crate::ports::poke::Poke;
use crate::ports::turns::Turn;
use crate::table::TableError;
use domain::api::sync::{Op, Scope, row_hash};
use domain::ids::CommandId;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How often a publish starts over when somebody else moved a head first.
const MAX_TRIES: usize = 40;
/// The most changes in one publish: each needs an entry and an entity, and each scope a head.
pub const MAX_PUBLISH: usize = 45;

/// What an entity should become.
#[derive(Debug, Clone)]
pub struct Move {
    /// In which feed it is told.
    pub scope: Scope,
    /// What kind, see [`domain::api::sync::kind`].
    pub kind: &'static str,
    /// Which one.
    pub id: String,
    /// What it becomes, JSON; `None` deletes it.
    pub body: Option<Box<RawValue>>,
    /// The command behind it.
    pub command: Option<CommandId>,
    /// What the caller saw of the entity before it decided. [`Condition::Any`] overwrites.
    pub condition: Condition,
}

/// Why a publish did not happen. Nothing was written, but where the ledger says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// An entity is not as the caller saw it: read again, decide again.
    #[error("{kind} {id} has moved on")]
    Moved {
        /// What kind.
        kind: &'static str,
        /// Which one.
        id: String,
    },
    /// A condition of the caller's own writes does not hold.
    #[error("write {index} beside the feed was refused")]
    Beside {
        /// Which of [`publish`]'s `beside`.
        index: usize,
    },
    /// The heads moved on faster than this writer could follow.
    #[error("the feed is too busy")]
    Busy,
    /// What lies in the ledger is not readable.
    #[error("{key} in the ledger is not readable: {reason}")]
    Corrupt {
        /// Where.
        key: String,
        /// Why.
        reason: String,
    },
    /// The ledger's own error.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<TableError> for PublishError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Corrupt { key, reason } => Self::Corrupt { key, reason },
            TableError::Ledger(error) => Self::Ledger(error),
        }
    }
}

/// The numbers that moves were given in their feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The last of each feed.
    pub last: BTreeMap<Scope, u64>,
    /// Of each move, in the order of the moves.
    pub each: Vec<u64>,
}

/// Moves entities, tells their feeds, and writes what the caller puts `beside`, all or nothing. At most
/// [`MAX_PUBLISH`] moves, less where there is much beside; each entity once. Answers the last number in each feed.
pub async fn publish(
    ledger: &dyn Ledger,
    poke: &Poke,
    moves: &[Move],
    beside: &[Write],
) -> Result<BTreeMap<Scope, u64>, PublishError> {
    let numbers = publish_with(ledger, poke, moves, |_| Ok(beside.to_vec())).await?;
    Ok(numbers.last)
}

/// As [`publish`], where what lies `beside` depends on the numbers that the moves are given.
pub async fn publish_with(
    ledger: &dyn Ledger,
    poke: &Poke,
    moves: &[Move],
    beside: impl Fn(&Numbers) -> Result<Vec<Write>, PublishError> + Send + Sync,
) -> Result<Numbers, PublishError> {
    let turn = poke.turns().wait_for(moves.iter().map(|m| &m.scope)).await;
    publish_in(&turn, ledger, poke, moves, beside).await
}

/// As [`publish_with`], by a caller who waited for its turn before it read what it decided by. Where the turn is another
/// scope's, nothing but time is lost.
pub async fn publish_in(
    _turn: &Turn,
    ledger: &dyn Ledger,
    poke: &Poke,
    moves: &[Move],
    beside: impl Fn(&Numbers) -> Result<Vec<Write>, PublishError> + Send + Sync,
) -> Result<Numbers, PublishError> {
    for _ in 0..MAX_TRIES {
        let plan = plan(ledger, moves, &beside).await?;
        match ledger.write(plan.batch).await {
            Ok(()) => {
                plan.numbers.last.keys().for_each(|scope| poke.moved(scope));
                return Ok(plan.numbers);
            }
            // Somebody else moved first: a caller's own write is refused, all else is planned anew.
            Err(LedgerError::Conflict { index }) if index < plan.beside => {
                return Err(PublishError::Beside { index });
            }
            Err(LedgerError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(PublishError::Busy)
}

/// The batch is `beside`, then an entity for each move, then heads, then entries.
struct Plan {
    batch: Vec<Write>,
    /// How many writes of the batch are the caller's own; they come first.
    beside: usize,
    numbers: Numbers,
}

async fn plan(
    ledger: &dyn Ledger,
    moves: &[Move],
    beside: impl Fn(&Numbers) -> Result<Vec<Write>, PublishError> + Send + Sync,
) -> Result<Plan, PublishError> {
    // Heads before entities: an entity that moves in between moves its head too, and the batch is refused.
    let mut heads = read_heads(ledger, moves).await?;
    let entities: Vec<Key> = moves.iter().map(|m| entity_key(m.kind, &m.id)).collect();
    let stored = ledger.read_all(&entities).await?;
    let mut entity_writes = Vec::with_capacity(moves.len());
    let mut entries = Vec::with_capacity(moves.len());
    let mut numbers = Numbers::default();
    for ((moved, key), stored) in moves.iter().zip(entities).zip(stored) {
        let Some((head, _)) = heads.get_mut(&moved.scope) else {
            continue;
        };
        let revision = stored.as_ref().map(|stored| stored.revision);
        if !moved.condition.holds(revision) {
            return Err(moved.refused());
        }
        head.seq += 1;
        let version = revision.unwrap_or(0) + 1;
        count(head, moved, stored.as_ref(), version);
        entity_writes.push(entity_write(moved, key, revision));
        entries.push(entry_write(moved, head.seq, version)?);
        numbers.each.push(head.seq);
    }
    let last = heads
        .iter()
        .map(|(scope, (head, _))| (scope.clone(), head.seq));
    numbers.last = last.collect();
    let mut batch = beside(&numbers)?;
    let beside = batch.len();
    batch.extend(entity_writes);
    for (scope, (head, condition)) in heads {
        batch.push(Write::put(head_key(&scope), encode(&head)?, condition));
    }
    batch.extend(entries);
    Ok(Plan {
        batch,
        beside,
        numbers,
    })
}

impl Move {
    fn refused(&self) -> PublishError {
        PublishError::Moved {
            kind: self.kind,
            id: self.id.clone(),
        }
    }
}

/// Moves what the scope holds: the entity as it was goes, as it becomes it comes.
fn count(head: &mut Head, moved: &Move, stored: Option<&Stored>, version: u64) {
    let hash = |version, body: &str| row_hash(moved.kind, &moved.id, version, body);
    if let Some(old) = stored {
        head.sum.remove(hash(old.revision, &old.body));
    }
    if let Some(body) = &moved.body {
        head.sum.add(hash(version, body.get()));
    }
}

type Heads = BTreeMap<Scope, (Head, Condition)>;

async fn read_heads(ledger: &dyn Ledger, moves: &[Move]) -> Result<Heads, PublishError> {
    let mut heads = Heads::new();
    for moved in moves {
        if heads.contains_key(&moved.scope) {
            continue;
        }
        let head = match ledger.read(&head_key(&moved.scope)).await? {
            Some(stored) => (parse(&stored)?, Condition::Revision(stored.revision)),
            None => {
                list(ledger, &moved.scope).await?;
                (Head::default(), Condition::Absent)
            }
        };
        heads.insert(moved.scope.clone(), head);
    }
    Ok(heads)
}

/// Lists a scope before its first entry, in a write of its own: the batch may be full. A line without a head is a scope
/// that holds nothing.
async fn list(ledger: &dyn Ledger, scope: &Scope) -> Result<(), PublishError> {
    let line = Write::put(Key::new(SCOPES, scope.as_str()), "{}", Condition::Any);
    Ok(ledger.write(vec![line]).await?)
}

/// Conditional on the revision that was read: the entry names it, and the head counts it.
fn entity_write(moved: &Move, key: Key, revision: Option<u64>) -> Write {
    let condition = revision.map_or(Condition::Absent, Condition::Revision);
    match &moved.body {
        Some(body) => Write::put(key, body.get(), condition),
        None => Write::Delete { key, condition },
    }
}

fn entry_write(moved: &Move, seq: u64, version: u64) -> Result<Write, PublishError> {
    let op = if moved.body.is_some() {
        Op::Put
    } else {
        Op::Delete
    };
    let entry = Entry {
        kind: moved.kind.to_owned(),
        id: moved.id.clone(),
        version,
        op,
        body: moved.body.clone(),
        command: moved.command.clone(),
    };
    let key = Key::new(partition(&moved.scope), entry_sort(seq));
    Ok(Write::put(key, encode(&entry)?, Condition::Absent))
}
