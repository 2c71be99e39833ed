//! How large an index may grow, and how far a request looks.

use super::arena::SESSION_LEN_MAX;

/// What an index may grow to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Newest sessions that are found through one item (the `m` of VMIS-kNN).
    pub postings_per_item: u32,
    /// Distinct items kept of one session: its newest.
    pub items_per_session: u32,
    /// Sessions kept. One more, and the oldest goes.
    pub sessions: u32,
    /// The newest sessions that may still go on. One more, and the oldest of them is over.
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
        items_per_session: 255,
        sessions: 5_000_000,
        live_sessions: 16_384,
    };

    /// The same bounds within what the index can address.
    pub(crate) fn clamped(self) -> Self {
        let sessions = self.sessions.clamp(1, 1 << 26);
        Self {
            postings_per_item: self.postings_per_item.clamp(1, 65_536),
            items_per_session: self.items_per_session.clamp(2, SESSION_LEN_MAX),
            sessions,
            live_sessions: self.live_sessions.clamp(1, (1 << 24).min(sessions)),
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
