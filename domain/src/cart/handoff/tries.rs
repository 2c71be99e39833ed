//! Who guesses codes is stopped after five tries. A try is counted *before* it is checked.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Tries that a device has.
pub const MAX_TRIES: u32 = 5;
/// How long tries are remembered after the first, in seconds.
pub const TRIES_MEMORY_SECONDS: i64 = 10 * 60;

/// The tries of one device. A claim that succeeds forgets them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    /// How many, since [`Tries::first_at`].
    pub count: u32,
    /// When the first of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_at: Option<DateTime<Utc>>,
}

impl Tries {
    /// The tries with one more, or the seconds until there may be one.
    pub fn one_more(&self, now: DateTime<Utc>) -> Result<Self, i64> {
        let left = |first: DateTime<Utc>| TRIES_MEMORY_SECONDS - (now - first).num_seconds();
        match self.first_at.map(|first| (first, left(first))) {
            Some((_, left)) if left > 0 && self.count >= MAX_TRIES => Err(left),
            Some((first, left)) if left > 0 => Ok(Self {
                count: self.count.saturating_add(1),
                first_at: Some(first),
            }),
            _ => Ok(Self {
                count: 1,
                first_at: Some(now),
            }),
        }
    }
}
