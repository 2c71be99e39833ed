//! How many wrong PINs a tablet takes before it makes one wait, and for how long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Wrong PINs that cost nothing.
const FREE: u32 = 5;
/// The first wait; each further wrong PIN doubles it.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);
/// Wrong PINs are forgotten after so long without one.
const MEMORY: TimeDelta = TimeDelta::hours(24);

/// Wrong PINs in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tries {
    wrong: u32,
    last_at: DateTime<Utc>,
}

/// Whether one may try now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Yes; keep this before the PIN is looked at, so that a kill in between gives no free try.
    Try(Tries),
    /// No, not before this instant. Keep the tries, which begin the wait anew where the clock was set back.
    Wait(DateTime<Utc>, Tries),
}

/// Decides on a try at `now`.
pub(crate) fn decide(tries: Option<Tries>, now: DateTime<Utc>) -> Turn {
    let first = Tries {
        wrong: 1,
        last_at: now,
    };
    let Some(tries) = tries.filter(|tries| now - tries.last_at < MEMORY) else {
        return Turn::Try(first);
    };
    // A clock that was set back would make the wait as long as it was moved; begun anew it is bounded.
    let last_at = tries.last_at.min(now);
    let free_at = last_at + wait_after(tries.wrong);
    if now < free_at {
        return Turn::Wait(free_at, Tries { last_at, ..tries });
    }
    Turn::Try(Tries {
        wrong: tries.wrong.saturating_add(1),
        last_at: now,
    })
}

fn wait_after(wrong: u32) -> TimeDelta {
    let Some(beyond) = wrong.checked_sub(FREE) else {
        return TimeDelta::zero();
    };
    // 1 min · 2^6 is over an hour already.
    (FIRST_WAIT * (1 << beyond.min(6))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn wrong(wrong: u32, seconds: i64) -> Option<Tries> {
        let last_at = at(seconds);
        Some(Tries { wrong, last_at })
    }

    #[test]
    fn five_are_free_then_waits_grow() {
        let mut tries = None;
        for _ in 0..5 {
            let Turn::Try(next) = decide(tries, at(0)) else {
                panic!("waits too early");
            };
            tries = Some(next);
        }
        assert!(matches!(decide(tries, at(0)), Turn::Wait(until, _) if until == at(60)));
        assert!(matches!(
            decide(tries, at(60)),
            Turn::Try(Tries { wrong: 6, .. })
        ));
        assert!(matches!(decide(wrong(6, 0), at(61)), Turn::Wait(until, _) if until == at(120)));
        assert!(matches!(decide(wrong(99, 0), at(0)), Turn::Wait(until, _) if until == at(3_600)));
    }

    #[test]
    fn a_quiet_day_forgives() {
        assert!(matches!(
            decide(wrong(99, 0), at(86_400)),
            Turn::Try(Tries { wrong: 1, .. })
        ));
    }

    #[test]
    fn a_clock_that_was_set_back_locks_for_a_bounded_time() {
        let Turn::Wait(until, kept) = decide(wrong(5, 1_000_000), at(0)) else {
            panic!("a clock set back gives no free tries");
        };
        assert_eq!(until, at(60));
        assert!(matches!(decide(Some(kept), at(60)), Turn::Try(_)));
    }
}
