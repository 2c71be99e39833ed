//! An event as it lies in the ledger.

use crate::engines::claim::claim;
use crate::ports::events::{CloudEvent, LogError};
use crate::ports::ledger::{Key, MAX_BODY_BYTES};
use std::fmt::Write as _;
use std::sync::Arc;

/// The most bytes of an event as JSON: what is left of a body when it becomes a dead letter, with a reason beside it.
const MAX_EVENT_BYTES: usize = MAX_BODY_BYTES - 16 * 1024;

/// An event and its claim. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Encoded {
    /// Under which source and id are claimed.
    pub(super) claim: Key,
    /// The CloudEvent as JSON.
    pub(super) body: Arc<str>,
}

impl Encoded {
    /// Writes it out.
    ///
    /// # Errors
    /// [`LogError::TooMuch`] where it is too large to be kept.
    pub(super) fn new(event: &CloudEvent) -> Result<Self, LogError> {
        let body = serde_json::to_string(event).map_err(|error| {
            LogError::Unavailable(format!("an event cannot be written as JSON: {error}"))
        })?;
        if body.len() > MAX_EVENT_BYTES {
            return Err(LogError::TooMuch(format!(
                "an event has at most {MAX_EVENT_BYTES} bytes, not {}",
                body.len()
            )));
        }
        Ok(Self {
            claim: claim_key(event),
            body: body.into(),
        })
    }
}

fn claim_key(event: &CloudEvent) -> Key {
    let mut partition = "N#e#".to_owned();
    for byte in claim(event) {
        // Writing to a string does not fail.
        let _ = write!(partition, "{byte:02x}");
    }
    Key::new(partition, "V")
}
