//! The index of sessions: which sessions an item was in, and which items a session had.
//!
//! A session's number is its recency rank, so neither timestamps nor a heap are needed to find the
//! newest. The bulk lies in flat `u32` arrays; what arrived since lies in a small live layer over them
//! and counts in the very next request. Baskets use the same index: a basket is a session whose order
//! does not matter.
//!
//! The index knows numbers only. It never holds who a session belonged to.

mod evidence;
mod lists;
mod live;
mod neighbours;
mod postings;
mod scores;

use crate::fixed;
pub(crate) use lists::Lists;
use live::Live;
pub(crate) use neighbours::Neighbours;
use postings::Postings;
pub(crate) use scores::take_best;

/// What an index may grow to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Newest sessions that are found through one item (the `m` of VMIS-kNN).
    pub postings_per_item: u32,
    /// Distinct items kept of one session: its newest.
    pub items_per_session: u32,
    /// Sessions kept; the oldest go when the live layer is folded in, so up to `live_sessions` more are held
    /// between two folds.
    pub sessions: u32,
    /// Sessions in the live layer. When it is full, its older half is folded into the flat arrays.
    pub live_sessions: u32,
}

impl Bounds {
    /// For sessions of clicks.
    pub const SESSIONS: Self = Self {
        postings_per_item: 500,
        items_per_session: 64,
        sessions: 10_000_000,
        live_sessions: 65_536,
    };
    /// For baskets, which are longer and fewer.
    pub const BASKETS: Self = Self {
        postings_per_item: 500,
        items_per_session: 256,
        sessions: 5_000_000,
        live_sessions: 16_384,
    };

    /// The same bounds within what the index can address.
    pub(crate) fn clamped(self) -> Self {
        Self {
            postings_per_item: self.postings_per_item.clamp(1, 65_536),
            items_per_session: self.items_per_session.clamp(2, 1_024),
            sessions: self.sessions.clamp(1, 1 << 28),
            live_sessions: self.live_sessions.clamp(2, 1 << 24),
        }
    }
}

/// How far a request looks. `VMIS` is the setting that published figures use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// The newest sessions that share an item with the request (`m`).
    pub candidates: u32,
    /// Of those, the most similar that score items (`k`).
    pub neighbours: u32,
    /// The newest items of the request that count (`l`), at most [`REQUEST_ITEMS_MAX`].
    pub items: u32,
}

impl Reach {
    /// m = 500, k = 100, l = 9.
    pub const VMIS: Self = Self {
        candidates: 500,
        neighbours: 100,
        items: 9,
    };
}

/// The most items of one request that count: a neighbour's matches are a 32-bit mask.
pub const REQUEST_ITEMS_MAX: u32 = 32;

/// Item numbers from this one on are left out: tables by item are as long as the highest number.
pub const ITEM_NUMBERS_END: u32 = 1 << 24;

/// A session of this index. Stays the same when older sessions are folded in or dropped.
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
    base: Lists,
    postings: Postings,
    live: Live,
    /// Sessions that an item is in, by item.
    frequency: Vec<u32>,
    /// `fixed::log2` of the same; computed when it changes, since each request reads hundreds.
    log_frequency: Vec<u32>,
}

impl SessionIndex {
    /// Indexes `sessions`, oldest first; the items of each are oldest first too.
    pub fn build<S: AsRef<[u32]>>(sessions: impl IntoIterator<Item = S>, bounds: Bounds) -> Self {
        let bounds = bounds.clamped();
        let mut base = Lists::default();
        for session in sessions {
            base.push(&distinct_newest(session.as_ref(), bounds.items_per_session));
        }
        let dropped = base.keep_newest(bounds.sessions);
        Self::of_lists(base, Vec::new(), u64::from(dropped), bounds)
    }

    /// An index of lists that are already distinct and bounded.
    pub(crate) fn of_lists(base: Lists, live: Vec<Vec<u32>>, first: u64, bounds: Bounds) -> Self {
        let mut index = Self {
            bounds,
            first,
            postings: Postings::build(&base, bounds.postings_per_item),
            frequency: base.frequencies(),
            base,
            live: Live::default(),
            log_frequency: Vec::new(),
        };
        index.log_frequency = index
            .frequency
            .iter()
            .map(|count| fixed::log2(*count))
            .collect();
        for session in live {
            index.push_live(session);
        }
        index
    }

    /// Adds the newest session; it counts in the next request. `items` are oldest first. Costs a few
    /// hundred nanoseconds, and once in `live_sessions / 2` times a rebuild of the flat arrays.
    pub fn append(&mut self, items: &[u32]) -> SessionNumber {
        if self.live.len() >= self.bounds.live_sessions as usize {
            self.fold();
        }
        self.push_live(distinct_newest(items, self.bounds.items_per_session));
        SessionNumber(self.first + u64::from(self.len()) - 1)
    }

    /// Adds `item` to a session that goes on. False when the session is no longer in the live layer,
    /// is full, or has the item already: the index is unchanged then.
    pub fn extend(&mut self, session: SessionNumber, item: u32) -> bool {
        let Some(rank) = session
            .0
            .checked_sub(self.first)
            .and_then(|rank| u32::try_from(rank).ok())
        else {
            return false;
        };
        let Some(position) = rank.checked_sub(self.base.len()) else {
            return false;
        };
        let added = item < ITEM_NUMBERS_END && self.live.extend(position, rank, item, self.bounds);
        if added {
            self.count(item);
        }
        added
    }

    /// Sessions in the index.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.base.len() + u32::try_from(self.live.len()).unwrap_or(u32::MAX)
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
        let mut scored: Vec<Scored> = self.neighbours(session, reach).next_items().collect();
        take_best(&mut scored, limit)
    }

    /// The bounds, the number of the oldest session, and the sessions of both layers.
    pub(crate) fn parts(&self) -> (Bounds, u64, &Lists, &[Vec<u32>]) {
        (self.bounds, self.first, &self.base, self.live.sessions())
    }

    fn session(&self, rank: u32) -> &[u32] {
        match rank.checked_sub(self.base.len()) {
            None => self.base.get(rank),
            Some(position) => self.live.session(position),
        }
    }

    /// Rarity of an item, in units of 1/1024 of a halving; never 0, so that a tiny store has scores too.
    fn rarity(&self, item: u32) -> u32 {
        let log_frequency = self.log_frequency.get(item as usize).copied().unwrap_or(0);
        fixed::log2(self.len()).saturating_sub(log_frequency) + 1
    }

    fn push_live(&mut self, items: Vec<u32>) {
        for item in &items {
            self.count(*item);
        }
        let rank = self.len();
        self.live.push(rank, items, self.bounds);
    }

    fn count(&mut self, item: u32) {
        let place = item as usize;
        if place >= self.frequency.len() {
            self.frequency.resize(place + 1, 0);
            self.log_frequency.resize(place + 1, 0);
        }
        if let (Some(count), Some(log)) = (
            self.frequency.get_mut(place),
            self.log_frequency.get_mut(place),
        ) {
            *count = count.saturating_add(1);
            *log = fixed::log2(*count);
        }
    }

    /// Moves the older half of the live layer into the flat arrays. Answers do not change by it, unless
    /// `bounds.sessions` makes the oldest sessions go.
    fn fold(&mut self) {
        let mut base = std::mem::take(&mut self.base);
        let mut live = std::mem::take(&mut self.live).into_sessions();
        let kept = live.split_off(live.len().div_ceil(2));
        for session in &live {
            base.push(session);
        }
        let room = self
            .bounds
            .sessions
            .saturating_sub(u32::try_from(kept.len()).unwrap_or(u32::MAX));
        let dropped = base.keep_newest(room);
        *self = Self::of_lists(base, kept, self.first + u64::from(dropped), self.bounds);
    }
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
