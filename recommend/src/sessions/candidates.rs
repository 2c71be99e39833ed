//! The newest sessions that have any of a request's items.
//!
//! Each item's list is sorted by age already. What lies beyond the age that is needed is cut off first,
//! then the lists are merged as runs of a sort, and equal ages become one candidate with a mask of the
//! items it has.

use super::neighbours::Neighbour;
use super::{REQUEST_ITEMS_MAX, SessionIndex};

/// Bits of a key that hold the item's place in the request; the bits above hold the age.
const PLACE_BITS: u32 = REQUEST_ITEMS_MAX.trailing_zeros();
const PLACE_MASK: u32 = (1 << PLACE_BITS) - 1;
/// Guesses of the age up to which lists are needed.
const GUESSES_MAX: u32 = 6;

impl SessionIndex {
    /// The newest `limit` sessions that have any of `items` (distinct, at most [`REQUEST_ITEMS_MAX`]),
    /// newest first, with the sum of the weights of those that they have.
    pub(super) fn candidates(&self, items: &[u32], weights: &[u32], limit: u32) -> Vec<Neighbour> {
        self.candidates_within(items, weights, limit, limit)
    }

    /// The same, through the newest `postings` sessions of each item only.
    pub(super) fn candidates_within(
        &self,
        items: &[u32],
        weights: &[u32],
        limit: u32,
        postings: u32,
    ) -> Vec<Neighbour> {
        let limit = limit as usize;
        let postings = limit.min(postings as usize);
        if let [item] = items {
            let mut ages = Vec::new();
            self.ages_of(*item, postings, &mut ages);
            let similarity = weights.first().copied().unwrap_or(0);
            let alone = |age| Neighbour {
                age,
                matches: 1,
                similarity,
                weight: 0,
            };
            return ages.into_iter().map(alone).collect();
        }
        let mut ages = Vec::new();
        let mut ends = Vec::with_capacity(items.len());
        for item in items {
            self.ages_of(*item, postings, &mut ages);
            ends.push(ages.len());
        }
        let mut wanted = limit;
        loop {
            let lists = lists(&ages, &ends);
            let kept = cut(&lists, wanted);
            let whole = kept
                .iter()
                .zip(&lists)
                .all(|(kept, list)| *kept == list.len());
            let found = merged(&lists, &kept, weights, limit);
            if whole || found.len() >= limit {
                return found;
            }
            // Sessions that have several of the items were counted several times.
            wanted += wanted / 2 + (limit - found.len());
        }
    }

    /// The ages of the newest sessions of `item`, newest first, at most `limit`.
    fn ages_of(&self, item: u32, limit: usize, ages: &mut Vec<u32>) {
        let limit = limit.min(self.bounds.postings_per_item as usize);
        let newest = self.newest();
        let open = newest_of(self.postings.open(item), limit);
        ages.extend(open.iter().rev().map(|number| newest.wrapping_sub(*number)));
        let before = self
            .open_len()
            .wrapping_sub(1)
            .wrapping_add(self.sealed.end());
        let (older, newer) = self.postings.sealed(item);
        let newer = newest_of(newer, limit - open.len());
        let older = newest_of(older, limit - open.len() - newer.len());
        ages.extend(
            newer
                .iter()
                .rev()
                .map(|position| before.wrapping_sub(*position)),
        );
        ages.extend(
            older
                .iter()
                .rev()
                .map(|position| before.wrapping_sub(*position)),
        );
    }
}

fn newest_of(list: &[u32], most: usize) -> &[u32] {
    list.get(list.len().saturating_sub(most)..).unwrap_or(list)
}

fn lists<'a>(ages: &'a [u32], ends: &[usize]) -> Vec<&'a [u32]> {
    let mut start = 0;
    let list = |end: &usize| {
        let list = ages.get(start..*end).unwrap_or(&[]);
        start = *end;
        list
    };
    ends.iter().map(list).collect()
}

/// How much of each list is needed for its `wanted` youngest entries over all lists: at least those, and
/// rarely many more. The age is guessed from how dense the lists are, and mended by what the guess finds.
fn cut(lists: &[&[u32]], wanted: usize) -> Vec<usize> {
    let all: usize = lists.iter().map(|list| list.len()).sum();
    let whole = || lists.iter().map(|list| list.len()).collect();
    if all <= wanted + wanted / 2 {
        return whole();
    }
    let (mut low, mut high) = (0_u64, 0_u64);
    for list in lists {
        high = high.max(u64::from(list.last().copied().unwrap_or(0)));
    }
    let rate: u64 = lists
        .iter()
        .map(|list| {
            ((list.len() as u64) << 32) / (u64::from(list.last().copied().unwrap_or(0)) + 1)
        })
        .sum();
    let mut guess = ((wanted as u64 + wanted as u64 / 8) << 32) / rate.max(1);
    for _ in 0..GUESSES_MAX {
        guess = guess.clamp(low, high);
        let age = u32::try_from(guess).unwrap_or(u32::MAX);
        let kept: Vec<usize> = lists
            .iter()
            .map(|list| list.partition_point(|other| *other <= age))
            .collect();
        let count: usize = kept.iter().sum();
        if count >= wanted && count <= wanted + wanted / 2 {
            return kept;
        }
        if count < wanted {
            low = guess;
        } else {
            high = guess;
        }
        guess = guess * (wanted as u64 + wanted as u64 / 8) / (count as u64).max(1);
        if guess <= low || guess >= high {
            guess = low.midpoint(high);
        }
    }
    let age = u32::try_from(high).unwrap_or(u32::MAX);
    lists
        .iter()
        .map(|list| list.partition_point(|other| *other <= age))
        .collect()
}

/// The youngest `limit` of what was kept of the lists.
fn merged(lists: &[&[u32]], kept: &[usize], weights: &[u32], limit: usize) -> Vec<Neighbour> {
    let mut keys: Vec<u32> = Vec::with_capacity(kept.iter().sum());
    for ((list, kept), place) in lists.iter().zip(kept).zip(0_u32..) {
        let list = list.get(..*kept).unwrap_or(list);
        keys.extend(list.iter().map(|age| age << PLACE_BITS | place));
    }
    // The stable sort finds the runs and merges them.
    keys.sort();
    let mut by_place = [0; REQUEST_ITEMS_MAX as usize];
    for (slot, weight) in by_place.iter_mut().zip(weights) {
        *slot = *weight;
    }
    let mut found: Vec<Neighbour> = Vec::with_capacity(limit.min(keys.len()));
    for key in keys {
        let (age, place) = (key >> PLACE_BITS, key & PLACE_MASK);
        let weight = by_place.get(place as usize).copied().unwrap_or(0);
        if let Some(last) = found.last_mut()
            && last.age == age
        {
            last.matches |= 1 << place;
            last.similarity += weight;
            continue;
        }
        if found.len() >= limit {
            break;
        }
        found.push(Neighbour {
            age,
            matches: 1 << place,
            similarity: weight,
            weight: 0,
        });
    }
    found
}
