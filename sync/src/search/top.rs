//! The best few of many.

/// Keeps the smallest `most` keys, each once.
#[derive(Debug)]
pub(super) struct Top<K> {
    most: usize,
    kept: Vec<K>,
}

impl<K: Ord + Copy> Top<K> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            kept: Vec::with_capacity(most.min(1_024)),
        }
    }

    pub(super) fn offer(&mut self, key: K) {
        if self.is_full() && self.kept.last().is_none_or(|worst| *worst <= key) {
            return;
        }
        if let Err(place) = self.kept.binary_search(&key) {
            self.kept.insert(place, key);
            self.kept.truncate(self.most);
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= self.most
    }

    /// The worst that is kept.
    pub(super) fn worst(&self) -> Option<K> {
        self.kept.last().copied()
    }

    /// What is kept, the best first.
    pub(super) fn into_sorted(self) -> Vec<K> {
        self.kept
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_stay_each_once() {
        let mut top = Top::new(3);
        [5, 3, 9, 3, 1, 7, 1]
            .into_iter()
            .for_each(|key| top.offer(key));
        assert_eq!(top.worst(), Some(5));
        assert_eq!(top.into_sorted(), [1, 3, 5]);
        let mut none = Top::new(0);
        none.offer(1);
        assert!(none.is_empty());
    }
}
