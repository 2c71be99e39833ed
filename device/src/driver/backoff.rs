//! How long to wait before the next try: longer each time, and not all devices at once.

use super::Pace;
use std::time::Duration;

/// After so many doublings the wait grows no more.
const DOUBLINGS_MAX: u32 = 16;

/// Counts failures in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pace: Pace,
    failures: u32,
}

impl Backoff {
    pub(super) const fn new(pace: Pace) -> Self {
        Self { pace, failures: 0 }
    }

    /// It went well.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how long to wait, between half and the whole of what doubling gives. `random` is 32 random bytes.
    pub(super) fn next(&mut self, random: [u8; 32]) -> Duration {
        let [a, b, ..] = random;
        let doubled = self.pace.first_retry * (1 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        let whole = doubled.min(self.pace.longest_retry);
        let share = u32::from(u16::from_le_bytes([a, b]));
        whole / 2 + (whole / 2) * share / u32::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_differ() {
        let mut backoff = Backoff::new(Pace::default());
        let mut last = Duration::ZERO;
        for _ in 0..6 {
            let wait = backoff.next([255; 32]);
            assert!(wait > last, "{wait:?}");
            last = wait;
        }
        for _ in 0..40 {
            last = backoff.next([255; 32]);
        }
        assert_eq!(last, Pace::default().longest_retry);
        assert_eq!(backoff.next([0; 32]), last / 2, "chance spreads devices");
        backoff.reset();
        assert_eq!(backoff.next([255; 32]), Pace::default().first_retry);
    }
}
