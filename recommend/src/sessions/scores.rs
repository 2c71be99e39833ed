//! What the neighbours vote for.

use super::neighbours::Neighbour;
use super::sums::{self, Sums};
use super::tuning::Spread;
use super::{Items, Neighbours, Scored};
use crate::fixed;

/// Frequency that is added under the root of a companion's score: one coincidence is not a habit.
const COMPANION_DAMPING: u32 = 10;

impl Neighbours<'_> {
    /// The best of what comes next: the neighbours' weights times the item's rarity.
    pub(crate) fn best_next_items(&self, limit: usize) -> Vec<Scored> {
        let logarithm = fixed::log2(self.index.len());
        let sessions = self.sessions();
        let most = sessions.iter().map(Items::len).sum();
        sums::best(
            self.index.frequency.len(),
            most,
            limit,
            |sums| self.vote(&sessions, sums),
            |item, votes| u64::from(votes) * u64::from(self.index.rarity(item, logarithm)),
        )
    }

    /// Scores for "what goes with": shared sessions over the root of the item's frequency.
    pub(crate) fn companion_items(&self) -> impl Iterator<Item = Scored> {
        self.votes().into_iter().map(|(item, votes)| {
            let score = fixed::cosine(votes, self.index.frequency(item), COMPANION_DAMPING);
            Scored { item, score }
        })
    }

    /// How the vote of a neighbour with these items spreads over them: from where the newest item of the
    /// request is that it has.
    #[inline]
    pub(super) fn spread(&self, neighbour: &Neighbour, mut items: Items<'_>) -> Spread<'_> {
        if self.shape.is_none() {
            return Spread::new(None, neighbour.weight, 0);
        }
        let newest = self
            .request
            .get(neighbour.matches.trailing_zeros() as usize);
        let anchor = items.position(|item| Some(&item) == newest).unwrap_or(0);
        Spread::new(self.shape, neighbour.weight, anchor)
    }

    /// What each item gains from all neighbours.
    pub(super) fn votes(&self) -> Vec<(u32, u32)> {
        let sessions = self.sessions();
        let most = sessions.iter().map(Items::len).sum();
        sums::collect(self.index.frequency.len(), most, |sums| {
            self.vote(&sessions, sums);
        })
    }

    /// All neighbours' items. All are asked for before any is read: the memory answers them side by side.
    fn sessions(&self) -> Vec<Items<'_>> {
        let found = self.found.iter();
        found.map(|found| self.index.session(found.age)).collect()
    }

    fn vote(&self, sessions: &[Items<'_>], sums: &mut Sums) {
        for (neighbour, session) in self.found.iter().zip(sessions) {
            let session = session.clone();
            if self.shape.is_none() {
                session.for_each(|item| sums.add(item, neighbour.weight));
            } else {
                let spread = self.spread(neighbour, session.clone());
                for (item, at) in session.zip(0..) {
                    sums.add(item, spread.gain(at));
                }
            }
        }
    }
}

/// The best `limit` of `scored`, best first; equal scores in the order of the items' numbers. Holds few
/// at a time, so that most are passed over with one comparison.
pub(super) fn best_of(scored: impl Iterator<Item = Scored>, limit: usize) -> Vec<Scored> {
    let room = limit.saturating_mul(2).saturating_add(8);
    let mut kept: Vec<Scored> = Vec::with_capacity(room.min(1_024));
    let mut least = 0;
    for candidate in scored {
        if candidate.score < least {
            continue;
        }
        kept.push(candidate);
        if kept.len() >= room {
            keep_best(&mut kept, limit);
            least = kept.iter().map(|scored| scored.score).min().unwrap_or(0);
        }
    }
    take_best(&mut kept, limit)
}

/// The order of an answer: the best first, equals in the order of the items' numbers.
fn order(a: &Scored, b: &Scored) -> std::cmp::Ordering {
    b.score.cmp(&a.score).then(a.item.cmp(&b.item))
}

/// Drops all but the best `limit` of `scored`, which stay in no order.
pub(super) fn keep_best(scored: &mut Vec<Scored>, limit: usize) {
    if (1..scored.len()).contains(&limit) {
        scored.select_nth_unstable_by(limit - 1, order);
    }
    scored.truncate(limit);
}

/// Takes the best `limit` out of `scored`, best first; equal scores in the order of the items' numbers.
pub(crate) fn take_best(scored: &mut Vec<Scored>, limit: usize) -> Vec<Scored> {
    let rest = if (1..scored.len()).contains(&limit) {
        scored.select_nth_unstable_by(limit - 1, order);
        scored.split_off(limit)
    } else {
        Vec::new()
    };
    let mut best = std::mem::replace(scored, rest);
    best.truncate(limit);
    best.sort_unstable_by(order);
    best
}
