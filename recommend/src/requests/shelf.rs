//! From scored candidates to a shelf: admitted, mixed, cut, and with their reasons.

use super::MAX_LIMIT;
use super::filters::{Admission, Diversity};
use crate::fixed;
use crate::model::Model;
use crate::model::traits::NONE;
use crate::sessions::{Scored, take_best};
use domain::recommendation::{Reason, Recommendation};

/// How many candidates one source brings to a mix: enough that a shelf stays full when sources
/// disagree.
pub(super) const CANDIDATES_MAX: usize = 4 * MAX_LIMIT;

/// The best [`CANDIDATES_MAX`] candidates that may be shown, best first.
pub(super) fn admitted(
    candidates: impl Iterator<Item = Scored>,
    admission: &Admission<'_>,
) -> Vec<Scored> {
    let mut rest: Vec<Scored> = candidates.collect();
    let mut kept = Vec::new();
    // Filters mostly admit, so it is enough to put the best in order; the rest only if they run out.
    while !rest.is_empty() && kept.len() < CANDIDATES_MAX {
        let best = take_best(&mut rest, 2 * CANDIDATES_MAX);
        let room = CANDIDATES_MAX - kept.len();
        kept.extend(
            best.into_iter()
                .filter(|scored| admission.admits(scored.item))
                .take(room),
        );
    }
    kept
}

/// The first `limit` of `ranked` (best first) that keep within the diversity.
pub(super) fn mixed(
    model: &Model,
    ranked: &[Scored],
    diversity: Diversity,
    limit: usize,
) -> Vec<Scored> {
    let limit = limit.min(MAX_LIMIT);
    let (mut styles, mut departments) = (
        Tally::new(diversity.per_style),
        Tally::new(diversity.per_department),
    );
    let mut shelf = Vec::with_capacity(limit);
    for candidate in ranked {
        if shelf.len() >= limit {
            break;
        }
        let traits = model.traits(candidate.item);
        if styles.has_room(traits.style) && departments.has_room(traits.department) {
            styles.count(traits.style);
            departments.count(traits.department);
            shelf.push(*candidate);
        }
    }
    shelf
}

/// How many of each kind are on the shelf. A shelf is short, so a list is enough.
struct Tally {
    most: Option<u32>,
    counts: Vec<(u32, u32)>,
}

impl Tally {
    fn new(most: Option<u32>) -> Self {
        Self {
            most,
            counts: Vec::new(),
        }
    }

    fn has_room(&self, kind: u32) -> bool {
        let Some(most) = self.most else { return true };
        let count = self
            .counts
            .iter()
            .find(|entry| entry.0 == kind)
            .map_or(0, |entry| entry.1);
        kind == NONE || count < most
    }

    fn count(&mut self, kind: u32) {
        match self.counts.iter_mut().find(|entry| entry.0 == kind) {
            Some(entry) => entry.1 += 1,
            None => self.counts.push((kind, 1)),
        }
    }
}

/// The shelf as an answer. Scores are relative to the best, in steps of 1/65,536, which `f32` holds
/// exactly.
pub(super) fn explained(
    model: &Model,
    shelf: &[Scored],
    reasons: Vec<Option<Reason>>,
) -> Vec<Recommendation> {
    let best = shelf.iter().map(|scored| scored.score).max().unwrap_or(1);
    let explained = shelf.iter().zip(reasons).filter_map(|(scored, reason)| {
        let sku = model.skus.name(scored.item)?.clone();
        Some(Recommendation {
            sku,
            score: share(scored.score, best),
            reason: reason?,
        })
    });
    explained.collect()
}

fn share(score: u64, best: u64) -> f32 {
    let steps = u16::try_from(fixed::ratio(score, best).saturating_sub(1)).unwrap_or(u16::MAX);
    (f32::from(steps) + 1.0) / 65_536.0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "the values are exact by construction")]
    use super::*;

    #[test]
    fn a_score_is_a_share_of_the_best() {
        assert_eq!(share(10, 10), 1.0);
        assert_eq!(share(5, 10), 0.5);
        assert!(share(0, 10) > 0.0);
        assert_eq!(share(u64::MAX, u64::MAX), 1.0);
    }
}
