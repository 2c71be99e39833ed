//! The sessions most like a request: the newest that share an item with it, and of those the best.
//!
//! Method: VMIS-kNN (Kersbergen, Sprangers, Schelter: "Serenade", SIGMOD 2022).

use super::tuning::Shape;
use super::{REQUEST_ITEMS_MAX, Reach, SessionIndex};

/// A session that votes for its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Neighbour {
    pub(super) age: u32,
    /// Bit `i` is set when the session has the request's `i`-th newest item.
    pub(super) matches: u32,
    /// The sum of the weights of the shared items.
    pub(super) similarity: u32,
    /// What each item of the session gains.
    pub(super) weight: u32,
}

impl Neighbour {
    /// One that has the item at `place`, and has no vote yet.
    #[inline]
    pub(super) fn new(age: u32, place: u32, similarity: u32) -> Self {
        Self {
            age,
            matches: 1 << place,
            similarity,
            weight: 0,
        }
    }
}

/// The neighbours of one request, in no order: their votes are whole numbers.
#[derive(Debug, Clone)]
pub(crate) struct Neighbours<'a> {
    pub(super) index: &'a SessionIndex,
    /// The request's distinct items, newest first.
    pub(super) request: Vec<u32>,
    /// The weight of each item of the request.
    pub(super) weights: Vec<u32>,
    pub(super) found: Vec<Neighbour>,
    /// How many of the request's items are the session's own; the others were added for a second look.
    pub(super) own: usize,
    /// How a neighbour's vote spreads over its items; `None` is evenly.
    pub(super) shape: Option<&'a Shape>,
}

impl SessionIndex {
    /// Neighbours of `session` (newest item first) for "what comes next". A shared item weighs more the
    /// newer it is in the request, and a neighbour more the newer its newest shared item is.
    pub(crate) fn neighbours(&self, session: &[u32], reach: Reach) -> Neighbours<'_> {
        let request = newest_distinct(session, reach.items);
        let length = u32::try_from(request.len()).unwrap_or(REQUEST_ITEMS_MAX);
        let weights: Vec<u32> = (1..=length).rev().collect();
        // Where all are equally similar the newest are taken, so no more need be found.
        let enough = if length == 1 {
            reach.candidates.min(reach.neighbours)
        } else {
            reach.candidates
        };
        let mut candidates = self.candidates(&request, &weights, enough);
        keep_most_similar(&mut candidates, reach.neighbours, length * (length + 1) / 2);
        let horizon = reach.items.clamp(1, REQUEST_ITEMS_MAX);
        let factor = |matches: u32| horizon.saturating_sub(matches.trailing_zeros()).max(1);
        for candidate in &mut candidates {
            candidate.weight = candidate.similarity * factor(candidate.matches);
        }
        Neighbours {
            index: self,
            own: request.len(),
            request,
            weights,
            found: candidates,
            shape: None,
        }
    }

    /// Neighbours for "what goes with": every candidate counts, once per item that it shares.
    pub(crate) fn companions(&self, items: &[u32], reach: Reach) -> Neighbours<'_> {
        let request = newest_distinct(items, reach.items);
        let weights = vec![1; request.len()];
        let mut candidates = self.candidates(&request, &weights, reach.candidates);
        for candidate in &mut candidates {
            candidate.weight = candidate.similarity;
        }
        Neighbours {
            index: self,
            own: request.len(),
            request,
            weights,
            found: candidates,
            shape: None,
        }
    }
}

/// The distinct items among the newest `limit` of `session`, newest first.
pub(super) fn newest_distinct(session: &[u32], limit: u32) -> Vec<u32> {
    let limit = limit.clamp(1, REQUEST_ITEMS_MAX) as usize;
    let mut distinct = Vec::with_capacity(limit);
    for item in session.iter().take(limit) {
        if !distinct.contains(item) {
            distinct.push(*item);
        }
    }
    distinct
}

/// Classes of similarity that are told apart.
const CLASSES: usize = 1_024;

/// Keeps the `limit` most similar; of equals the newest. Similarities are at most `most`; where that is much,
/// close ones count as equal.
pub(super) fn keep_most_similar(candidates: &mut Vec<Neighbour>, limit: u32, most: u32) {
    if candidates.len() <= limit as usize {
        return;
    }
    let shift = (u32::BITS - most.leading_zeros()).saturating_sub(CLASSES.trailing_zeros());
    // Classes are small whole numbers, so counting them is cheaper than sorting.
    let mut counts = [0_u32; CLASSES];
    for candidate in candidates.iter() {
        if let Some(count) = counts.get_mut((candidate.similarity >> shift) as usize % CLASSES) {
            *count += 1;
        }
    }
    let mut room = limit;
    let mut threshold = 0;
    for class in (0..=most >> shift).rev() {
        let count = counts.get(class as usize).copied().unwrap_or(0);
        if count >= room {
            threshold = class;
            break;
        }
        room -= count;
    }
    let class = |candidate: &Neighbour| candidate.similarity >> shift;
    let equal = candidates
        .iter()
        .filter(|candidate| class(candidate) == threshold);
    let mut ages: Vec<u32> = equal.map(|candidate| candidate.age).collect();
    let last = (room as usize).saturating_sub(1);
    // Those that share the same items were found in the order of their ages.
    if !ages.is_sorted() && last < ages.len() {
        ages.select_nth_unstable(last);
    }
    let oldest = ages.get(last).copied().unwrap_or(u32::MAX);
    candidates.retain(|candidate| {
        let class = class(candidate);
        class > threshold || (class == threshold && room > 0 && candidate.age <= oldest)
    });
}
