//! What a run did, what went wrong on purpose, and how often each invariant was looked at.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts by name.
pub type Tally = BTreeMap<&'static str, u64>;

/// The counts of a run.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<Figures>);

/// Figures of one run or of many.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// What was done.
    pub done: Tally,
    /// Faults, by kind.
    pub faults: Tally,
    /// Looks at an invariant, by its name.
    pub checks: Tally,
}

impl Figures {
    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        for (ours, theirs) in [
            (&mut self.done, &other.done),
            (&mut self.faults, &other.faults),
            (&mut self.checks, &other.checks),
        ] {
            for (name, count) in theirs {
                *ours.entry(name).or_default() += count;
            }
        }
    }

    /// How often an invariant was looked at.
    #[must_use]
    pub fn checked(&self, invariant: &str) -> u64 {
        self.checks.get(invariant).copied().unwrap_or(0)
    }
}

impl Counts {
    fn figures(&self) -> MutexGuard<'_, Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something was done.
    pub(super) fn add(&self, name: &'static str) {
        *self.figures().done.entry(name).or_default() += 1;
    }

    /// Something went wrong on purpose.
    pub(super) fn fault(&self, name: &'static str) {
        *self.figures().faults.entry(name).or_default() += 1;
    }

    /// An invariant was looked at.
    pub(super) fn check(&self, invariant: &'static str) {
        *self.figures().checks.entry(invariant).or_default() += 1;
    }

    /// The figures so far.
    #[must_use]
    pub(super) fn read(&self) -> Figures {
        self.figures().clone()
    }
}
