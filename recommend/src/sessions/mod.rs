//! The index of sessions: which sessions an item was in, and which items a session had.
//!
//! Append-only and live: an event counts in the very next request, nothing is ever rebuilt, and the
//! oldest session goes when there is one too many. Sessions that are over lie in an arena in the order of
//! their recency, so that neither timestamps nor a heap are needed to find the newest; those that may
//! still go on lie in a short list before it. Each item has a ring of the newest sessions it was in.
//! Baskets use the same index: a basket is a session whose order does not matter.
//!
//! Within a request a session is named by its *age*: 0 for the newest, growing without ties. The order of
//! ages is the order of recency, so equal similarities are settled the same way everywhere.
//!
//! The index knows numbers only. It never holds who a session belonged to.

mod arena;
mod bounds;
mod candidates;
mod evidence;
mod neighbours;
mod postings;
mod restore;
mod scores;
mod sums;
mod tuned;
mod tuning;

use crate::fixed;
use arena::Arena;
pub(crate) use arena::{Items, words};
pub use bounds::{Bounds, ITEM_NUMBERS_END, REQUEST_ITEMS_MAX, Reach};
pub(crate) use neighbours::Neighbours;
use postings::Postings;
pub(crate) use scores::take_best;
use std::collections::VecDeque;
pub(crate) use tuned::{Looks, tuned};
pub use tuning::{SecondLook, Tuned, Tuning};

/// A session of this index. Stays the same when older sessions are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionNumber(pub u64);

/// An item and its score; higher is better, and only comparable within one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// The item's number.
    pub item: u32,
    /// Exact integer score.
    pub score: u64,
}

/// Sessions by item and items by session.
#[derive(Debug, Clone)]
pub struct SessionIndex {
    bounds: Bounds,
    /// Number of the oldest session that is kept.
    first: u64,
    /// Sessions that are over.
    sealed: Arena,
    /// Sessions that may go on, oldest first; all newer than those that are over.
    open: VecDeque<Vec<u32>>,
    postings: Postings,
    /// Sessions that an item is in, by item.
    frequency: Vec<u32>,
    /// `fixed::log2` of the same; computed when it changes, since each request reads hundreds.
    log_frequency: Vec<u32>,
}

impl SessionIndex {
    /// Indexes `sessions`, oldest first; the items of each are oldest first too.
    pub fn build<S: AsRef<[u32]>>(sessions: impl IntoIterator<Item = S>, bounds: Bounds) -> Self {
        let mut index = Self::with_room(&[], 0, 0, bounds.clamped());
        for session in sessions {
            index.append(session.as_ref());
        }
        index
    }

    /// An empty index whose next session is number `first` and lies at `offset`. Room is made for items that
    /// will be in as many sessions as `frequencies` says.
    pub(crate) fn with_room(frequencies: &[u32], first: u64, offset: u32, bounds: Bounds) -> Self {
        Self {
            bounds,
            first,
            sealed: Arena::starting_at(offset),
            open: VecDeque::new(),
            postings: Postings::with_room(frequencies, bounds.postings_per_item),
            frequency: Vec::with_capacity(frequencies.len()),
            log_frequency: Vec::with_capacity(frequencies.len()),
        }
    }

    /// Adds the newest session; it counts in the next request. `items` are oldest first.
    pub fn append(&mut self, items: &[u32]) -> SessionNumber {
        let items = distinct_newest(items, self.bounds.items_per_session);
        self.make_room(items.len());
        let number = self.first + u64::from(self.len());
        self.open.push_back(Vec::new());
        for item in items {
            self.add_view(number, item);
        }
        SessionNumber(number)
    }

    /// Adds `item` to a session that goes on. False when the session is over, is full, or has the item
    /// already: the index is unchanged then.
    pub fn extend(&mut self, session: SessionNumber, item: u32) -> bool {
        item < ITEM_NUMBERS_END
            && self.open_session(session.0).is_some_and(|items| {
                items.len() < self.bounds.items_per_session as usize && !items.contains(&item)
            })
            && self.add_view(session.0, item)
    }

    /// Sessions in the index.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.sealed.len() + self.open_len()
    }

    /// Whether there is no session.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sessions that `item` is in.
    #[must_use]
    pub fn frequency(&self, item: u32) -> u32 {
        self.frequency.get(item as usize).copied().unwrap_or(0)
    }

    /// The items that sessions like `session` (newest item first) went on to, best first; equal scores
    /// in the order of the items' numbers. Items of the request itself may be among them.
    #[must_use]
    pub fn next_items(&self, session: &[u32], reach: Reach, limit: usize) -> Vec<Scored> {
        self.neighbours(session, reach).best_next_items(limit)
    }

    /// What the index may grow to.
    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The number of the oldest session.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// How many of the newest sessions may still go on.
    pub(crate) fn open_len(&self) -> u32 {
        u32::try_from(self.open.len()).unwrap_or(u32::MAX)
    }

    /// All sessions, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Items<'_>> {
        let open = self.open.iter().map(|items| Items::of(items));
        self.sealed.iter().chain(open)
    }

    /// Where the arena of this index begins.
    pub(crate) fn offset(&self) -> u32 {
        self.sealed.offset()
    }

    /// The session of an age.
    #[inline]
    fn session(&self, age: u32) -> Items<'_> {
        match age.checked_sub(self.open_len()) {
            Some(older) => self.sealed.get(self.sealed.end().wrapping_sub(older + 1)),
            None => {
                let place = self.open.len() - 1 - age as usize;
                Items::of(self.open.get(place).map_or(&[], Vec::as_slice))
            }
        }
    }

    fn open_session(&self, number: u64) -> Option<&Vec<u32>> {
        self.open.get(self.open_place(number)?)
    }

    fn open_place(&self, number: u64) -> Option<usize> {
        let rank = number.checked_sub(self.first)?;
        usize::try_from(rank.checked_sub(u64::from(self.sealed.len()))?).ok()
    }

    /// The low half of the number of the newest session. Distances to it tell ages.
    fn newest(&self) -> u32 {
        let newest = self.first + u64::from(self.len()).saturating_sub(1);
        low_half(newest)
    }

    fn add_view(&mut self, number: u64, item: u32) -> bool {
        let newest = self.newest();
        let place = self.open_place(number);
        let Some(session) = place.and_then(|place| self.open.get_mut(place)) else {
            return false;
        };
        session.push(item);
        self.postings.post(
            item,
            low_half(number),
            newest,
            self.bounds.postings_per_item,
        );
        self.count(item);
        true
    }

    /// Seals and drops so that one more session of `len` items keeps all bounds.
    fn make_room(&mut self, len: usize) {
        while self.open_len() >= self.bounds.live_sessions {
            self.seal_oldest();
        }
        while self.len() >= self.bounds.sessions || self.sealed.is_full_for(len) {
            if self.sealed.len() == 0 {
                self.seal_oldest();
            }
            if !self.drop_oldest() {
                return;
            }
        }
    }

    /// The oldest open session is over.
    fn seal_oldest(&mut self) {
        let number = low_half(self.first + u64::from(self.sealed.len()));
        if let Some(items) = self.open.pop_front() {
            let position = self.sealed.push(&items);
            for item in items {
                self.postings
                    .seal(item, number, position, self.bounds.postings_per_item);
            }
        }
    }

    fn drop_oldest(&mut self) -> bool {
        let Some((position, items)) = self.sealed.pop_oldest() else {
            return false;
        };
        self.first += 1;
        for item in items {
            self.postings.drop_oldest(item, position);
            let place = item as usize;
            if let Some(count) = self.frequency.get_mut(place)
                && let Some(log) = self.log_frequency.get_mut(place)
            {
                *count = count.saturating_sub(1);
                *log = fixed::log2(*count);
            }
        }
        true
    }

    fn count(&mut self, item: u32) {
        let place = item as usize;
        if place >= self.frequency.len() {
            self.frequency.resize(place + 1, 0);
            self.log_frequency.resize(place + 1, 0);
        }
        if let Some(count) = self.frequency.get_mut(place)
            && let Some(log) = self.log_frequency.get_mut(place)
        {
            *count = count.saturating_add(1);
            *log = fixed::log2(*count);
        }
    }

    /// Rarity of an item, in units of 1/1024 of a halving; never 0, so that a tiny store has scores too.
    /// `logarithm` is `fixed::log2` of the number of sessions.
    #[inline]
    fn rarity(&self, item: u32, logarithm: u32) -> u32 {
        let log_frequency = self.log_frequency.get(item as usize).copied().unwrap_or(0);
        logarithm.saturating_sub(log_frequency) + 1
    }

    /// How many sessions are over, and what the oldest one's age is among them.
    fn sealed_size(&self) -> (u32, u32) {
        (self.sealed.len(), self.sealed.span())
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is wanted"
)]
fn low_half(number: u64) -> u32 {
    number as u32
}

/// The newest `limit` distinct items in the order in which they came last, oldest first.
fn distinct_newest(items: &[u32], limit: u32) -> Vec<u32> {
    let mut kept: Vec<u32> = Vec::with_capacity(items.len().min(limit as usize));
    for item in items.iter().rev() {
        if kept.len() >= limit as usize {
            break;
        }
        if *item < ITEM_NUMBERS_END && !kept.contains(item) {
            kept.push(*item);
        }
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests;
