//! Virtual time, and randomness from the seed, as the functions' ports.

use super::chance::Chance;
use chrono::{DateTime, TimeDelta, Utc};
use cloud_functions::ports::clock::Clock;
use cloud_functions::ports::ids::Ids;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// When every simulation begins: noon of 1 June 2026.
const START_SECONDS: i64 = 1_780_315_200;

/// The instant at so many milliseconds of virtual time.
#[must_use]
pub(super) fn instant(at_ms: u64) -> DateTime<Utc> {
    let start = DateTime::from_timestamp(START_SECONDS, 0).unwrap_or_default();
    let since = i64::try_from(at_ms).unwrap_or(0);
    start + TimeDelta::milliseconds(since)
}

/// The cloud's clock.
#[derive(Debug, Default)]
pub(super) struct VirtualClock(AtomicU64);

impl VirtualClock {
    /// Moves to so many milliseconds of virtual time.
    pub(super) fn set(&self, at_ms: u64) {
        self.0.store(at_ms, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> DateTime<Utc> {
        instant(self.0.load(Ordering::Relaxed))
    }
}

/// The cloud's randomness.
#[derive(Debug)]
pub(super) struct SeededIds(Mutex<Chance>);

impl SeededIds {
    /// From a seed.
    #[must_use]
    pub(super) const fn new(seed: u64) -> Self {
        Self(Mutex::new(Chance::new(seed)))
    }
}

impl Ids for SeededIds {
    fn secret(&self) -> [u8; 32] {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes()
    }
}
