//! Clickstream events as consumers of the log hear them.

use crate::ports::events::{Delivery, Failed};
use domain::event::Event;

/// The sources of clickstream: what comes from them has to be readable.
const SOURCES: &str = "/segment/";

/// An event and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its place in the log.
    pub sequence: u64,
    /// Whether an operator had it delivered again.
    pub replayed: bool,
    /// The event.
    pub event: Event,
}

impl Heard {
    /// Whether a record that counted everything up to `through` has counted this. What an operator replays was not.
    #[must_use]
    pub const fn is_counted(&self, through: u64) -> bool {
        self.sequence <= through && !self.replayed
    }
}

/// The clickstream events of a batch, up to the first that cannot be read. Events of another shape that other functions
/// appended are passed over.
#[must_use]
pub fn hear(batch: &[Delivery]) -> (Vec<Heard>, Option<Failed>) {
    let mut heard = Vec::with_capacity(batch.len());
    for delivery in batch {
        match serde_json::from_str(delivery.event.data.get()) {
            Ok(event) => heard.push(Heard {
                sequence: delivery.sequence,
                replayed: delivery.replayed,
                event,
            }),
            Err(error) if delivery.event.source.starts_with(SOURCES) => {
                let failed = Failed {
                    sequence: delivery.sequence,
                    reason: unreadable(&error),
                };
                return (heard, Some(failed));
            }
            Err(_) => {}
        }
    }
    (heard, None)
}

/// Where the JSON breaks off; what stands there may be somebody's.
fn unreadable(error: &serde_json::Error) -> String {
    format!("is not an event from column {} on", error.column())
}

/// The first failure of two.
#[must_use]
pub fn first_failure(one: Option<Failed>, other: Option<Failed>) -> Option<Failed> {
    one.into_iter()
        .chain(other)
        .min_by_key(|failed| failed.sequence)
}
