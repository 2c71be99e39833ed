//! "What comes next" with a tuning.

use super::evidence::Marks;
use super::neighbours::{Neighbour, keep_most_similar};
use super::scores::best_of;
use super::sums::{self, Sums};
use super::tuning::{SIMILARITY_STEPS, SecondLook, Tuned, Tuning};
use super::{Neighbours, REQUEST_ITEMS_MAX, Scored, SessionIndex};
use crate::fixed;
use std::sync::LazyLock;

/// Scores of an answer are shares of the best, in this many bits, before they are added up.
const SHARE_BITS: u32 = 20;

/// The tuning that models answer with.
pub(crate) fn tuned() -> &'static Tuned {
    static TUNED: LazyLock<Tuned> = LazyLock::new(|| Tuned::new(Tuning::BROWSING));
    &TUNED
}

/// What was found in one look, or in two.
#[derive(Debug, Clone)]
pub(crate) struct Looks<'a> {
    pub(super) first: Neighbours<'a>,
    scores: Vec<Scored>,
    pub(super) second: Option<Second<'a>>,
}

/// What the second look found, and what it counts in 1/256.
#[derive(Debug, Clone)]
pub(super) struct Second<'a> {
    pub(super) neighbours: Neighbours<'a>,
    scores: Vec<Scored>,
    share: u32,
}

impl SessionIndex {
    /// The items that come next after `session` (newest item first), best first; equal scores in the order
    /// of the items' numbers. Items of the request itself may be among them.
    #[must_use]
    pub fn next_items_tuned(&self, session: &[u32], tuned: &Tuned, limit: usize) -> Vec<Scored> {
        let looks = self.looks(session, tuned);
        let Some(second) = &looks.second else {
            return best_of(looks.scores.into_iter(), limit);
        };
        let (items, most) = (
            self.frequency.len(),
            looks.scores.len() + second.scores.len(),
        );
        let adding = |sums: &mut Sums| looks.add_up(second, sums);
        sums::best(items, most, limit, adding, |_, sum| u64::from(sum))
    }

    pub(crate) fn looks<'a>(&'a self, session: &[u32], tuned: &'a Tuned) -> Looks<'a> {
        let tuning = &tuned.tuning;
        let request = distinct(session, tuning.reach.items);
        let first = self.look(request, &[], tuned, None);
        let scores: Vec<Scored> = first.scored_items().collect();
        let second = tuning.second_look.map(|look| {
            let most = look.items + tuning.reach.items;
            let best = best_of(scores.iter().copied(), most as usize);
            let extra = self.extra(&first, &best, look);
            let neighbours = self.look(first.request.clone(), &extra, tuned, Some(look));
            Second {
                scores: neighbours.scored_items().collect(),
                neighbours,
                share: look.share,
            }
        });
        Looks {
            first,
            scores,
            second,
        }
    }

    /// The neighbours of the request's items and of `extra` items with weights of their own.
    fn look<'a>(
        &'a self,
        request: Vec<u32>,
        extra: &[(u32, u32)],
        tuned: &'a Tuned,
        second: Option<SecondLook>,
    ) -> Neighbours<'a> {
        let tuning = &tuned.tuning;
        let logarithm = fixed::log2(self.len());
        let own = request
            .iter()
            .zip(&tuned.positions)
            .map(|(item, position)| {
                let rarity = self.rarity(*item, logarithm) + tuning.match_offset;
                (position * rarity) >> 10
            });
        let own_len = request.len();
        let weights: Vec<u32> = own.chain(extra.iter().map(|entry| entry.1)).collect();
        let request: Vec<u32> = request
            .into_iter()
            .chain(extra.iter().map(|entry| entry.0))
            .collect();
        let (limit, kept, postings) = second.map_or(
            (tuning.reach.candidates, tuning.reach.neighbours, u32::MAX),
            |look| (look.candidates, look.neighbours, look.postings),
        );
        let most = weights.iter().sum::<u32>().max(1);
        let mut candidates = self.candidates_within(&request, &weights, limit, postings);
        keep_most_similar(&mut candidates, kept, most);
        let voters = Voters::new(self, tuned, most, own_len);
        for candidate in &mut candidates {
            candidate.weight = voters.weight(candidate);
        }
        Neighbours {
            index: self,
            found: candidates,
            request,
            weights,
            own: own_len,
            shape: Some(&tuned.shape),
        }
    }

    /// The best of an answer that are not of the request, with what they weigh.
    fn extra(&self, first: &Neighbours<'_>, best: &[Scored], look: SecondLook) -> Vec<(u32, u32)> {
        let room = (REQUEST_ITEMS_MAX as usize).saturating_sub(first.request.len());
        let fresh = best
            .iter()
            .filter(|scored| !first.request.contains(&scored.item));
        let fresh: Vec<&Scored> = fresh.take(room.min(look.items as usize)).collect();
        let all: u64 = best
            .iter()
            .take(look.items as usize)
            .map(|scored| scored.score)
            .sum();
        let logarithm = fixed::log2(self.len());
        let weigh = |scored: &&Scored| {
            let rarity =
                u64::from(self.rarity(scored.item, logarithm)) * u64::from(look.weight) / 256;
            let weight = fixed::ratio(scored.score, all).saturating_mul(rarity) >> 16;
            (scored.item, u32::try_from(weight).unwrap_or(u32::MAX >> 8))
        };
        fresh.iter().map(weigh).collect()
    }
}

/// Turns candidates into votes.
struct Voters<'a> {
    index: &'a SessionIndex,
    tuned: &'a Tuned,
    /// Items of the request that are the session's own.
    own: usize,
    /// Steps of similarity for one unit of it, with 32 fraction bits.
    steps: u64,
    horizon: u64,
    /// 1/1024 per session of the horizon, with 32 fraction bits.
    fading: u64,
    /// Sessions per unit of age among those that are over, with 32 fraction bits.
    pace: u64,
}

impl<'a> Voters<'a> {
    fn new(index: &'a SessionIndex, tuned: &'a Tuned, most: u32, own: usize) -> Self {
        let horizon = (u64::from(index.len()) * u64::from(tuned.tuning.horizon) / 16).max(1);
        let (sessions, words) = index.sealed_size();
        Self {
            index,
            tuned,
            own,
            steps: (u64::from(SIMILARITY_STEPS) << 32) / u64::from(most),
            horizon,
            fading: (1 << 42) / horizon,
            pace: (u64::from(sessions) << 32) / u64::from(words.max(1)),
        }
    }

    fn weight(&self, candidate: &Neighbour) -> u32 {
        let step = (u64::from(candidate.similarity) * self.steps) >> 32;
        let power = self
            .tuned
            .power(u32::try_from(step).unwrap_or(SIMILARITY_STEPS));
        let length = self.tuned.length(self.index.session(candidate.age).len());
        let newest = candidate.matches.trailing_zeros() as usize;
        // What is known only through other items counts in full.
        let place = if newest < self.own { newest } else { 0 };
        let anchor = self.tuned.anchors.get(place).copied().unwrap_or(0);
        let weight = u64::from(power) * u64::from(length) * u64::from(anchor);
        let weight = ((weight >> 20) * self.freshness(candidate.age)) >> 10;
        u32::try_from(weight).unwrap_or(u32::MAX >> 10)
    }

    /// What the age leaves of a vote, in 1/1024.
    fn freshness(&self, age: u32) -> u64 {
        let open = self.index.open_len();
        let over = (u64::from(age.saturating_sub(open)) * self.pace) >> 32;
        let rank = u64::from(age.min(open)) + over;
        let left = self.horizon.saturating_sub(rank).max(self.horizon / 64);
        (left * self.fading) >> 32
    }
}

impl Neighbours<'_> {
    /// Scores with the shape's weights.
    fn scored_items(&self) -> impl Iterator<Item = Scored> {
        let logarithm = fixed::log2(self.index.len());
        let own = self.request.get(..self.own).unwrap_or(&self.request);
        let marks = Marks::of(own);
        let (offset, current, earlier) = self.shape.map_or((0, 256, 256), |shape| {
            (shape.rarity_offset, shape.current, shape.earlier)
        });
        self.votes().into_iter().map(move |(item, votes)| {
            let rarity = u64::from(self.index.rarity(item, logarithm) + offset);
            let mut score = u64::from(votes) * rarity;
            if marks.may_have(item) {
                match own.iter().position(|other| *other == item) {
                    Some(0) => score = score * u64::from(current) / 256,
                    Some(_) => score = score * u64::from(earlier) / 256,
                    None => {}
                }
            }
            Scored { item, score }
        })
    }
}

impl Looks<'_> {
    /// The scores of both looks together, in no order.
    pub(crate) fn next_items(&self) -> Vec<Scored> {
        let Some(second) = &self.second else {
            return self.scores.clone();
        };
        let items = self.first.index.frequency.len();
        let most = self.scores.len() + second.scores.len();
        let sums = sums::collect(items, most, |sums| self.add_up(second, sums));
        let scored = |(item, sum)| Scored {
            item,
            score: u64::from(sum),
        };
        sums.into_iter().map(scored).collect()
    }

    fn add_up(&self, second: &Second<'_>, sums: &mut Sums) {
        for (scores, weight) in [(&self.scores, 256), (&second.scores, second.share)] {
            let best = scores.iter().map(|scored| scored.score).max().unwrap_or(1);
            // Shortened to 30 bits, so that products fit 64.
            let shift = (u64::BITS - best.leading_zeros()).saturating_sub(30);
            let scale = (1_u64 << (SHARE_BITS + 30)) / (best >> shift).max(1);
            for Scored { item, score } in scores {
                let share = ((score >> shift) * scale) >> 30;
                let part = (share * u64::from(weight)) >> 8;
                sums.add(*item, u32::try_from(part).unwrap_or(u32::MAX));
            }
        }
    }
}

/// The newest `limit` distinct items, newest first.
fn distinct(session: &[u32], limit: u32) -> Vec<u32> {
    let mut kept: Vec<u32> = Vec::new();
    for item in session {
        if kept.len() >= limit.min(REQUEST_ITEMS_MAX) as usize {
            break;
        }
        if !kept.contains(item) {
            kept.push(*item);
        }
    }
    kept
}
