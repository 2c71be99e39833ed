//! A span around each call of the payment provider, and figures of what it came to. Neither knows how much or for what.

use super::figures::PAYMENTS;
use crate::carts::HookKey;
use crate::ports::payments::{PaymentError, Payments};
use async_trait::async_trait;
use domain::cart::{PaymentOutcome, PaymentRequest};
use domain::ids::{PaymentKey, RefundId};
use domain::money::Money;
use std::sync::Arc;
use tracing::{Instrument as _, Span};

/// A provider that is observed.
pub(super) struct Observed(Arc<dyn Payments>);

impl Observed {
    pub(super) fn new(payments: Arc<dyn Payments>) -> Self {
        Self(payments)
    }
}

#[async_trait]
impl Payments for Observed {
    async fn charge(&self, request: &PaymentRequest) -> PaymentOutcome {
        let span = span("charge");
        let outcome = self.0.charge(request).instrument(span.clone()).await;
        ended("charge", &span, name(&outcome));
        outcome
    }

    async fn ask(&self, payment: &PaymentKey) -> PaymentOutcome {
        let span = span("ask");
        let outcome = self.0.ask(payment).instrument(span.clone()).await;
        ended("ask", &span, name(&outcome));
        outcome
    }

    async fn refund(
        &self,
        payment: &PaymentKey,
        refund: &RefundId,
        amount: Money,
    ) -> Result<(), PaymentError> {
        let span = span("refund");
        let refunded = self.0.refund(payment, refund, amount);
        let refunded = refunded.instrument(span.clone()).await;
        ended("refund", &span, done(&refunded));
        refunded
    }

    async fn reverse(&self, payment: &PaymentKey) -> Result<(), PaymentError> {
        let span = span("reverse");
        let reversed = self.0.reverse(payment).instrument(span.clone()).await;
        ended("reverse", &span, done(&reversed));
        reversed
    }

    fn hook_keys(&self) -> &[HookKey] {
        self.0.hook_keys()
    }
}

fn span(operation: &'static str) -> Span {
    tracing::debug_span!(
        target: telemetry::SPANS,
        "payment",
        otel.name = format!("payment {operation}"),
        otel.kind = "client",
        aisle.payment.outcome = tracing::field::Empty,
    )
}

fn ended(operation: &'static str, span: &Span, outcome: &'static str) {
    span.record("aisle.payment.outcome", outcome);
    PAYMENTS.add(1, &[("operation", operation), ("outcome", outcome)]);
}

fn name(outcome: &PaymentOutcome) -> &'static str {
    match outcome {
        PaymentOutcome::Captured(_) => "captured",
        PaymentOutcome::Declined { .. } => "declined",
        PaymentOutcome::Unknown => "unknown",
    }
}

fn done<T>(answer: &Result<T, PaymentError>) -> &'static str {
    match answer {
        Ok(_) => "done",
        Err(PaymentError::Unavailable(_)) => "unavailable",
    }
}
