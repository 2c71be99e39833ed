//! What "what comes next" weighs, where quality counts more than the last microsecond.
//!
//! The shape is that of sequence- and time-aware session neighbours (VS-kNN, STAN): an item of the request
//! counts the more the newer and the rarer it is; a neighbour the more of that it shares, the newer and the
//! shorter it is; an item of a neighbour the nearer it came behind what is shared. Numbers are whole, and
//! what is not linear is a table made once.

use super::{REQUEST_ITEMS_MAX, Reach};
use crate::fixed;

/// One, as a factor of the tables here.
const ONE: u32 = 1 << 10;
/// Places before and behind the shared item that are told apart; lists of items are at most this long.
const PLACES: usize = 256;
/// Steps of the similarity that are told apart.
pub(super) const SIMILARITY_STEPS: u32 = 1 << 10;

/// The parameters. How they were chosen is told in the crate's `MEASURED.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// How far a request looks.
    pub reach: Reach,
    /// Places after which an item of the request counts half for similarity, in 1/16.
    pub position_half_life: u32,
    /// Places after which the newest shared item makes a vote count half, in 1/16.
    pub anchor_half_life: u32,
    /// Added to the rarity of a shared item, in 1/1024 of a halving: the more, the less rarity counts.
    pub match_offset: u32,
    /// The power of the similarity, in 1/16.
    pub power: u32,
    /// Sessions older than this count next to nothing, in 1/16 of all sessions; from now to then
    /// their weight falls evenly.
    pub horizon: u32,
    /// What a doubling of a session's length costs its vote, in 1/1024.
    pub length_damping: u32,
    /// Steps behind the shared item after which an item gains half, in 1/16.
    pub gap_reach: u32,
    /// What an item gains that came before the shared one, in 1/256 of one that came behind it.
    pub backward: u32,
    /// Added to the rarity of a recommended item, in 1/1024 of a halving.
    pub rarity_offset: u32,
    /// What the current item's score is multiplied with, in 1/256.
    pub current: u32,
    /// What the scores of the session's earlier items are multiplied with, in 1/256.
    pub earlier: u32,
    /// A second look, with the best of the first answer beside the request.
    pub second_look: Option<SecondLook>,
}

/// A second look (pseudo-relevance feedback): finds what is two steps away, where one step leads to few.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondLook {
    /// The newest sessions that have an item of the request or of the first answer.
    pub candidates: u32,
    /// Of those, the most similar that score items.
    pub neighbours: u32,
    /// Newest sessions of each item.
    pub postings: u32,
    /// The best of the first answer that take part.
    pub items: u32,
    /// What they weigh all together, in 1/256 of the request's newest item.
    pub weight: u32,
    /// What the second answer counts, in 1/256 of the first.
    pub share: u32,
}

impl Tuning {
    /// For shops whose visitors compare many items.
    pub const BROWSING: Self = Self {
        reach: Reach {
            candidates: 500,
            neighbours: 300,
            items: 9,
        },
        position_half_life: 37,
        anchor_half_life: 15,
        match_offset: 0,
        power: 16,
        horizon: 23,
        length_damping: 77,
        gap_reach: 50,
        backward: 192,
        rarity_offset: 3_271,
        current: 284,
        earlier: 715,
        second_look: Some(SecondLook {
            candidates: 1_000,
            neighbours: 200,
            postings: 57,
            items: 8,
            weight: 480,
            share: 128,
        }),
    };

    /// For shops whose visitors come back to what they saw.
    pub const REPEATING: Self = Self {
        reach: Reach {
            candidates: 3_780,
            neighbours: 651,
            items: 9,
        },
        position_half_life: 46,
        anchor_half_life: 8,
        match_offset: 1_434,
        power: 47,
        horizon: 32,
        length_damping: 86,
        gap_reach: 19,
        backward: 177,
        rarity_offset: 11_728,
        current: 62,
        earlier: 141,
        second_look: Some(SecondLook {
            candidates: 1_805,
            neighbours: 725,
            postings: 172,
            items: 6,
            weight: 371,
            share: 139,
        }),
    };
}

/// [`Tuning`] with its tables.
#[derive(Debug, Clone)]
pub struct Tuned {
    pub(super) tuning: Tuning,
    pub(super) positions: Vec<u32>,
    pub(super) anchors: Vec<u32>,
    powers: Vec<u32>,
    lengths: Vec<u32>,
    pub(super) shape: Shape,
}

/// How a vote spreads over a neighbour's items, and what the items' sums are multiplied with.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// By places from the shared item, [`PLACES`] for none.
    gaps: Vec<u32>,
    pub(super) rarity_offset: u32,
    pub(super) current: u32,
    pub(super) earlier: u32,
}

impl Tuned {
    /// Makes the tables.
    #[must_use]
    pub fn new(tuning: Tuning) -> Self {
        let places = 0..REQUEST_ITEMS_MAX;
        let halving = |half_life| move |place| fixed::decay(16 * place, half_life);
        let power = |step| match step {
            0 => 0,
            _ => fixed::exp2_negative(
                (fixed::log2(SIMILARITY_STEPS) - fixed::log2(step)) * tuning.power / 16,
            ),
        };
        let length = |length| ONE.saturating_sub(fixed::log2(length) * tuning.length_damping / ONE);
        Self {
            positions: places
                .clone()
                .map(halving(tuning.position_half_life))
                .collect(),
            anchors: places.map(halving(tuning.anchor_half_life)).collect(),
            powers: (0..=SIMILARITY_STEPS).map(power).collect(),
            lengths: (0..PLACES as u32).map(|len| length(len).max(1)).collect(),
            shape: Shape::new(tuning),
            tuning,
        }
    }

    /// The weight of a similarity, given in steps: at most 2²⁰.
    #[inline]
    pub(super) fn power(&self, step: u32) -> u32 {
        self.powers.get(step as usize).copied().unwrap_or(0)
    }

    /// What a session's length leaves of its vote, in 1/1024.
    #[inline]
    pub(super) fn length(&self, length: usize) -> u32 {
        self.lengths.get(length).copied().unwrap_or(1)
    }
}

impl Shape {
    fn new(tuning: Tuning) -> Self {
        let gain = |places: usize| -> u32 {
            let steps = u32::try_from(places.abs_diff(PLACES)).unwrap_or(u32::MAX);
            let far = 16 * steps.saturating_sub(1);
            let near = 256 * tuning.gap_reach / (tuning.gap_reach + far).max(1);
            if places < PLACES {
                near * tuning.backward / 256
            } else {
                near
            }
        };
        Self {
            gaps: (0..2 * PLACES).map(gain).collect(),
            rarity_offset: tuning.rarity_offset,
            current: tuning.current,
            earlier: tuning.earlier,
        }
    }
}

/// The vote of one neighbour.
pub(super) struct Spread<'a> {
    weight: u32,
    /// What is gained at each place; empty where all gain the same.
    gains: &'a [u32],
}

impl<'a> Spread<'a> {
    pub(super) fn new(shape: Option<&'a Shape>, weight: u32, anchor: usize) -> Self {
        let gains = shape.and_then(|shape| shape.gaps.get(PLACES.saturating_sub(anchor)..));
        Self {
            weight,
            gains: gains.unwrap_or(&[]),
        }
    }

    /// What the item at `place` gains.
    #[inline]
    pub(super) fn gain(&self, place: usize) -> u32 {
        match self.gains.get(place) {
            Some(gain) => (self.weight * gain) >> 8,
            None => self.weight,
        }
    }
}
