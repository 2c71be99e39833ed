//! Item -> the newest sessions it was in.
//!
//! Each item has a ring of the positions of sessions that are over, and a short tail of those that may
//! still go on. A view is one write at the end of a tail; nothing is rebuilt.

use std::collections::VecDeque;

/// The smallest ring that is made, so that rare items stay small.
const RING_LEN_MIN: usize = 2;

/// Sessions by item. An item's lists hold at most `per_item` sessions each.
#[derive(Debug, Clone, Default)]
pub(super) struct Postings {
    /// Positions in the arena, oldest first.
    rings: Vec<VecDeque<u32>>,
    /// The low half of the numbers of open sessions, oldest first.
    tails: Vec<Vec<u32>>,
}

impl Postings {
    /// Room for what is about to be sealed, where it is known: a ring that need not grow wastes nothing.
    pub(super) fn with_room(frequencies: &[u32], per_item: u32) -> Self {
        let room = |frequency: &u32| VecDeque::with_capacity(*frequency.min(&per_item) as usize);
        Self {
            rings: frequencies.iter().map(room).collect(),
            tails: Vec::new(),
        }
    }

    /// Open sessions of `item`, oldest first.
    pub(super) fn open(&self, item: u32) -> &[u32] {
        self.tails.get(item as usize).map_or(&[], Vec::as_slice)
    }

    /// Positions of the sessions of `item` that are over, oldest first, in two pieces.
    pub(super) fn sealed(&self, item: u32) -> (&[u32], &[u32]) {
        let ring = self.rings.get(item as usize);
        ring.map_or((&[], &[]), VecDeque::as_slices)
    }

    /// Adds an open session to an item.
    pub(super) fn post(&mut self, item: u32, number: u32, newest: u32, per_item: u32) {
        let Some(tail) = slot(&mut self.tails, item) else {
            return;
        };
        // A session that goes on may be older than others which have the item already. Numbers wrap, so
        // they are compared by their distance to the newest.
        let age = newest.wrapping_sub(number);
        let place = tail.partition_point(|other| newest.wrapping_sub(*other) > age);
        tail.insert(place, number);
        if tail.len() > per_item as usize {
            tail.remove(0);
        }
    }

    /// Moves an item's oldest open session, `number`, to those that are over, at `position`.
    pub(super) fn seal(&mut self, item: u32, number: u32, position: u32, per_item: u32) {
        if let Some(tail) = self.tails.get_mut(item as usize)
            && tail.first() == Some(&number)
        {
            tail.remove(0);
        }
        if let Some(ring) = slot(&mut self.rings, item) {
            push(ring, position, per_item as usize);
        }
    }

    /// Forgets the session at `position`, the oldest of all.
    pub(super) fn drop_oldest(&mut self, item: u32, position: u32) {
        if let Some(ring) = self.rings.get_mut(item as usize)
            && ring.front() == Some(&position)
        {
            ring.pop_front();
        }
    }
}

fn push(ring: &mut VecDeque<u32>, position: u32, most: usize) {
    if ring.len() >= most {
        ring.pop_front();
    } else if ring.len() == ring.capacity() {
        let more = (ring.len() / 2).max(RING_LEN_MIN);
        ring.reserve_exact(more.min(most - ring.len()));
    }
    ring.push_back(position);
}

fn slot<T: Default>(lists: &mut Vec<T>, item: u32) -> Option<&mut T> {
    let place = item as usize;
    if place >= lists.len() {
        lists.resize_with(place + 1, T::default);
    }
    lists.get_mut(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(postings: &Postings, item: u32) -> Vec<u32> {
        let (older, newer) = postings.sealed(item);
        [older, newer].concat()
    }

    #[test]
    fn an_item_keeps_its_newest_sessions() {
        let mut postings = Postings::default();
        for position in 0..5 {
            postings.seal(3, 0, position * 10, 3);
        }
        assert_eq!(sealed(&postings, 3), [20, 30, 40]);
        postings.drop_oldest(3, 10);
        assert_eq!(sealed(&postings, 3), [20, 30, 40]);
        postings.drop_oldest(3, 20);
        assert_eq!(sealed(&postings, 3), [30, 40]);
        assert!(sealed(&postings, 77).is_empty() && postings.open(77).is_empty());
    }

    #[test]
    fn an_open_session_takes_its_place_by_age_even_when_numbers_wrap() {
        let mut postings = Postings::default();
        for number in [u32::MAX - 1, 1, u32::MAX, 0] {
            postings.post(5, number, 1, 3);
        }
        assert_eq!(postings.open(5), [u32::MAX, 0, 1]);
        postings.seal(5, u32::MAX - 1, 7, 3);
        postings.seal(5, u32::MAX, 9, 3);
        assert_eq!(
            (postings.open(5), sealed(&postings, 5)),
            (&[0, 1][..], vec![7, 9])
        );
    }
}
