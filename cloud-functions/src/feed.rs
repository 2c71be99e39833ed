//! Gap-free change feeds over the ledger: one write moves entities, their feed entries and the heads together.
//!
//! Keys (the same on every engine): scope head `S#<scope>` / `HEAD`, feed entry `S#<scope>` / `F#<seq, 20 digits>`,
//! entity `E#<kind>#<id>` / `V`. A reader delivers the contiguous prefix only, so it never skips a number that a slower
//! writer has still to fill.

use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Stored, Write};
use crate::ports::poke::Poke;
use crate::table::TableError;
use domain::api::sync::{Change, Cursor, Op, Scope};
use domain::ids::CommandId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How often a publish starts over when somebody else moved a head first.
const MAX_TRIES: usize = 40;
/// The most changes in one publish: each needs an entry and an entity, and each scope a head.
pub const MAX_PUBLISH: usize = 45;

/// The head of a scope's feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Which life of the feed.
    pub epoch: u64,
    /// The last number given.
    pub seq: u64,
    /// Entries up to this number may be gone: who is behind needs a snapshot.
    pub floor: u64,
    /// The lowest schema that can read the feed.
    pub min_schema: u32,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            epoch: 1,
            seq: 0,
            floor: 0,
            min_schema: 1,
        }
    }
}

/// A feed entry as it lies in the ledger.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    kind: String,
    id: String,
    version: u64,
    op: Op,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    command: Option<CommandId>,
}

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

/// The key of an entity.
#[must_use]
pub fn entity_key(kind: &str, id: &str) -> Key {
    Key::new(format!("E#{kind}#{id}"), "V")
}

/// The key of a scope's head.
#[must_use]
pub fn head_key(scope: &Scope) -> Key {
    Key::new(format!("S#{scope}"), "HEAD")
}

fn entry_sort(seq: u64) -> String {
    format!("F#{seq:020}")
}

/// The head of a scope; a feed that nobody wrote to has the default head.
pub async fn read_head(ledger: &dyn Ledger, scope: &Scope) -> Result<Head, PublishError> {
    match ledger.read(&head_key(scope)).await? {
        Some(stored) => parse(&stored),
        None => Ok(Head::default()),
    }
}

/// The heads of several scopes, in their order; at most [`crate::ports::ledger::MAX_PAGE`].
pub async fn read_all_heads(
    ledger: &dyn Ledger,
    scopes: &[Scope],
) -> Result<Vec<Head>, PublishError> {
    let keys: Vec<Key> = scopes.iter().map(head_key).collect();
    let stored = ledger.read_all(&keys).await?;
    let heads = stored.iter().map(|stored| stored.as_ref().map(parse));
    heads
        .map(|head| head.transpose().map(Option::unwrap_or_default))
        .collect()
}

/// Moves entities, tells their feeds, and writes what the caller puts `beside`, all or nothing. At most
/// [`MAX_PUBLISH`] moves, less where there is much beside; each entity once. Answers the last number in each feed.
pub async fn publish(
    ledger: &dyn Ledger,
    poke: &Poke,
    moves: &[Move],
    beside: &[Write],
) -> Result<BTreeMap<Scope, u64>, PublishError> {
    publish_with(ledger, poke, moves, |_| Ok(beside.to_vec())).await
}

/// As [`publish`], where what lies `beside` depends on the numbers that the moves are given.
pub async fn publish_with(
    ledger: &dyn Ledger,
    poke: &Poke,
    moves: &[Move],
    beside: impl Fn(&BTreeMap<Scope, u64>) -> Result<Vec<Write>, PublishError> + Send + Sync,
) -> Result<BTreeMap<Scope, u64>, PublishError> {
    for _ in 0..MAX_TRIES {
        let plan = plan(ledger, moves, &beside).await?;
        match ledger.write(plan.batch).await {
            Ok(()) => {
                plan.seqs.keys().for_each(|scope| poke.moved(scope));
                return Ok(plan.seqs);
            }
            Err(LedgerError::Conflict { index }) => match blame(index, moves, plan.beside) {
                Some(error) => return Err(error),
                None => continue,
            },
            Err(error) => return Err(error.into()),
        }
    }
    Err(PublishError::Busy)
}

struct Plan {
    batch: Vec<Write>,
    /// How many writes of the batch are the caller's own; they come first.
    beside: usize,
    seqs: BTreeMap<Scope, u64>,
}

/// Who is to blame for the refused write: the caller (an error), or a race for head or entry (`None`: try again).
///
/// The batch is `beside`, then an entity for each move, then heads, then entries.
fn blame(index: usize, moves: &[Move], beside: usize) -> Option<PublishError> {
    if index < beside {
        return Some(PublishError::Beside { index });
    }
    let moved = moves.get(index - beside)?;
    (moved.condition != Condition::Any).then(|| PublishError::Moved {
        kind: moved.kind,
        id: moved.id.clone(),
    })
}

async fn plan(
    ledger: &dyn Ledger,
    moves: &[Move],
    beside: impl Fn(&BTreeMap<Scope, u64>) -> Result<Vec<Write>, PublishError> + Send + Sync,
) -> Result<Plan, PublishError> {
    let mut heads = read_heads(ledger, moves).await?;
    let entities: Vec<Key> = moves.iter().map(|m| entity_key(m.kind, &m.id)).collect();
    let stored = ledger.read_all(&entities).await?;
    let mut entity_writes = Vec::with_capacity(moves.len());
    let mut entries = Vec::with_capacity(moves.len());
    for ((moved, key), stored) in moves.iter().zip(entities).zip(stored) {
        let Some((head, _)) = heads.get_mut(&moved.scope) else {
            continue;
        };
        head.seq += 1;
        let revision = stored.map_or(0, |stored| stored.revision);
        entity_writes.push(entity_write(moved, key, revision));
        entries.push(entry_write(moved, head.seq, revision + 1)?);
    }
    let seqs = heads
        .iter()
        .map(|(scope, (head, _))| (scope.clone(), head.seq))
        .collect();
    let mut batch = beside(&seqs)?;
    let beside = batch.len();
    batch.extend(entity_writes);
    for (scope, (head, condition)) in heads {
        batch.push(Write::put(head_key(&scope), encode(&head)?, condition));
    }
    batch.extend(entries);
    Ok(Plan {
        batch,
        beside,
        seqs,
    })
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
            None => (Head::default(), Condition::Absent),
        };
        heads.insert(moved.scope.clone(), head);
    }
    Ok(heads)
}

/// Even an overwrite is conditional on the revision that its entry names, so that entry and entity always agree.
fn entity_write(moved: &Move, key: Key, revision: u64) -> Write {
    let seen = if revision == 0 {
        Condition::Absent
    } else {
        Condition::Revision(revision)
    };
    let condition = if moved.condition == Condition::Any {
        seen
    } else {
        moved.condition
    };
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
    let key = Key::new(format!("S#{}", moved.scope), entry_sort(seq));
    Ok(Write::put(key, encode(&entry)?, Condition::Absent))
}

/// Reads the feed after `cursor`: the contiguous prefix, at most `limit` changes. Fewer means that this was the end.
pub async fn read_after(
    ledger: &dyn Ledger,
    scope: &Scope,
    cursor: Cursor,
    limit: usize,
) -> Result<Vec<Change>, PublishError> {
    let partition = format!("S#{scope}");
    let (from, to) = (
        entry_sort(cursor.seq.saturating_add(1)),
        entry_sort(u64::MAX),
    );
    let page = ledger.range(&partition, &from..&to, limit).await?;
    let mut changes = Vec::with_capacity(page.len());
    let mut seq = cursor.seq;
    for stored in page {
        seq = seq.saturating_add(1);
        if stored.key.sort != entry_sort(seq) {
            break;
        }
        let Entry {
            kind,
            id,
            version,
            op,
            body,
            command,
        } = parse(&stored)?;
        changes.push(Change {
            scope: scope.clone(),
            seq,
            kind,
            id,
            version,
            op,
            body,
            command,
        });
    }
    Ok(changes)
}

fn parse<'a, T: Deserialize<'a>>(stored: &'a Stored) -> Result<T, PublishError> {
    serde_json::from_str(&stored.body).map_err(|error| PublishError::Corrupt {
        key: format!("{} / {}", stored.key.partition, stored.key.sort),
        reason: error.to_string(),
    })
}

fn encode<T: Serialize>(value: &T) -> Result<String, PublishError> {
    serde_json::to_string(value).map_err(|error| PublishError::Corrupt {
        key: "a new item".to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
