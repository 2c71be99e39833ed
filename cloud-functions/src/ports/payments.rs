//! A payment provider: a terminal on the counter, a pay link, a drawer. It sees a key and an amount, and never a cart.

use crate::carts::HookKey;
use async_trait::async_trait;
use domain::cart::{PaymentOutcome, PaymentRequest};
use domain::ids::{PaymentKey, RefundId};
use domain::money::Money;

/// Why a provider did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// It did not answer; asking again is safe.
    #[error("the payment provider is unavailable: {0}")]
    Unavailable(String),
}

/// A provider. A repeat under one key is one payment, and has the outcome of the first.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Takes money. Whatever goes wrong on the way is [`PaymentOutcome::Unknown`]: the answer may come later.
    async fn charge(&self, request: &PaymentRequest) -> PaymentOutcome;

    /// What became of a payment that nobody knows the outcome of.
    async fn ask(&self, payment: &PaymentKey) -> PaymentOutcome;

    /// Gives a part of a captured payment back, once for each refund id.
    async fn refund(
        &self,
        payment: &PaymentKey,
        refund: &RefundId,
        amount: Money,
    ) -> Result<(), PaymentError>;

    /// Gives the money of a payment back, or sees to it that none is taken.
    async fn reverse(&self, payment: &PaymentKey) -> Result<(), PaymentError>;

    /// The keys of what it tells by itself: none where it tells nothing, or nobody said which.
    fn hook_keys(&self) -> &[HookKey] {
        &[]
    }
}
