//! Counts tries at what can be guessed, and makes who guesses wait longer and longer.
//!
//! A try is counted *before* it is checked, in a conditional write: a hundred guesses at once are a hundred tries.

use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Write};
use crate::table::{self, Row, TableError};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How often counting starts over when other tries come at the same moment.
const MAX_RACES: usize = 20;

/// How patient one is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// Tries before the first wait; the last of them starts it.
    pub(super) free: u32,
    /// The first wait; each further try doubles it.
    pub(super) first_wait: TimeDelta,
    /// The longest wait.
    pub(super) longest_wait: TimeDelta,
    /// After this long without a try, everything is forgotten.
    pub(super) memory: TimeDelta,
}

/// What came of asking for a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Try {
    /// Counted: go on and check.
    Counted,
    /// Not now, but in so many seconds.
    Wait(u32),
}

/// The tries so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Attempts {
    count: u32,
    last_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocked_until: Option<DateTime<Utc>>,
}

impl Attempts {
    const fn none(now: DateTime<Utc>) -> Self {
        Self {
            count: 0,
            last_at: now,
            blocked_until: None,
        }
    }

    /// The tries with one more, or the seconds to wait.
    fn one_more(self, now: DateTime<Utc>, patience: &Patience) -> Result<Self, u32> {
        if let Some(until) = self.blocked_until.filter(|until| *until > now) {
            let seconds = (until - now).num_milliseconds().saturating_add(999) / 1_000;
            return Err(u32::try_from(seconds).unwrap_or(u32::MAX));
        }
        let forgotten = now - self.last_at > patience.memory;
        let count = if forgotten {
            1
        } else {
            self.count.saturating_add(1)
        };
        let blocked_until = wait_after(count, patience).map(|wait| now + wait);
        Ok(Self {
            count,
            last_at: now,
            blocked_until,
        })
    }
}

/// How long to wait after this many tries.
fn wait_after(count: u32, patience: &Patience) -> Option<TimeDelta> {
    let doublings = count.checked_sub(patience.free)?;
    // Bounded, so that the shift cannot overflow: every wait is at its longest long before.
    let factor = 1_i32 << doublings.min(20);
    Some((patience.first_wait * factor).min(patience.longest_wait))
}

/// Counts a try, or says how long to wait.
pub(super) async fn count(
    ledger: &dyn Ledger,
    key: &Key,
    now: DateTime<Utc>,
    patience: &Patience,
) -> Result<Try, TableError> {
    for _ in 0..MAX_RACES {
        let row: Option<Row<Attempts>> = table::lookup(ledger, key).await?;
        let condition = row.as_ref().map_or(Condition::Absent, Row::unchanged);
        let so_far = row.map_or_else(|| Attempts::none(now), |row| row.value);
        let next = match so_far.one_more(now, patience) {
            Ok(next) => next,
            Err(seconds) => return Ok(Try::Wait(seconds)),
        };
        match ledger
            .write(vec![table::put(key.clone(), &next, condition)?])
            .await
        {
            Ok(()) => return Ok(Try::Counted),
            Err(LedgerError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Try::Wait(1))
}

/// Forgets all tries: the last one was right.
pub(super) async fn forget(ledger: &dyn Ledger, key: Key) -> Result<(), TableError> {
    let condition = Condition::Any;
    Ok(ledger.write(vec![Write::Delete { key, condition }]).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        free: 5,
        first_wait: TimeDelta::minutes(1),
        longest_wait: TimeDelta::hours(1),
        memory: TimeDelta::hours(24),
    };

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<_> = (4..=12)
            .map(|count| wait_after(count, &PATIENCE).map(|wait| wait.num_minutes()))
            .collect();
        let expected = [None, Some(1), Some(2), Some(4), Some(8), Some(16), Some(32)];
        assert_eq!(waits[..7], expected);
        assert_eq!(waits[7..], [Some(60), Some(60)]);
        assert_eq!(wait_after(u32::MAX, &PATIENCE), Some(TimeDelta::hours(1)));
    }

    #[test]
    fn a_block_ends_and_a_day_of_quiet_forgets() {
        let noon: DateTime<Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
        let mut attempts = Attempts::none(noon);
        for _ in 0..5 {
            attempts = attempts.one_more(noon, &PATIENCE).unwrap();
        }
        assert_eq!(attempts.clone().one_more(noon, &PATIENCE), Err(60));
        let almost = noon + TimeDelta::milliseconds(59_001);
        assert_eq!(attempts.clone().one_more(almost, &PATIENCE), Err(1));
        let after = noon + TimeDelta::minutes(1);
        let sixth = attempts.clone().one_more(after, &PATIENCE).unwrap();
        assert_eq!(sixth.one_more(after, &PATIENCE), Err(120));
        let later = noon + TimeDelta::hours(25);
        let fresh = attempts.one_more(later, &PATIENCE).unwrap();
        assert_eq!((fresh.count, fresh.blocked_until), (1, None));
    }
}
