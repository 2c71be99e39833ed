//! A table as DynamoDB keeps one: point reads and transactions are serialisable, queries are read-committed item by
//! item, so a query may see some items of a transaction and not yet the others.

use cloud_functions::ports::ledger::{Key, LedgerError, Stored, Write};
use std::collections::BTreeMap;
use std::ops::Range;

/// A table in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    items: BTreeMap<Key, Item>,
    /// What queries still see of items that a transaction on its way has written.
    behind: BTreeMap<Key, Option<Item>>,
}

#[derive(Debug, Clone)]
struct Item {
    revision: u64,
    body: String,
}

impl Model {
    /// A point read.
    #[must_use]
    pub(crate) fn read(&self, key: &Key) -> Option<Stored> {
        self.items.get(key).map(|item| stored(key, item))
    }

    /// A query, as of now; `limit` items at most.
    #[must_use]
    pub(crate) fn range(&self, partition: &str, range: Range<&str>, limit: usize) -> Vec<Stored> {
        if range.is_empty() {
            return Vec::new();
        }
        let keys = || Key::new(partition, range.start)..Key::new(partition, range.end);
        let fresh = self.items.range(keys());
        let fresh = fresh.filter(|(key, _)| !self.behind.contains_key(key));
        if self.behind.is_empty() {
            return fresh
                .take(limit)
                .map(|(key, item)| stored(key, item))
                .collect();
        }
        let behind = self.behind.range(keys());
        let behind = behind.filter_map(|(key, item)| Some((key, item.as_ref()?)));
        let mut all: Vec<Stored> = fresh
            .chain(behind)
            .map(|(key, item)| stored(key, item))
            .collect();
        all.sort_by(|one, other| one.key.cmp(&other.key));
        all.truncate(limit);
        all
    }

    /// Whether a transaction on its way writes one of these items.
    #[must_use]
    pub(crate) fn is_contended(&self, batch: &[Write]) -> bool {
        batch
            .iter()
            .any(|write| self.behind.contains_key(write.key()))
    }

    /// A transaction. Where it is `slow`, queries see nothing of it before [`Model::reveal`].
    pub(crate) fn write(&mut self, batch: &[Write], slow: bool) -> Result<(), LedgerError> {
        let refused = batch.iter().position(|write| {
            let revision = self.items.get(write.key()).map(|item| item.revision);
            !write.condition().holds(revision)
        });
        if let Some(index) = refused {
            return Err(LedgerError::Conflict { index });
        }
        for write in batch {
            if slow && !matches!(write, Write::Check { .. }) {
                let before = self.items.get(write.key()).cloned();
                self.behind.insert(write.key().clone(), before);
            }
            match write {
                Write::Put { key, body, .. } => {
                    let revision = self.items.get(key).map_or(0, |item| item.revision) + 1;
                    let body = body.clone();
                    self.items.insert(key.clone(), Item { revision, body });
                }
                Write::Delete { key, .. } => {
                    self.items.remove(key);
                }
                Write::Check { .. } => {}
            }
        }
        Ok(())
    }

    /// Queries see the item from now on.
    pub(crate) fn reveal(&mut self, key: &Key) {
        self.behind.remove(key);
    }

    /// As a backup keeps it: each transaction whole.
    #[must_use]
    pub(crate) fn whole(&self) -> Self {
        Self {
            items: self.items.clone(),
            behind: BTreeMap::new(),
        }
    }

    /// Every item, for looking at the whole.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Key, &str)> {
        self.items
            .iter()
            .map(|(key, item)| (key, item.body.as_str()))
    }
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
    use cloud_functions::ports::ledger::Condition;

    #[test]
    fn a_query_may_see_half_of_a_transaction_and_a_point_read_never() {
        let mut model = Model::default();
        let key = |sort: &str| Key::new("S#a", sort);
        let put = |sort: &str| Write::put(key(sort), "{}", Condition::Absent);
        model.write(&[put("F#1"), put("F#2")], true).unwrap();
        model.reveal(&key("F#2"));
        let seen = model.range("S#a", "F#".."F#9", 10);
        let sorts: Vec<_> = seen.iter().map(|stored| stored.key.sort.as_str()).collect();
        assert_eq!(sorts, ["F#2"]);
        assert!(model.read(&key("F#1")).is_some());
        assert_eq!(model.whole().range("S#a", "F#".."F#9", 10).len(), 2);
        assert!(!model.whole().is_contended(&[put("F#1")]));
        assert!(model.is_contended(&[put("F#1")]) && !model.is_contended(&[put("F#2")]));
        assert_eq!(
            model.write(&[put("F#1")], false),
            Err(LedgerError::Conflict { index: 0 })
        );
    }
}
