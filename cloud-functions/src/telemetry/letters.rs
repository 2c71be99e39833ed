//! A span around each letter that is sent, and a figure for each that is not. Neither knows to whom or what.

use super::figures::{LETTERS_DROPPED, LETTERS_SENT};
use crate::ports::letters::{Letter, LetterError, Letters};
use async_trait::async_trait;
use std::sync::Arc;
use tracing::Instrument as _;

/// Deliveries that are observed.
pub(super) struct Observed(Arc<dyn Letters>);

impl Observed {
    pub(super) fn new(letters: Arc<dyn Letters>) -> Self {
        Self(letters)
    }
}

#[async_trait]
impl Letters for Observed {
    async fn send(&self, letter: &Letter) -> Result<(), LetterError> {
        let span = tracing::debug_span!(
            target: telemetry::SPANS,
            "letter",
            otel.name = "send letter",
            otel.kind = "producer",
            otel.status_code = tracing::field::Empty,
        );
        let sent = self.0.send(letter).instrument(span.clone()).await;
        match &sent {
            Ok(()) => LETTERS_SENT.add(1, &[]),
            Err(LetterError::Unavailable(_)) => {
                LETTERS_DROPPED.add(1, &[]);
                span.record("otel.status_code", "ERROR");
            }
        }
        sent
    }
}
