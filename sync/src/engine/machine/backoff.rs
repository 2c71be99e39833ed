//! How long to wait before the next try: longer each time, and not all devices at once.

/// After so many doublings the wait grows no more.
const DOUBLINGS_MAX: u32 = 16;

/// Counts failures in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first_ms: u64,
    longest_ms: u64,
    failures: u32,
}

impl Backoff {
    /// Waits `first_ms` milliseconds after the first failure, twice as long after each further one, up to `longest_ms`.
    #[must_use]
    pub const fn new(first_ms: u64, longest_ms: u64) -> Self {
        Self {
            first_ms,
            longest_ms,
            failures: 0,
        }
    }

    /// It went well.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }

    /// It failed: how many milliseconds to wait, between half and the whole of what doubling gives. `chance` is drawn
    /// anew for each failure.
    pub fn next(&mut self, chance: u16) -> u64 {
        let doubled = self
            .first_ms
            .saturating_mul(1 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        let whole = doubled.min(self.longest_ms);
        whole / 2 + (whole / 2).saturating_mul(u64::from(chance)) / u64::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_differ() {
        let mut backoff = Backoff::new(500, 30_000);
        let mut last = 0;
        for _ in 0..6 {
            let wait = backoff.next(u16::MAX);
            assert!(wait > last, "{wait}");
            last = wait;
        }
        for _ in 0..40 {
            last = backoff.next(u16::MAX);
        }
        assert_eq!(last, 30_000);
        assert_eq!(backoff.next(0), last / 2, "chance spreads devices");
        backoff.reset();
        assert_eq!(backoff.next(u16::MAX), 500);
    }
}
