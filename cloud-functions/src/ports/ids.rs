//! Randomness, as a parameter.

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Draws random bytes.
pub trait Ids: Send + Sync {
    /// 32 bytes that nobody can guess.
    fn secret(&self) -> [u8; 32];

    /// A UUIDv7 (RFC 9562): sorts by the time `at`, unique by its random part.
    fn uuid(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let mut random = [0; 10];
        random
            .iter_mut()
            .zip(self.secret())
            .for_each(|(to, from)| *to = from);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[allow(
        clippy::disallowed_methods,
        clippy::expect_used,
        reason = "the one place where randomness is drawn; without it nothing is safe to go on"
    )]
    fn secret(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}
