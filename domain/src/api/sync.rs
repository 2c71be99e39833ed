//! The wire between a device and the cloud: commands go up, decisions come down.
//!
//! `POST /v1/sync/pull` answers zstd-compressed NDJSON, one [`PullLine`] a line; `POST /v1/sync/push` answers JSON;
//! `GET /v1/sync/pokes` is a stream of server-sent events, see [`POKE`].

mod snapshot;
mod sum;

pub use snapshot::{
    MAX_PART_BYTES, MAX_PARTS, Manifest, Offer, Part, RepairLine, RepairRequest, Row,
};
pub use sum::{BUCKETS, Sum, bucket, row_hash};

use crate::ids::{CommandId, DeviceId, StoreId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The version of these shapes. A cloud that cannot serve a device's version answers 426.
pub const SCHEMA: u32 = 1;
/// The most commands in one push.
pub const MAX_COMMANDS: usize = 100;
/// The most changes in one page of a pull.
pub const MAX_CHANGES: usize = 5_000;
/// The longest that a pull waits for a change, in milliseconds.
pub const MAX_WAIT_MS: u64 = 25_000;
/// How many shards the catalogue's feed has.
pub const CATALOGUE_SHARDS: u8 = 16;
/// The server-sent event that says that a granted feed has moved; its data is a JSON list of [`Scope`]s.
pub const POKE: &str = "poke";

/// A shard of the feed: what a device is granted, pulls and purges as one.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Scope(String);

impl Scope {
    /// `store/<id>/customers`: customers, their profiles, notes and orders.
    #[must_use]
    pub fn customers(store: &StoreId) -> Self {
        Self(format!("store/{store}/customers"))
    }

    /// `store/<id>/inventory`: the store itself and its stock.
    #[must_use]
    pub fn inventory(store: &StoreId) -> Self {
        Self(format!("store/{store}/inventory"))
    }

    /// `store/<id>/team`: who works in it; never on a kiosk.
    #[must_use]
    pub fn team(store: &StoreId) -> Self {
        Self(format!("store/{store}/team"))
    }

    /// `global/catalogue/<00..15>`: items, sharded by a hash of the SKU.
    #[must_use]
    pub fn catalogue(shard: u8) -> Self {
        Self(format!("global/catalogue/{:02}", shard % CATALOGUE_SHARDS))
    }

    /// `price/default`: prices.
    #[must_use]
    pub fn prices() -> Self {
        Self("price/default".to_owned())
    }

    /// `store/<id>/carts`: carts of a store on every channel, the orders that they became, and what was given back.
    #[must_use]
    pub fn carts(store: &StoreId) -> Self {
        Self(format!("store/{store}/carts"))
    }

    /// Reads a scope that came over a wire.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = !text.is_empty()
            && text.len() <= 160
            && !text.contains('#')
            && !text.chars().any(char::is_control);
        plain.then(|| Self(text.to_owned()))
    }

    /// The scope as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The catalogue's shard of a SKU (FNV-1a 32, so that every language and version gives the same).
#[must_use]
pub fn catalogue_shard(sku: &str) -> u8 {
    let hash = sku.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    u8::try_from(hash % u32::from(CATALOGUE_SHARDS)).unwrap_or(0)
}

/// Names of entity kinds. A kind that a device does not know is stored as it came.
pub mod kind {
    /// [`crate::customer::Customer`].
    pub const CUSTOMER: &str = "customer";
    /// [`crate::profile::Profile`], keyed by the customer's id.
    pub const PROFILE: &str = "profile";
    /// [`crate::purchases::Purchases`], keyed by the customer's id.
    pub const PURCHASES: &str = "purchases";
    /// [`crate::note::Note`].
    pub const NOTE: &str = "note";
    /// [`crate::pick::Picks`], keyed by the customer's id.
    pub const PICKS: &str = "picks";
    /// [`crate::order::Order`].
    pub const ORDER: &str = "order";
    /// [`crate::item::Item`].
    pub const ITEM: &str = "item";
    /// [`crate::item::Price`], keyed by SKU.
    pub const PRICE: &str = "price";
    /// [`crate::item::Stock`], keyed by store and SKU, see [`crate::item::Stock::entity_id`].
    pub const STOCK: &str = "stock";
    /// [`crate::store::Store`].
    pub const STORE: &str = "store";
    /// [`crate::store::Associate`].
    pub const ASSOCIATE: &str = "associate";
    /// [`crate::api::identity::KnownDevice`], keyed by the device's id, in the team's scope.
    pub const DEVICE: &str = "device";
    /// [`crate::cart::Terms`], keyed by the store's id.
    pub const TERMS: &str = "terms";
    /// [`crate::cart::Cart`].
    pub const CART: &str = "cart";
    /// [`crate::cart::CartOrder`]: the order with its totals; [`ORDER`] is what history keeps of it.
    pub const CART_ORDER: &str = "cart_order";
    /// [`crate::cart::Settlement`], keyed by the order's id.
    pub const SETTLEMENT: &str = "settlement";
    /// [`crate::cart::Allotment`], keyed by device and SKU, see [`crate::cart::Allotment::entity_id`].
    pub const ALLOTMENT: &str = "allotment";
    /// [`crate::help::HelpCall`], keyed by the device that asks, in the scope of carts.
    pub const HELP: &str = "help";
}

/// Names of command kinds.
pub mod command {
    /// Adds a [`crate::note::Note`]; its arguments are the note. Version 1 had no `pinned`.
    pub const NOTE_ADD: &str = "note.add";
    /// Changes a note; its arguments are a [`crate::note::NoteChange`].
    pub const NOTE_CHANGE: &str = "note.change";
    /// Takes a note away; its arguments are a [`crate::note::NoteRemoval`].
    pub const NOTE_REMOVE: &str = "note.remove";
    /// Pins or dismisses an item for a customer; its arguments are a [`crate::pick::PickChange`].
    pub const PICK_SET: &str = "pick.set";
    /// Begins a cart; its arguments are a [`crate::cart::Opening`].
    pub const CART_BEGIN: &str = "cart.begin";
    /// Changes what is in a cart; its arguments are a [`crate::cart::CartChange`].
    pub const CART_CHANGE: &str = "cart.change";
    /// Tells of a sale that was made with the network down; its arguments are a [`crate::cart::OfflineSale`].
    pub const CART_SELL: &str = "cart.sell";
}

/// How far a device has come in one scope: everything in `1..=seq` of this epoch is applied, once.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
pub struct Cursor {
    /// Which life of the feed; a new one starts from a snapshot.
    pub epoch: u64,
    /// The last number applied.
    pub seq: u64,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// The entity is now [`Change::body`].
    Put,
    /// The entity is gone.
    Delete,
}

/// One entry of a feed.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Change {
    /// Of which feed.
    pub scope: Scope,
    /// Its number there: without a gap from 1 to the head.
    pub seq: u64,
    /// What kind of entity, see [`kind`].
    pub kind: String,
    /// Which one.
    pub id: String,
    /// The entity's version after this change.
    pub version: u64,
    /// What happened.
    pub op: Op,
    /// The entity after a put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<Box<RawValue>>,
    /// The command that it confirms, where a device caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandId>,
}

/// `POST /v1/sync/pull`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PullRequest {
    /// [`SCHEMA`] of the device.
    pub schema: u32,
    /// How far it has come; scopes that it does not name start at nothing.
    pub cursors: BTreeMap<Scope, Cursor>,
    /// Changes in one answer; at most [`MAX_CHANGES`].
    pub limit: usize,
    /// Wait this long for a change where there is none; at most [`MAX_WAIT_MS`].
    #[serde(default)]
    pub wait_ms: u64,
    /// Tell the sums of all scopes that stand at their head, not only of those that this answer moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub verify: bool,
}

/// One line of a pull's answer, in this order: grants and revocations, offers, changes, one checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PullLine {
    /// The device may hold this scope.
    Grant {
        /// Which.
        scope: Scope,
    },
    /// The device may no longer: it deletes every row.
    Revoke {
        /// Which.
        scope: Scope,
    },
    /// The feed cannot go on from the device's cursor, but from a snapshot. No change of this scope is in the answer.
    Offer(Offer),
    /// A change.
    Change(Change),
    /// Everything up to here was sent.
    Checkpoint(Checkpoint),
}

/// The end of an answer. An answer without one was cut off: none of it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Checkpoint {
    /// Where the scopes stand that this answer moves; those that it does not name stay where they are.
    pub cursors: BTreeMap<Scope, Cursor>,
    /// What scopes hold at their cursors after this answer; of those alone that stand at their head then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sums: BTreeMap<Scope, Sum>,
    /// The device's last command that was decided on.
    pub last_cseq: u64,
    /// The cloud's clock.
    pub server_time: DateTime<Utc>,
    /// Whether to pull again at once.
    pub more: bool,
}

/// A command in a push.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Command {
    /// The device's number for it: without a gap from 1.
    pub cseq: u64,
    /// Made on the device, durable there before the first send.
    pub id: CommandId,
    /// What kind, see [`command`].
    pub kind: String,
    /// The version of its arguments.
    pub version: u32,
    /// Its arguments.
    #[schema(value_type = Object)]
    pub args: Box<RawValue>,
    /// When the associate did it, by the clock of the device: shown, never used to order.
    pub issued_at_device: DateTime<Utc>,
}

/// `POST /v1/sync/push`
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PushRequest {
    /// Which device; must be the token's.
    pub device: DeviceId,
    /// [`SCHEMA`] of the device.
    pub schema: u32,
    /// The number of the first command.
    pub first_cseq: u64,
    /// At most [`MAX_COMMANDS`], their numbers without a gap.
    pub commands: Vec<Command>,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandStatus {
    /// Done.
    Applied,
    /// Was done before: this is the outcome of then.
    Duplicate,
    /// Refused, with a code; kept on the device for somebody to mend.
    Rejected,
    /// Done, and already overtaken by a later decision.
    Superseded,
}

/// The decision on a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CommandResult {
    /// Which.
    pub cseq: u64,
    /// What became of it.
    pub status: CommandStatus,
    /// Why it was refused: `customer-unknown`, `note-invalid`, `kind-unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// For people, where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where its changes stand in the feeds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seqs: BTreeMap<Scope, u64>,
}

/// The answer of a push.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PushResponse {
    /// The last command that was decided on.
    pub last_cseq: u64,
    /// A decision for each command sent.
    pub results: Vec<CommandResult>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_reads_back_what_it_wrote() {
        let line = r#"{"change":{"scope":"store/1/customers","seq":7,"kind":"wardrobe","id":"w","version":3,"op":"put","body":{"x":1.10}}}"#;
        let read: PullLine = serde_json::from_str(line).unwrap();
        assert_eq!(
            serde_json::to_string(&read).unwrap(),
            line,
            "an unknown kind passes through byte for byte"
        );
    }

    #[test]
    fn shards_are_spread_and_fixed() {
        assert_eq!(catalogue_shard("85123A"), catalogue_shard("85123A"));
        let shards: std::collections::BTreeSet<_> = (0..400)
            .map(|n| catalogue_shard(&format!("sku-{n}")))
            .collect();
        assert_eq!(shards.len(), usize::from(CATALOGUE_SHARDS));
    }
}
