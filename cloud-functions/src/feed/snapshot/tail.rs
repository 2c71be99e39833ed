//! What the entries after a snapshot made of a scope's entities.

use super::super::{PublishError, read_after};
use crate::ports::ledger::Ledger;
use domain::api::sync::{Change, Cursor, Scope};
use std::collections::BTreeMap;

/// Entries read at once: each may have 390 KB.
const READ_AT_ONCE: usize = 250;
/// What an entity takes in memory beside its own bytes, roughly.
const OVERHEAD_BYTES: usize = 128;

/// Kind and id, compared by their bytes.
pub type RowKey = (String, String);

/// What became of each entity in a stretch of a feed: the last word on it, `None` where it is gone.
#[derive(Debug)]
pub struct Tail<T> {
    /// By kind and id.
    pub rows: BTreeMap<RowKey, Option<T>>,
    /// Everything up to this number is in it.
    pub through: u64,
}

impl<T> Tail<T> {
    /// Reads the entries after `from` up to and with number `to`; ends sooner at a number that is not filled yet, or
    /// once about `max_bytes` are held. `word` makes of a change what is kept of it, and says how many bytes that takes.
    pub async fn read(
        ledger: &dyn Ledger,
        scope: &Scope,
        from: Cursor,
        to: u64,
        max_bytes: usize,
        word: impl Fn(&Change) -> Option<(T, usize)> + Send + Sync,
    ) -> Result<Self, PublishError> {
        let mut tail = Self {
            rows: BTreeMap::new(),
            through: from.seq,
        };
        let mut held = 0;
        while tail.through < to && held < max_bytes {
            let left = usize::try_from(to - tail.through).unwrap_or(usize::MAX);
            let asked = left.min(READ_AT_ONCE);
            let seq = tail.through;
            let page = read_after(ledger, scope, Cursor { seq, ..from }, asked).await?;
            let ended = page.len() < asked;
            for change in page {
                let word = word(&change);
                let bytes = word.as_ref().map_or(0, |(_, bytes)| *bytes);
                held += OVERHEAD_BYTES + change.kind.len() + change.id.len() + bytes;
                tail.through = change.seq;
                tail.rows
                    .insert((change.kind, change.id), word.map(|(word, _)| word));
            }
            if ended {
                break;
            }
        }
        Ok(tail)
    }
}
