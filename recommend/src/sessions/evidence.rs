//! Which item of the request speaks most for a recommended item.

use super::neighbours::Neighbour;
use super::{Looks, Neighbours};

impl Looks<'_> {
    /// For each of `items`: the item of the session that speaks most for it. What only the second look found
    /// is traced back through the item that led there.
    pub(crate) fn because(&self, items: &[u32]) -> Vec<Option<u32>> {
        let first = self.first.because(items);
        let Some(second) = &self.second else {
            return first;
        };
        let traced = second.neighbours.because(items).into_iter().map(|because| {
            let because = because?;
            if self.first.request.contains(&because) {
                return Some(because);
            }
            self.first.because(&[because]).pop().flatten()
        });
        let both = items.iter().zip(first.into_iter().zip(traced));
        both.map(|(item, (first, traced))| first.or(traced).or_else(|| self.newest_for(item)))
            .collect()
    }
}

impl Looks<'_> {
    /// Where votes are too small to be shared out: the session's newest item, from which all was found.
    fn newest_for(&self, item: &u32) -> Option<u32> {
        let own = self.first.request.contains(item);
        self.first.request.first().copied().filter(|_| !own)
    }
}

impl Neighbours<'_> {
    /// For each of `items`: the item of the request that contributed the most to its score, the newer
    /// of equals. `None` where no item but itself spoke for it.
    pub(crate) fn because(&self, items: &[u32]) -> Vec<Option<u32>> {
        let shares = self.shares(items);
        items
            .iter()
            .zip(&shares)
            .map(|(item, shares)| self.strongest(*item, shares))
            .collect()
    }

    /// The votes for each of `items`, divided among the request's items, newest first.
    pub(super) fn shares(&self, items: &[u32]) -> Vec<Vec<u64>> {
        let mut shares = vec![vec![0_u64; self.request.len()]; items.len()];
        let mut places: Vec<(u32, usize)> = items
            .iter()
            .enumerate()
            .map(|(place, item)| (*item, place))
            .collect();
        places.sort_unstable();
        let marks = Marks::of(items);
        for neighbour in &self.found {
            let session = self.index.session(neighbour.age);
            let spread = self.spread(neighbour, session.clone());
            for (item, at) in session.zip(0..).filter(|(item, _)| marks.may_have(*item)) {
                let Ok(found) = places.binary_search_by_key(&item, |entry| entry.0) else {
                    continue;
                };
                if let Some(shares) = places.get(found).and_then(|entry| shares.get_mut(entry.1)) {
                    self.share_out(neighbour, spread.gain(at), shares);
                }
            }
        }
        shares
    }

    /// Divides what an item gains from a neighbour among the request's items that the neighbour has.
    fn share_out(&self, neighbour: &Neighbour, gain: u32, shares: &mut [u64]) {
        for (place, (share, weight)) in shares.iter_mut().zip(&self.weights).enumerate() {
            if neighbour.matches >> place & 1 == 1 {
                let part = u64::from(*weight) * u64::from(gain);
                *share += part / u64::from(neighbour.similarity.max(1));
            }
        }
    }

    fn strongest(&self, item: u32, shares: &[u64]) -> Option<u32> {
        let mut best: Option<(u32, u64)> = None;
        for (because, share) in self.request.iter().zip(shares) {
            if *because != item && *share > best.map_or(0, |best| best.1) {
                best = Some((*because, *share));
            }
        }
        best.map(|best| best.0)
    }
}

/// Tells quickly that an item is not among a few: a thousand neighbours have tens of thousands of
/// items, of which a shelf holds twenty.
pub(super) struct Marks([u64; 16]);

impl Marks {
    pub(super) fn of(items: &[u32]) -> Self {
        let mut words = [0; 16];
        for item in items {
            if let Some(word) = words.get_mut((item >> 6 & 15) as usize) {
                *word |= 1 << (item & 63);
            }
        }
        Self(words)
    }

    #[inline]
    pub(super) fn may_have(&self, item: u32) -> bool {
        let word = self.0.get((item >> 6 & 15) as usize);
        word.is_some_and(|word| word >> (item & 63) & 1 == 1)
    }
}
