//! How patient a pump is.

use std::time::Duration;

/// How patient a pump is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// After this many failures in a row an event is given up.
    pub attempts_max: u32,
    /// The pause after the first failure; it doubles with each.
    pub first_pause: Duration,
    /// The longest pause.
    pub max_pause: Duration,
    /// How long a consumer may take for a batch.
    pub patience: Duration,
    /// How often a log is asked for what other processes appended.
    pub poll: Duration,
}

impl Default for Policy {
    /// Gives up after 10 attempts and some 25 seconds.
    fn default() -> Self {
        Self {
            attempts_max: 10,
            first_pause: Duration::from_millis(50),
            max_pause: Duration::from_secs(30),
            patience: Duration::from_secs(120),
            poll: Duration::from_millis(500),
        }
    }
}

impl Policy {
    /// The pause after `attempts` failures in a row.
    #[must_use]
    pub fn pause(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(factor).min(self.max_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = Policy::default();
        let pauses = [1, 2, 3, 10, 11, u32::MAX].map(|attempts| policy.pause(attempts).as_millis());
        assert_eq!(pauses, [50, 100, 200, 25_600, 30_000, 30_000]);
    }
}
