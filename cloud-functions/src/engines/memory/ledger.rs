//! A ledger in memory.

use crate::ports::ledger::{
    Key, Ledger, LedgerError, MAX_PAGE, Stored, Write, check_batch, check_keys,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A ledger in memory. Clones share what they hold.
#[derive(Debug, Clone, Default)]
pub struct MemoryLedger {
    items: Arc<Mutex<Items>>,
    /// Grows with every batch, before anybody can read what it wrote.
    generation: Arc<AtomicU64>,
}

type Items = BTreeMap<Key, Item>;

#[derive(Debug, Clone)]
struct Item {
    revision: u64,
    body: String,
}

impl MemoryLedger {
    /// Writers never panic between two writes of a batch, so a poisoned lock still guards whole batches.
    fn items(&self) -> MutexGuard<'_, Items> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Ledger for MemoryLedger {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        Ok(lookup(&self.items(), key))
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        check_keys(keys)?;
        let items = self.items();
        Ok(keys.iter().map(|key| lookup(&items, key)).collect())
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let keys = Key::new(partition, range.start)..Key::new(partition, range.end);
        let items = self.items();
        let page = items.range(keys).take(limit.min(MAX_PAGE));
        Ok(page.map(|(key, item)| stored(key, item)).collect())
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        check_batch(&batch)?;
        let mut items = self.items();
        let refused = batch.iter().position(|write| {
            let revision = items.get(write.key()).map(|item| item.revision);
            !write.condition().holds(revision)
        });
        if let Some(index) = refused {
            return Err(LedgerError::Conflict { index });
        }
        self.generation.fetch_add(1, Ordering::AcqRel);
        for write in batch {
            apply(&mut items, write);
        }
        Ok(())
    }

    fn generation(&self) -> Option<u64> {
        // Under the lock: not between the count and what is counted.
        let _items = self.items();
        Some(self.generation.load(Ordering::Acquire))
    }
}

fn apply(items: &mut Items, write: Write) {
    match write {
        Write::Put { key, body, .. } => {
            let revision = items.get(&key).map_or(0, |item| item.revision) + 1;
            items.insert(key, Item { revision, body });
        }
        Write::Delete { key, .. } => {
            items.remove(&key);
        }
        Write::Check { .. } => {}
    }
}

fn lookup(items: &Items, key: &Key) -> Option<Stored> {
    items.get(key).map(|item| stored(key, item))
}

fn stored(key: &Key, item: &Item) -> Stored {
    Stored {
        key: key.clone(),
        revision: item.revision,
        body: item.body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::contract;

    #[tokio::test(flavor = "multi_thread")]
    async fn it_keeps_the_contract_of_ledgers() {
        contract::ledger::all(|| async { MemoryLedger::default() }).await;
    }
}
