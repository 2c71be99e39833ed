//! Sessions that came after the flat arrays were built.

use super::Bounds;

/// The newest sessions, and per item the ranks of those it is in. Both are bounded by [`Bounds`].
#[derive(Debug, Clone, Default)]
pub(super) struct Live {
    sessions: Vec<Vec<u32>>,
    /// By item: ranks in rising order, the newest `postings_per_item`.
    tails: Vec<Vec<u32>>,
}

impl Live {
    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn sessions(&self) -> &[Vec<u32>] {
        &self.sessions
    }

    pub(super) fn into_sessions(self) -> Vec<Vec<u32>> {
        self.sessions
    }

    /// The items of the session at `position` in this layer.
    pub(super) fn session(&self, position: u32) -> &[u32] {
        self.sessions
            .get(position as usize)
            .map_or(&[], Vec::as_slice)
    }

    /// Ranks of the sessions of `item` in this layer, in rising order.
    pub(super) fn tail(&self, item: u32) -> &[u32] {
        self.tails.get(item as usize).map_or(&[], Vec::as_slice)
    }

    /// Adds the session that gets `rank`.
    pub(super) fn push(&mut self, rank: u32, items: Vec<u32>, bounds: Bounds) {
        for item in &items {
            self.post(rank, *item, bounds);
        }
        self.sessions.push(items);
    }

    /// Adds `item` to the session at `position`, whose rank is `rank`; false when it cannot.
    pub(super) fn extend(&mut self, position: u32, rank: u32, item: u32, bounds: Bounds) -> bool {
        let Some(session) = self.sessions.get_mut(position as usize) else {
            return false;
        };
        if session.len() >= bounds.items_per_session as usize || session.contains(&item) {
            return false;
        }
        session.push(item);
        self.post(rank, item, bounds);
        true
    }

    fn post(&mut self, rank: u32, item: u32, bounds: Bounds) {
        let place = item as usize;
        if place >= self.tails.len() {
            self.tails.resize_with(place + 1, Vec::new);
        }
        let Some(tail) = self.tails.get_mut(place) else {
            return;
        };
        // A session that goes on may be older than others which have the item already.
        tail.insert(tail.partition_point(|other| *other < rank), rank);
        if tail.len() > bounds.postings_per_item as usize {
            tail.remove(0);
        }
    }
}
