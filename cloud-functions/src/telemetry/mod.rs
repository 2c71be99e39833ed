//! What is seen of functions from outside: a span for each request, append, batch of events and call of a port, and the
//! [`figures`] that are counted.
//!
//! Spans and labels have names that are written in the code: a route, a consumer, the first letter of a ledger's key.
//! What came in, who it was about and what a key contains is in none of them.

mod events;
pub mod figures;
mod ledger;
mod letters;
mod payments;
mod requests;

pub use events::{consumer, trouble};
pub use requests::observe_requests;

use crate::services::Services;
use std::sync::Arc;
use tracing::Span;

/// The same services, with spans and figures around what they are asked.
#[must_use]
pub fn observe(services: Services) -> Services {
    Services {
        ledger: Arc::new(ledger::Observed::new(services.ledger)),
        events: Arc::new(events::ObservedLog::new(services.events)),
        payments: Arc::new(payments::Observed::new(services.payments)),
        letters: Arc::new(letters::Observed::new(services.letters)),
        ..services
    }
}

/// A span for what a function does from time to time.
#[must_use]
pub fn upkeep(function: &'static str) -> Span {
    tracing::debug_span!(target: telemetry::SPANS, "upkeep", otel.name = format!("upkeep {function}"))
}
