//! The clock and randomness, as parameters: a test says what time it is.

use chrono::{DateTime, Utc};
use std::sync::Arc;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// Draws random bytes.
pub trait Random: Send + Sync {
    /// 32 bytes that nobody can guess.
    fn bytes(&self) -> [u8; 32];
}

/// What a device asks the machine for.
#[derive(Clone)]
pub struct Ports {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

impl Ports {
    /// The machine's own.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Any number, to spread devices that would all do the same at once.
    #[must_use]
    pub fn chance(&self) -> u16 {
        let [a, b, ..] = self.random.bytes();
        u16::from_le_bytes([a, b])
    }

    /// A UUIDv7 (RFC 9562): sorts by the time `at`, unique by its random part.
    #[must_use]
    pub fn uuid(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let mut random = [0; 10];
        random
            .iter_mut()
            .zip(self.random.bytes())
            .for_each(|(to, from)| *to = from);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// `bytes` random bytes (at most 32) in lower-case hex.
    #[must_use]
    pub fn hex(&self, bytes: usize) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(bytes * 2);
        for byte in self.random.bytes().iter().take(bytes) {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clock is read"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[allow(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "the one place where randomness is drawn; without it nothing is safe to go on"
    )]
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_differ() {
        let ports = Ports::system();
        let early = "2026-05-17T10:00:00Z".parse().unwrap();
        let late = "2026-05-17T10:00:01Z".parse().unwrap();
        assert!(ports.uuid(early) < ports.uuid(late));
        assert_ne!(ports.uuid(early), ports.uuid(early));
        assert_eq!(ports.hex(16).len(), 32);
    }
}
