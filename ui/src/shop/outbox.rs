//! What the shop has to tell and has not yet: bounded, in order, tried again. Pure.

use serde_json::Value;
use std::collections::VecDeque;

/// The most calls that wait; the oldest go first where there are more.
pub(crate) const WAITING_MAX: usize = 200;
/// The longest pause between two tries, in milliseconds.
const PAUSE_MS_MAX: u64 = 30_000;

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Waiting {
    /// Where it goes.
    pub(crate) path: &'static str,
    /// What it says.
    pub(crate) call: Value,
}

/// The calls that wait.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    waiting: VecDeque<Waiting>,
    failures: u32,
    busy: bool,
}

impl Outbox {
    /// Adds a call.
    pub(crate) fn add(&mut self, waiting: Waiting) {
        // The first may be under way: it is not taken away from under it.
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.remove(usize::from(self.busy));
        }
        self.waiting.push_back(waiting);
    }

    /// The call to send now; `None` where one is under way or none waits.
    pub(crate) fn begin(&mut self) -> Option<Waiting> {
        if self.busy {
            return None;
        }
        let next = self.waiting.front().cloned();
        self.busy = next.is_some();
        next
    }

    /// It is there, or will never be accepted.
    pub(crate) fn done(&mut self) {
        self.busy = false;
        self.failures = 0;
        self.waiting.pop_front();
    }

    /// Nobody answered: how long to wait, in milliseconds.
    pub(crate) fn failed(&mut self) -> u64 {
        self.busy = false;
        let pause_ms = 500_u64
            .saturating_mul(1 << self.failures.min(10))
            .min(PAUSE_MS_MAX);
        self.failures = self.failures.saturating_add(1);
        pause_ms
    }

    /// Everything that waits and is not under way: the page is being left. It stays here too, and may arrive twice; the
    /// message id makes one of it.
    pub(crate) fn leaving(&self) -> Vec<Waiting> {
        self.waiting
            .iter()
            .skip(usize::from(self.busy))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(n: usize) -> Waiting {
        Waiting {
            path: "/v1/t",
            call: serde_json::json!(n),
        }
    }

    #[test]
    fn one_after_the_other() {
        let mut outbox = Outbox::default();
        outbox.add(call(1));
        outbox.add(call(2));
        assert_eq!(outbox.begin(), Some(call(1)));
        assert_eq!(outbox.begin(), None, "one is under way");
        assert_eq!(outbox.leaving(), [call(2)]);
        outbox.done();
        assert_eq!(outbox.begin(), Some(call(2)));
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut outbox = Outbox::default();
        outbox.add(call(1));
        assert_eq!(
            (outbox.failed(), outbox.failed(), outbox.failed()),
            (500, 1_000, 2_000)
        );
        (0..100).for_each(|_| assert!(outbox.failed() <= PAUSE_MS_MAX));
        assert_eq!(outbox.begin(), Some(call(1)), "nothing is lost");
        outbox.done();
        outbox.add(call(2));
        assert_eq!(outbox.failed(), 500, "a success begins anew");
    }

    #[test]
    fn it_is_bounded_and_keeps_what_is_under_way() {
        let mut outbox = Outbox::default();
        outbox.add(call(0));
        let under_way = outbox.begin();
        (1..WAITING_MAX + 50).for_each(|n| outbox.add(call(n)));
        assert_eq!(outbox.waiting.len(), WAITING_MAX);
        assert_eq!(outbox.waiting.front(), under_way.as_ref());
        assert_eq!(outbox.waiting.back(), Some(&call(WAITING_MAX + 49)));
    }
}
