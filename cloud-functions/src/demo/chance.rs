//! Seeded chance: the same seed gives the same store.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// Draws from a seed.
#[derive(Debug, Clone)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    /// From a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// `0..bound`, evenly (to one part in 2^32); 0 where the bound is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let drawn = u64::from(self.0.next_u32()) * bound as u64;
        usize::try_from(drawn >> 32).unwrap_or(0)
    }

    /// `from..=to`.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = usize::try_from(to - from + 1).unwrap_or(0);
        from + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// True in `percent` of a hundred draws.
    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// The index of a weight, as often as it weighs; `None` where nothing weighs anything.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> Option<usize> {
        let total: usize = weights.iter().map(|weight| *weight as usize).sum();
        if total == 0 {
            return None;
        }
        let mut drawn = self.below(total);
        weights.iter().position(|weight| {
            let here = drawn < *weight as usize;
            drawn = drawn.saturating_sub(*weight as usize);
            here
        })
    }
}
