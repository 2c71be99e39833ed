//! How old something is, as people say it.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Utc};

/// An age, coarser the older it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Under a minute.
    Now,
    /// Under a minute, where seconds matter.
    Seconds(u32),
    /// Under an hour.
    Minutes(u32),
    /// On the same day.
    Hours(u32),
    /// The day before, by the wall clock here.
    Yesterday,
    /// Under a week.
    Days(u32),
    /// Longer ago: the day itself. The year is told where it is not this one.
    Day {
        /// 1 to 31.
        day: u32,
        /// 1 to 12.
        month: u32,
        /// Where it is not the current one.
        year: Option<i32>,
    },
}

/// The age of `at`. An instant in the future is now: a device's clock may be behind the cloud's.
#[must_use]
pub fn age(at: DateTime<Utc>, now: DateTime<Utc>, here: FixedOffset) -> Age {
    let passed = (now - at).max(TimeDelta::zero());
    let (then, today) = (at.with_timezone(&here), now.with_timezone(&here));
    let days = (today.date_naive() - then.date_naive()).num_days().max(0);
    let whole = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    match days {
        _ if passed.num_minutes() < 1 => Age::Now,
        _ if passed.num_minutes() < 60 => Age::Minutes(whole(passed.num_minutes())),
        0 => Age::Hours(whole(passed.num_hours())),
        1 => Age::Yesterday,
        2..=6 => Age::Days(whole(days)),
        _ => Age::Day {
            day: then.day(),
            month: then.month(),
            year: (then.year() != today.year()).then(|| then.year()),
        },
    }
}

/// The age of `at` to the second, for figures that are seconds fresh.
#[must_use]
pub fn fine_age(at: DateTime<Utc>, now: DateTime<Utc>, here: FixedOffset) -> Age {
    match (now - at).num_seconds() {
        seconds @ 0..60 => Age::Seconds(u32::try_from(seconds).unwrap_or(0)),
        _ => age(at, now, here),
    }
}

/// How long until `at`, rounded up; never less than a second.
#[must_use]
pub fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> Age {
    let seconds = u32::try_from((at - now).num_seconds().max(1)).unwrap_or(u32::MAX);
    match seconds {
        0..60 => Age::Seconds(seconds),
        _ => Age::Minutes(seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-05-17T10:00:00Z";

    fn of(at: &str) -> Age {
        let here = FixedOffset::east_opt(2 * 3_600).unwrap();
        age(at.parse().unwrap(), NOW.parse().unwrap(), here)
    }

    #[test]
    fn an_age_is_coarser_the_older_it_is() {
        assert_eq!(of("2026-05-17T09:59:30Z"), Age::Now);
        assert_eq!(of("2026-05-17T09:48:00Z"), Age::Minutes(12));
        assert_eq!(of("2026-05-17T07:00:00Z"), Age::Hours(3));
        assert_eq!(of("2026-05-16T18:00:00Z"), Age::Yesterday);
        assert_eq!(of("2026-05-14T10:00:00Z"), Age::Days(3));
        let (day, month) = (2, 5);
        assert_eq!(
            of("2026-05-02T10:00:00Z"),
            Age::Day {
                day,
                month,
                year: None
            }
        );
        assert_eq!(
            of("2025-05-02T10:00:00Z"),
            Age::Day {
                day,
                month,
                year: Some(2025)
            }
        );
    }

    #[test]
    fn days_end_at_midnight_here() {
        assert_eq!(
            of("2026-05-16T22:30:00Z"),
            Age::Hours(11),
            "00:30 of the same day here"
        );
        assert_eq!(of("2026-05-16T21:30:00Z"), Age::Yesterday);
    }

    #[test]
    fn a_clock_behind_makes_no_negative_age() {
        assert_eq!(of("2026-05-17T10:05:00Z"), Age::Now);
    }

    #[test]
    fn waiting_is_rounded_up() {
        let now = NOW.parse().unwrap();
        assert_eq!(
            until("2026-05-17T10:00:20Z".parse().unwrap(), now),
            Age::Seconds(20)
        );
        assert_eq!(
            until("2026-05-17T10:04:01Z".parse().unwrap(), now),
            Age::Minutes(5)
        );
        assert_eq!(
            until("2026-05-17T09:00:00Z".parse().unwrap(), now),
            Age::Seconds(1)
        );
    }
}
