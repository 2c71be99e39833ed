//! The newest sessions that have any of a request's items.
//!
//! Each item's list is sorted by age already, but putting all of them in one order would cost more than
//! what is asked: which sessions are among the newest, and what they share. So the part of the lists that is
//! surely among the newest goes into a small table in any order, and only the little that is left to
//! fill it up is merged head by head.

use super::SessionIndex;
use super::neighbours::Neighbour;

/// Guesses of the age up to which everything is among the newest.
const GUESSES_MAX: u32 = 5;

impl SessionIndex {
    /// The newest `limit` sessions that have any of `items` (distinct, at most 32), with
    /// the sum of the weights of those that they have. In no order, but for a single item: newest first.
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
        let mut ages = Vec::with_capacity(items.len() * postings.min(512));
        let mut ends = Vec::with_capacity(items.len());
        for item in items {
            self.ages_of(*item, postings, &mut ages);
            ends.push(ages.len());
        }
        if let ([_], [weight]) = (items, weights) {
            let alone = |age| Neighbour::new(age, 0, *weight);
            return ages.into_iter().map(alone).collect();
        }
        let mut lists = lists(&ages, &ends);
        let mut found = Found::with_room(limit.min(ages.len()));
        let sure = cut(&lists, limit);
        for (place, (list, weight)) in (0..).zip(lists.iter_mut().zip(weights)) {
            let (now, later) = list.split_at(list.partition_point(|age| *age < sure));
            now.iter().for_each(|age| found.add(*age, place, *weight));
            *list = later;
        }
        found.fill_up(&mut lists, weights, limit);
        found.sessions
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

/// An age below which the lists have at most `wanted` entries, and where that is easily had, not many fewer.
/// It is guessed from how dense the lists are, and mended by what the guess finds.
fn cut(lists: &[&[u32]], wanted: usize) -> u32 {
    let all: usize = lists.iter().map(|list| list.len()).sum();
    if all <= wanted {
        return u32::MAX;
    }
    let oldest = |list: &&[u32]| u64::from(list.last().copied().unwrap_or(0)) + 1;
    let density = |list: &&[u32]| ((list.len() as u64) << 32) / oldest(list);
    let (wanted, mut low) = (wanted as u64, 0);
    let mut high = lists.iter().map(oldest).max().unwrap_or(1);
    let mut guess = (wanted << 32) / lists.iter().map(density).sum::<u64>().max(1);
    for _ in 0..GUESSES_MAX {
        if guess <= low || guess >= high {
            guess = low.midpoint(high);
        }
        let below = |list: &&[u32]| list.partition_point(|age| u64::from(*age) < guess) as u64;
        let count: u64 = lists.iter().map(below).sum();
        if count > wanted {
            high = guess;
        } else {
            low = guess;
            if count >= wanted - wanted / 16 {
                break;
            }
        }
        guess = guess * (wanted - wanted / 32) / count.max(1);
    }
    u32::try_from(low).unwrap_or(u32::MAX)
}

/// Sessions that were found, and a table that tells where each is among them.
struct Found {
    sessions: Vec<Neighbour>,
    /// Place in `sessions` + 1; 0 marks a free slot. Never more than half full.
    slots: Vec<u32>,
    shift: u32,
}

impl Found {
    fn with_room(sessions: usize) -> Self {
        let size = (4 * sessions).next_power_of_two().max(64);
        Self {
            sessions: Vec::with_capacity(sessions),
            slots: vec![0; size],
            shift: 32 - size.trailing_zeros(),
        }
    }

    /// Notes that the session of this age has the item at `place` of the request.
    #[inline]
    fn add(&mut self, age: u32, place: u32, weight: u32) {
        let mask = self.slots.len() - 1;
        let mut at = (age.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        while let Some(slot) = self.slots.get_mut(at & mask) {
            let Some(known) = self.sessions.get_mut((*slot as usize).wrapping_sub(1)) else {
                self.sessions.push(Neighbour::new(age, place, weight));
                *slot = u32::try_from(self.sessions.len()).unwrap_or(0);
                return;
            };
            if known.age == age {
                known.matches |= 1 << place;
                known.similarity += weight;
                return;
            }
            at += 1;
        }
    }

    /// Adds the youngest of what is left, until there are `limit` sessions. All of it is older than what is there.
    fn fill_up(&mut self, lists: &mut [&[u32]], weights: &[u32], limit: usize) {
        while self.sessions.len() < limit {
            let head = |list: &&[u32]| list.first().copied().unwrap_or(u32::MAX);
            let age = lists.iter().map(head).min().unwrap_or(u32::MAX);
            if age == u32::MAX {
                return;
            }
            let mut session = Neighbour::new(age, 0, 0);
            session.matches = 0;
            for (place, (list, weight)) in lists.iter_mut().zip(weights).enumerate() {
                if let Some((first, rest)) = list.split_first()
                    && *first == age
                {
                    session.matches |= 1 << place;
                    session.similarity += weight;
                    *list = rest;
                }
            }
            self.sessions.push(session);
        }
    }
}
