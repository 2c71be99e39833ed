//! Reads items of the ledger by their keys.

use super::feed::{HeadItem, Told};
use cloud_functions::ports::ledger::Write;
use domain::api::sync::{Op, row_hash};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What an item is.
pub(super) enum Item {
    Head(String, HeadItem),
    Entry(String, u64, Told),
    /// A feed's entry that is deleted.
    Dropped(String, u64),
    Entity(String, String, Option<String>),
    State(String, StateItem),
    Decided(String, Decided),
    Other,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Done.
    Applied,
    /// Was done before.
    Duplicate,
    /// Refused.
    Rejected,
    /// Done and overtaken.
    Superseded,
}

/// A decision on a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    /// Which command.
    pub id: String,
    /// Its number.
    pub cseq: u64,
    /// Of what it asked for.
    pub hash: String,
    /// What became of it.
    pub status: Status,
}

/// What matters here of a device's state.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub(super) struct StateItem {
    pub(super) last_cseq: u64,
    pub(super) revoked: bool,
}

#[derive(Deserialize)]
struct EntryItem {
    kind: String,
    id: String,
    version: u64,
    op: Op,
    #[serde(default)]
    body: Option<Box<RawValue>>,
    #[serde(default)]
    command: Option<String>,
}

#[derive(Deserialize)]
struct OutcomeItem {
    id: String,
    hash: String,
    result: ResultItem,
}

#[derive(Deserialize)]
struct ResultItem {
    cseq: u64,
    status: Status,
}

pub(super) fn read(write: &Write) -> Item {
    let key = write.key();
    let body = match write {
        Write::Put { body, .. } => Some(body.as_str()),
        Write::Delete { .. } => None,
        Write::Check { .. } => return Item::Other,
    };
    let item = match key.partition.split_once('#') {
        Some(("S", scope)) => feed_item(scope, &key.sort, body),
        Some(("E", rest)) if key.sort == "V" => rest.split_once('#').map(|(kind, id)| {
            Item::Entity(kind.to_owned(), id.to_owned(), body.map(str::to_owned))
        }),
        Some(("D", device)) => device_item(device, &key.sort, body),
        _ => None,
    };
    item.unwrap_or(Item::Other)
}

fn feed_item(scope: &str, sort: &str, body: Option<&str>) -> Option<Item> {
    if sort == "HEAD" {
        return Some(Item::Head(
            scope.to_owned(),
            serde_json::from_str(body?).ok()?,
        ));
    }
    let seq = sort.strip_prefix("F#")?.parse().ok()?;
    let Some(body) = body else {
        return Some(Item::Dropped(scope.to_owned(), seq));
    };
    let entry: EntryItem = serde_json::from_str(body).ok()?;
    let body = entry
        .body
        .filter(|_| entry.op == Op::Put)
        .map(|body| body.get().to_owned());
    let hash = row_hash(
        &entry.kind,
        &entry.id,
        entry.version,
        body.as_deref().unwrap_or_default(),
    );
    let told = Told {
        kind: entry.kind,
        id: entry.id,
        version: entry.version,
        body,
        command: entry.command,
        hash,
    };
    Some(Item::Entry(scope.to_owned(), seq, told))
}

fn device_item(device: &str, sort: &str, body: Option<&str>) -> Option<Item> {
    if sort == "STATE" {
        return Some(Item::State(
            device.to_owned(),
            serde_json::from_str(body?).ok()?,
        ));
    }
    sort.strip_prefix("C#")?;
    let outcome: OutcomeItem = serde_json::from_str(body?).ok()?;
    let decided = Decided {
        id: outcome.id,
        cseq: outcome.result.cseq,
        hash: outcome.hash,
        status: outcome.result.status,
    };
    Some(Item::Decided(device.to_owned(), decided))
}
