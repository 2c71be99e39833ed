//! Snapshots that are being fetched: one after the other, part by part.

use super::instruction::Errand;
use domain::api::device::Loading;
use domain::api::sync::{Cursor, Offer, Scope};
use std::collections::{BTreeMap, VecDeque};

/// After so many failures that are not the network's a snapshot is given up; the next pull offers another.
const TRIES: u32 = 3;

/// A snapshot that has begun.
#[derive(Debug, Clone)]
struct Begun {
    scope: Scope,
    cursor: Cursor,
    done: u32,
    total: u32,
}

/// What is still to be fetched.
#[derive(Debug, Clone, Default)]
pub(super) struct Loads {
    waiting: VecDeque<Offer>,
    begun: Option<Begun>,
    failures: u32,
    /// Parts of snapshots that are here, since the offers came.
    parts_done: u32,
    /// What was fetched last of each scope: a cloud that offers it again goes in circles.
    finished: BTreeMap<Scope, Cursor>,
}

impl Loads {
    /// Takes what a pull offered, in the place of what was offered before. Whether any of it was fetched just before.
    pub(super) fn offer(&mut self, offers: Vec<Offer>) -> bool {
        let again = |offer: &Offer| self.finished.get(&offer.scope) == Some(&offer.cursor);
        let circles = offers.iter().any(again);
        self.waiting = offers.into();
        self.begun = None;
        self.failures = 0;
        self.parts_done = 0;
        circles
    }

    /// The next thing to fetch.
    pub(super) fn next(&self) -> Option<Errand> {
        match &self.begun {
            Some(begun) => Some(Errand::Part {
                scope: begun.scope.clone(),
                cursor: begun.cursor,
                part: begun.done,
            }),
            None => self.waiting.front().cloned().map(Errand::Begin),
        }
    }

    /// It is known what the next snapshot consists of.
    pub(super) fn begin(&mut self, done: u32, total: u32) {
        self.failures = 0;
        self.begun = self.waiting.pop_front().map(|offer| Begun {
            scope: offer.scope,
            cursor: offer.cursor,
            done,
            total,
        });
        self.finish();
    }

    /// A part is here; without a next one the snapshot is.
    pub(super) fn take(&mut self, next: Option<u32>) {
        self.failures = 0;
        if let Some(begun) = &mut self.begun {
            begun.done = next.unwrap_or(begun.total);
        }
        self.finish();
    }

    fn finish(&mut self) {
        if let Some(begun) = self.begun.take_if(|begun| begun.done >= begun.total) {
            self.parts_done += begun.total;
            self.finished.insert(begun.scope, begun.cursor);
        }
    }

    /// A fetch failed, and not by the network.
    pub(super) fn fail(&mut self) {
        self.failures += 1;
        if self.failures >= TRIES {
            self.give_up();
        }
    }

    /// The snapshot is not served any more.
    pub(super) fn give_up(&mut self) {
        self.failures = 0;
        if self.begun.take().is_none() {
            self.waiting.pop_front();
        }
    }

    /// A scope begins anew: whatever is offered of it is news.
    pub(super) fn forget(&mut self, scope: &Scope) {
        self.finished.remove(scope);
    }

    pub(super) fn is_done(&self) -> bool {
        self.begun.is_none() && self.waiting.is_empty()
    }

    /// How far everything has come. A snapshot that has not begun counts as one part.
    pub(super) fn progress(&self) -> Option<Loading> {
        let (done, total) = self.begun.as_ref().map_or((0, 0), |b| (b.done, b.total));
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        (!self.is_done()).then(|| Loading {
            done: self.parts_done.saturating_add(done),
            total: (self.parts_done.saturating_add(total)).saturating_add(waiting),
        })
    }
}
