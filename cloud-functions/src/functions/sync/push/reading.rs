//! A ledger as one batch of decisions reads it: each item once, and it is known what each decision read.

use crate::ports::ledger::{Key, Ledger, LedgerError, Stored, Write};
use async_trait::async_trait;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Reads through to a ledger and remembers. What was read may have moved on since: every write of the batch states what
/// it saw.
pub(super) struct Reading<'a> {
    ledger: &'a dyn Ledger,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    items: BTreeMap<Key, Option<Stored>>,
    by_this: BTreeSet<Key>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(ledger: &'a dyn Ledger) -> Self {
        Self {
            ledger,
            seen: Mutex::default(),
        }
    }

    /// The entity is this, as far as later decisions of the batch are concerned: an earlier one made it so. Its revision
    /// stays the one that was read.
    pub(super) fn build_on(&self, key: Key, body: Option<&RawValue>) {
        let mut seen = self.seen();
        let read = seen.items.get(&key).and_then(Option::as_ref);
        let revision = read.map_or(0, |stored| stored.revision);
        let built = body.map(|body| Stored {
            key: key.clone(),
            revision,
            body: body.get().to_owned(),
        });
        seen.items.insert(key, built);
    }

    /// What was read since this was last asked.
    pub(super) fn take_read(&self) -> BTreeSet<Key> {
        std::mem::take(&mut self.seen().by_this)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, key: &Key) -> Option<Option<Stored>> {
        let mut seen = self.seen();
        seen.by_this.insert(key.clone());
        seen.items.get(key).cloned()
    }
}

#[async_trait]
impl Ledger for Reading<'_> {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        if let Some(known) = self.recall(key) {
            return Ok(known);
        }
        let stored = self.ledger.read(key).await?;
        self.seen().items.insert(key.clone(), stored.clone());
        Ok(stored)
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        let mut found = Vec::with_capacity(keys.len());
        let unknown: Vec<Key> = keys
            .iter()
            .filter(|key| self.recall(key).is_none())
            .cloned()
            .collect();
        let read = self.ledger.read_all(&unknown).await?;
        self.seen().items.extend(unknown.into_iter().zip(read));
        for key in keys {
            found.push(self.recall(key).flatten());
        }
        Ok(found)
    }

    /// Refused: what a range does not hold cannot be remembered.
    async fn range(&self, _: &str, _: Range<&str>, _: usize) -> Result<Vec<Stored>, LedgerError> {
        Err(refused())
    }

    async fn write(&self, _: Vec<Write>) -> Result<(), LedgerError> {
        Err(refused())
    }
}

fn refused() -> LedgerError {
    LedgerError::Unavailable("a decision only reads items".to_owned())
}
