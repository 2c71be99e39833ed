//! What is counted of a method's answers.

use std::collections::{BTreeMap, BTreeSet};

/// Places that count.
pub(crate) const PLACES: usize = 20;

/// How popular items are, for coverage and bias.
pub(crate) struct Catalogue {
    sessions: BTreeMap<u32, u32>,
}

impl Catalogue {
    pub(crate) fn of(sessions: &[Vec<u32>]) -> Self {
        let mut counts = BTreeMap::new();
        for session in sessions {
            for item in session.iter().collect::<BTreeSet<_>>() {
                *counts.entry(*item).or_default() += 1;
            }
        }
        Self { sessions: counts }
    }

    fn popularity(&self, item: u32) -> f64 {
        self.sessions.get(&item).copied().map_or(0.0, f64::from)
    }
}

/// Sums over the answers of one method.
#[derive(Default)]
pub(crate) struct Tally {
    examples: f64,
    hits: f64,
    reciprocal: f64,
    gain: f64,
    shown: BTreeSet<u32>,
    shown_popularity: f64,
    shown_places: f64,
    label_popularity: f64,
}

/// The figures of one method.
pub(crate) struct Figures {
    pub(crate) hit_rate: f64,
    pub(crate) mrr: f64,
    pub(crate) ndcg: f64,
    /// Share of the catalogue that was shown to anybody.
    pub(crate) coverage: f64,
    /// How popular the shown items are, in units of how popular the labels are.
    pub(crate) bias: f64,
}

impl Tally {
    /// Counts one answer, best first; `without` is left out of it.
    pub(crate) fn count(
        &mut self,
        answer: &[u32],
        label: u32,
        without: Option<u32>,
        catalogue: &Catalogue,
    ) {
        let kept = answer.iter().copied().filter(|item| Some(*item) != without);
        let kept: Vec<u32> = kept.take(PLACES).collect();
        self.examples += 1.0;
        self.label_popularity += catalogue.popularity(label);
        if let Some(place) = kept.iter().position(|item| *item == label) {
            self.hits += 1.0;
            self.reciprocal += 1.0 / (place + 1) as f64;
            self.gain += 1.0 / ((place + 2) as f64).log2();
        }
        for item in kept {
            self.shown_popularity += catalogue.popularity(item);
            self.shown_places += 1.0;
            self.shown.insert(item);
        }
    }

    pub(crate) fn figures(&self, catalogue: &Catalogue) -> Figures {
        let examples = self.examples.max(1.0);
        let shown = self.shown_popularity / self.shown_places.max(1.0);
        Figures {
            hit_rate: self.hits / examples,
            mrr: self.reciprocal / examples,
            ndcg: self.gain / examples,
            coverage: self.shown.len() as f64 / catalogue.sessions.len().max(1) as f64,
            bias: shown / (self.label_popularity / examples).max(1e-9),
        }
    }
}
