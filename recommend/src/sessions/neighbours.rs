//! The sessions most like a request: the newest that share an item with it, and of those the best.
//!
//! Method: VMIS-kNN (Kersbergen, Sprangers, Schelter: "Serenade", SIGMOD 2022).

use super::{REQUEST_ITEMS_MAX, Reach, SessionIndex};

/// A session that shares items with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Neighbour {
    pub(super) rank: u32,
    /// Bit `i` is set when the session has the request's `i`-th newest item.
    pub(super) matches: u32,
    /// The sum of the positions' weights of the shared items.
    similarity: u32,
    /// What the similarity is multiplied with.
    pub(super) factor: u32,
}

impl Neighbour {
    /// What each item of the session gains.
    pub(super) fn weight(&self) -> u32 {
        self.similarity * self.factor
    }
}

/// The neighbours of one request, newest first.
#[derive(Debug, Clone)]
pub(crate) struct Neighbours<'a> {
    pub(super) index: &'a SessionIndex,
    /// The request's distinct items, newest first.
    pub(super) request: Vec<u32>,
    /// The weight of each position of the request.
    pub(super) positions: Vec<u32>,
    pub(super) found: Vec<Neighbour>,
}

impl SessionIndex {
    /// Neighbours of `session` (newest item first) for "what comes next". A shared item weighs more the
    /// newer it is in the request, and a neighbour more the newer its newest shared item is.
    pub(crate) fn neighbours(&self, session: &[u32], reach: Reach) -> Neighbours<'_> {
        let request = newest_distinct(session, reach.items);
        let length = u32::try_from(request.len()).unwrap_or(REQUEST_ITEMS_MAX);
        let positions: Vec<u32> = (1..=length).rev().collect();
        let mut found = self.newest_with_any(&request, &positions, reach.candidates);
        keep_most_similar(&mut found, reach.neighbours);
        let horizon = reach.items.clamp(1, REQUEST_ITEMS_MAX);
        for neighbour in &mut found {
            neighbour.factor = horizon
                .saturating_sub(neighbour.matches.trailing_zeros())
                .max(1);
        }
        Neighbours {
            index: self,
            request,
            positions,
            found,
        }
    }

    /// Neighbours for "what goes with": every candidate counts, once per item that it shares.
    pub(crate) fn companions(&self, items: &[u32], reach: Reach) -> Neighbours<'_> {
        let request = newest_distinct(items, reach.items);
        let positions = vec![1; request.len()];
        let found = self.newest_with_any(&request, &positions, reach.candidates);
        Neighbours {
            index: self,
            request,
            positions,
            found,
        }
    }

    /// The newest `limit` sessions that have any of `items`, newest first, by a merge of the items'
    /// posting lists.
    fn newest_with_any(&self, items: &[u32], positions: &[u32], limit: u32) -> Vec<Neighbour> {
        let mut cursors: Vec<Cursor<'_>> = items
            .iter()
            .zip(positions)
            .map(|(item, weight)| self.cursor(*item, *weight))
            .collect();
        let mut found = Vec::with_capacity(limit.min(4_096) as usize);
        while found.len() < limit as usize {
            let newest = cursors.iter().map(|cursor| cursor.head).max().unwrap_or(0);
            let Some(rank) = newest.checked_sub(1) else {
                break;
            };
            let (mut matches, mut similarity) = (0, 0);
            for (bit, cursor) in cursors.iter_mut().enumerate() {
                if cursor.head == newest {
                    matches |= 1 << bit;
                    similarity += cursor.weight;
                    cursor.step();
                }
            }
            found.push(Neighbour {
                rank,
                matches,
                similarity,
                factor: 1,
            });
        }
        found
    }

    /// The newest `postings_per_item` sessions of `item`, over both layers.
    fn cursor(&self, item: u32, weight: u32) -> Cursor<'_> {
        let (tail, base) = (self.live.tail(item), self.postings.of(item));
        let room = (self.bounds.postings_per_item as usize).saturating_sub(tail.len());
        Cursor::new(tail, base.get(..room).unwrap_or(base), weight)
    }
}

/// A place in the posting list of one item: first the live layer's, then the flat layer's.
struct Cursor<'a> {
    /// Rank + 1 of the session that comes next; 0 at the end.
    head: u32,
    weight: u32,
    tail: std::iter::Rev<std::slice::Iter<'a, u32>>,
    base: std::slice::Iter<'a, u32>,
}

impl<'a> Cursor<'a> {
    fn new(tail: &'a [u32], base: &'a [u32], weight: u32) -> Self {
        let mut cursor = Self {
            head: 0,
            weight,
            tail: tail.iter().rev(),
            base: base.iter(),
        };
        cursor.step();
        cursor
    }

    fn step(&mut self) {
        self.head = self
            .tail
            .next()
            .or_else(|| self.base.next())
            .map_or(0, |rank| rank + 1);
    }
}

/// The distinct items among the newest `limit` of `session`, newest first.
fn newest_distinct(session: &[u32], limit: u32) -> Vec<u32> {
    let limit = limit.clamp(1, REQUEST_ITEMS_MAX) as usize;
    let mut distinct = Vec::with_capacity(limit);
    for item in session.iter().take(limit) {
        if !distinct.contains(item) {
            distinct.push(*item);
        }
    }
    distinct
}

/// The largest similarity there can be, plus one.
const SIMILARITIES: usize = (REQUEST_ITEMS_MAX * (REQUEST_ITEMS_MAX + 1) / 2 + 1) as usize;

/// Keeps the `limit` most similar, in their order; of equals the newest.
fn keep_most_similar(found: &mut Vec<Neighbour>, limit: u32) {
    // Similarities are small whole numbers, so counting them is cheaper than sorting.
    let mut counts = [0_u32; SIMILARITIES];
    for neighbour in found.iter() {
        if let Some(count) = counts.get_mut(neighbour.similarity as usize) {
            *count += 1;
        }
    }
    let mut room = limit;
    let mut threshold = 0;
    for (similarity, count) in counts.into_iter().enumerate().rev() {
        if count >= room {
            threshold = u32::try_from(similarity).unwrap_or(u32::MAX);
            break;
        }
        room -= count;
    }
    found.retain(|neighbour| {
        let equal = neighbour.similarity == threshold;
        let keep = neighbour.similarity > threshold || (equal && room > 0);
        room -= u32::from(equal && keep);
        keep
    });
}
