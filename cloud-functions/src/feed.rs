//! Gap-free change feeds over the ledger: one write moves entities, their feed entries and the heads together.
//!
//! Keys (the same on every engine): scope head `S#<scope>` / `HEAD`, feed entry `S#<scope>` / `F#<seq, 20 digits>`,
//! entity `E#<kind>#<id>` / `V`, snapshots see [`snapshot`]. A reader delivers the contiguous prefix only, so it never skips a number that a slower
//! writer has still to fill. A head tells also what its scope holds ([`Sum`]), moved in the same write; an entity lives
//! in one scope for its whole life.
//!
//! An entity's version is the revision of its item: it starts at 1 again when an entity is made anew after a deletion.
//! Nothing here or on a device takes the higher version for the newer state: what comes later in the feed is newer.

mod publish;
mod read;
pub mod snapshot;

pub use publish::{MAX_PUBLISH, Move, Numbers, PublishError, publish, publish_in, publish_with};
pub use read::{list_scopes, read_after, read_all_heads, read_head};

use crate::ports::ledger::{Key, Stored};
use domain::api::sync::{Op, Scope, Sum};
use domain::ids::CommandId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The partition that lists all scopes: a head is made after its line here.
const SCOPES: &str = "I#scopes";

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
    /// What the scope holds at `seq`.
    pub sum: Sum,
    /// The newest snapshot, where there is one. There is always one where `floor` is not 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<SnapshotAt>,
    /// The snapshot before it, which stands at `floor`: who is taking it may finish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<SnapshotAt>,
}

impl Head {
    /// The newest snapshot at or before a number.
    #[must_use]
    pub fn snapshot_before(&self, seq: u64) -> Option<SnapshotAt> {
        let both = [self.snapshot, self.previous];
        both.into_iter().flatten().find(|at| at.seq <= seq)
    }

    /// The snapshot at exactly this number.
    #[must_use]
    pub fn snapshot_at(&self, seq: u64) -> Option<SnapshotAt> {
        self.snapshot_before(seq).filter(|at| at.seq == seq)
    }
}

/// A snapshot that a head names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotAt {
    /// Everything up to this number is in it.
    pub seq: u64,
    /// What it holds.
    pub sum: Sum,
    /// How its parts are cut and compressed, see [`snapshot::FORM`]: the same rows in the same form are the same bytes.
    pub form: u32,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            epoch: 1,
            seq: 0,
            floor: 0,
            min_schema: 1,
            sum: Sum::default(),
            snapshot: None,
            previous: None,
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

/// The key of an entity.
#[must_use]
pub fn entity_key(kind: &str, id: &str) -> Key {
    Key::new(format!("E#{kind}#{id}"), "V")
}

/// The key of a scope's head.
#[must_use]
pub fn head_key(scope: &Scope) -> Key {
    Key::new(partition(scope), "HEAD")
}

/// The partition of a scope: its head, its entries and its snapshots.
fn partition(scope: &Scope) -> String {
    format!("S#{scope}")
}

fn entry_sort(seq: u64) -> String {
    format!("F#{seq:020}")
}

fn parse<'a, T: Deserialize<'a>>(stored: &'a Stored) -> Result<T, PublishError> {
    serde_json::from_str(&stored.body).map_err(|error| PublishError::Corrupt {
        key: crate::table::named(&stored.key),
        reason: crate::table::unreadable(&error),
    })
}

fn encode<T: Serialize>(value: &T) -> Result<String, PublishError> {
    serde_json::to_string(value).map_err(|error| PublishError::Corrupt {
        key: "a new item".to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests;
