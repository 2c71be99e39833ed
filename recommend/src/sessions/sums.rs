//! Sums by item, reused from request to request.
//!
//! A table as long as the catalogue, all zero between requests, and a list of what was touched: adding is
//! one read and one write without a guess about what comes, and clearing costs what was touched. Each
//! thread keeps one. Sums are exact, so the order of adding does not show in an answer.

use super::Scored;
use super::scores::{keep_best, take_best};
use std::cell::Cell;

thread_local! {
    static KEPT: Cell<Option<Box<Sums>>> = const { Cell::new(None) };
}

/// The table and what was touched in it.
#[derive(Debug, Default)]
pub(super) struct Sums {
    sums: Vec<u32>,
    /// Longer than what was touched, so that writing behind the end needs no decision.
    touched: Vec<u32>,
    len: usize,
}

/// The sums that `adding` makes over items below `items`, in the order in which items came first.
/// `most` is how often it adds at most; what it adds past that is lost.
pub(super) fn collect(
    items: usize,
    most: usize,
    adding: impl FnOnce(&mut Sums),
) -> Vec<(u32, u32)> {
    let mut sums = begin(items, most);
    adding(&mut sums);
    let entries = sums.drain();
    KEPT.set(Some(sums));
    entries
}

/// The best `limit` of what `score` makes of the same sums, best first; equal scores in the order of the items'
/// numbers.
pub(super) fn best(
    items: usize,
    most: usize,
    limit: usize,
    adding: impl FnOnce(&mut Sums),
    score: impl Fn(u32, u32) -> u64,
) -> Vec<Scored> {
    let mut sums = begin(items, most);
    adding(&mut sums);
    let room = limit.saturating_mul(2).saturating_add(22);
    let mut kept: Vec<Scored> = Vec::with_capacity(room.min(1_024));
    let mut least = 0;
    let touched = sums.touched.get(..sums.len).unwrap_or(&[]);
    for item in touched {
        let sum = sums.sums.get_mut(*item as usize).map(std::mem::take);
        let score = score(*item, sum.unwrap_or(0));
        if score < least {
            continue;
        }
        kept.push(Scored { item: *item, score });
        if kept.len() >= room {
            keep_best(&mut kept, limit);
            least = kept.iter().map(|scored| scored.score).min().unwrap_or(0);
        }
    }
    sums.len = 0;
    KEPT.set(Some(sums));
    take_best(&mut kept, limit)
}

fn begin(items: usize, most: usize) -> Box<Sums> {
    let mut sums = KEPT.take().unwrap_or_default();
    if sums.sums.len() < items {
        sums.sums.resize(items, 0);
    }
    if sums.touched.len() <= most {
        sums.touched.resize(most + 1, 0);
    }
    sums
}

impl Sums {
    /// Adds to an item's sum; nothing counts as one, since 0 marks what is untouched.
    #[inline]
    pub(super) fn add(&mut self, item: u32, gain: u32) {
        if let Some(sum) = self.sums.get_mut(item as usize)
            && let Some(next) = self.touched.get_mut(self.len)
        {
            *next = item;
            self.len += usize::from(*sum == 0);
            *sum = sum.saturating_add(gain.max(1));
        }
    }

    fn drain(&mut self) -> Vec<(u32, u32)> {
        let touched = self.touched.get(..self.len).unwrap_or(&[]);
        let sums = &mut self.sums;
        let take = |item: &u32| {
            let sum = sums.get_mut(*item as usize).map(std::mem::take);
            (*item, sum.unwrap_or(0))
        };
        let entries = touched.iter().map(take).collect();
        self.len = 0;
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_and_nothing_is_left_for_the_next_request() {
        for _ in 0..2 {
            let entries = collect(10, 5, |sums| {
                for (item, gain) in [(3, 2), (9, 1), (3, 5), (10, 7), (0, 0)] {
                    sums.add(item, gain);
                }
            });
            assert_eq!(entries, [(3, 7), (9, 1), (0, 1)]);
        }
        let outer = collect(4, 2, |sums| {
            sums.add(1, 1);
            assert_eq!(collect(4, 2, |inner| inner.add(1, 8)), [(1, 8)]);
            sums.add(1, u32::MAX);
        });
        assert_eq!(outer, [(1, u32::MAX)]);
    }
}
