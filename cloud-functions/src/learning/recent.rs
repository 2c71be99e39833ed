//! A table of what came lately: bounded, and the oldest goes, so that it is the same wherever the same came.

use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Keys with values, at most [`Recent::MAX`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<(K, V)>", into = "Vec<(K, V)>")]
#[serde(bound(
    serialize = "K: Clone + Eq + Hash + Serialize, V: Clone + Serialize",
    deserialize = "K: Clone + Eq + Hash + Deserialize<'de>, V: Clone + Deserialize<'de>"
))]
pub(super) struct Recent<K, V> {
    order: VecDeque<K>,
    values: HashMap<K, V>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self {
            order: VecDeque::new(),
            values: HashMap::new(),
        }
    }
}

impl<K: Clone + Eq + Hash, V> Recent<K, V> {
    /// The most that are kept.
    pub(super) const MAX: usize = 65_536;

    pub(super) fn value(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    /// Adds or replaces; tells whether it was new.
    pub(super) fn insert(&mut self, key: K, value: V) -> bool {
        let is_new = self.values.insert(key.clone(), value).is_none();
        if is_new {
            self.order.push_back(key);
        }
        if self.order.len() > Self::MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
        is_new
    }
}

impl<K: Clone + Eq + Hash, V> From<Vec<(K, V)>> for Recent<K, V> {
    fn from(entries: Vec<(K, V)>) -> Self {
        let mut recent = Self::default();
        for (key, value) in entries {
            recent.insert(key, value);
        }
        recent
    }
}

impl<K: Eq + Hash, V> From<Recent<K, V>> for Vec<(K, V)> {
    fn from(mut recent: Recent<K, V>) -> Self {
        let order = std::mem::take(&mut recent.order);
        let mut take = |key: K| recent.values.remove_entry(&key);
        order.into_iter().filter_map(&mut take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_the_rest_comes_back_in_order() {
        let mut recent = Recent::<u32, u32>::default();
        for key in 0..=65_536 {
            assert!(recent.insert(key, key + 1));
        }
        assert!(!recent.insert(7, 70));
        assert_eq!(recent.value(&0), None);
        let text = serde_json::to_string(&recent).unwrap();
        let again: Recent<u32, u32> = serde_json::from_str(&text).unwrap();
        assert_eq!((again.value(&1), again.value(&7)), (Some(&2), Some(&70)));
        assert_eq!(again.order, recent.order);
    }
}
