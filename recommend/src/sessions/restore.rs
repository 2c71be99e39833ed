//! An index from the words of a snapshot.

use super::arena::first_session;
use super::{Bounds, SessionIndex};

impl SessionIndex {
    /// Reads `over` sessions that are over and `open` ones that may go on, of items below `items`. The index is
    /// that which was written, ages included. `None` for words that no index of these bounds writes.
    pub(crate) fn restore(
        words: &[u32],
        over: u32,
        open: u32,
        items: usize,
        (first, offset): (u64, u32),
        bounds: Bounds,
    ) -> Option<Self> {
        let frequencies = frequencies(words, over, items, bounds)?;
        let mut index = Self::with_room(&frequencies, first, offset, bounds);
        let mut session = Vec::new();
        let mut rest = words;
        for place in 0..over.checked_add(open)? {
            let (next, behind) = first_session(rest)?;
            rest = behind;
            session.clear();
            session.extend(next);
            if !is_distinct(&session) || index.sealed.is_full_for(session.len()) {
                return None;
            }
            if place < over {
                index.add_sealed(&session);
            } else if session.iter().all(|item| (*item as usize) < items)
                && session.len() <= bounds.items_per_session as usize
            {
                index.append(&session);
            } else {
                return None;
            }
        }
        rest.is_empty().then_some(index)
    }

    fn add_sealed(&mut self, session: &[u32]) {
        let position = self.sealed.push(session);
        for item in session {
            self.postings
                .seal(*item, 0, position, self.bounds.postings_per_item);
            self.count(*item);
        }
    }
}

/// In how many of the first `over` sessions each item is: rings that know how long they will be waste nothing.
fn frequencies(words: &[u32], over: u32, items: usize, bounds: Bounds) -> Option<Vec<u32>> {
    let mut frequencies = Vec::new();
    let mut rest = words;
    for _ in 0..over {
        let (session, behind) = first_session(rest)?;
        rest = behind;
        if session.len() > bounds.items_per_session as usize {
            return None;
        }
        for item in session {
            let place = item as usize;
            if place >= items {
                return None;
            }
            if place >= frequencies.len() {
                frequencies.resize(place + 1, 0);
            }
            *frequencies.get_mut(place)? += 1;
        }
    }
    Some(frequencies)
}

fn is_distinct(session: &[u32]) -> bool {
    let mut rest = session;
    while let Some((item, behind)) = rest.split_first() {
        if behind.contains(item) {
            return false;
        }
        rest = behind;
    }
    true
}
