//! A terminal that takes no money, for one machine and for tests. The last two digits of an amount say what becomes of
//! it, as with the test amounts of real providers.

use crate::carts::HookKey;
use crate::ports::payments::{PaymentError, Payments};
use async_trait::async_trait;
use domain::cart::{Capture, PaymentMethod, PaymentOutcome, PaymentRequest};
use domain::ids::{PaymentKey, RefundId};
use domain::money::Money;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Amounts that end so are declined.
pub const DECLINED: i64 = 51;
/// Amounts that end so time out; the money is taken all the same, which [`Payments::ask`] tells.
pub const TIMES_OUT: i64 = 91;

/// What the terminal remembers; nothing outlives the process.
#[derive(Debug, Default)]
pub struct SimulatedTerminal {
    payments: Mutex<BTreeMap<PaymentKey, PaymentOutcome>>,
    refunds: Mutex<BTreeMap<(PaymentKey, RefundId), Money>>,
    hook_keys: Vec<HookKey>,
}

impl SimulatedTerminal {
    /// One that is believed what it tells by itself.
    #[must_use]
    pub fn with_hook_keys(hook_keys: Vec<HookKey>) -> Self {
        Self {
            hook_keys,
            ..Self::default()
        }
    }

    /// What it has and has not given back, in minor units: `(taken, given back)`.
    #[must_use]
    pub fn drawer(&self) -> (i64, i64) {
        let taken = |outcome: &PaymentOutcome| match outcome {
            PaymentOutcome::Captured(capture) => capture.amount.minor,
            PaymentOutcome::Declined { .. } | PaymentOutcome::Unknown => 0,
        };
        let given_back = self.refunds().values().map(|amount| amount.minor).sum();
        (self.payments().values().map(taken).sum(), given_back)
    }

    fn refunds(&self) -> MutexGuard<'_, BTreeMap<(PaymentKey, RefundId), Money>> {
        self.refunds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn payments(&self) -> MutexGuard<'_, BTreeMap<PaymentKey, PaymentOutcome>> {
        self.payments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn decide(request: &PaymentRequest) -> PaymentOutcome {
    let cash = request.method == PaymentMethod::Cash;
    if request.amount.minor % 100 == DECLINED && !cash {
        let code = "declined".to_owned();
        return PaymentOutcome::Declined { code };
    }
    let card = |text: &str| (!cash).then(|| text.to_owned());
    PaymentOutcome::Captured(Capture {
        amount: request.amount,
        reference: format!("sim-{}", request.payment),
        brand: card("test"),
        last_four: card("0000"),
    })
}

#[async_trait]
impl Payments for SimulatedTerminal {
    async fn charge(&self, request: &PaymentRequest) -> PaymentOutcome {
        let outcome = self
            .payments()
            .entry(request.payment.clone())
            .or_insert_with(|| decide(request))
            .clone();
        let slow = request.amount.minor % 100 == TIMES_OUT;
        if slow && request.method != PaymentMethod::Cash {
            return PaymentOutcome::Unknown;
        }
        outcome
    }

    async fn ask(&self, payment: &PaymentKey) -> PaymentOutcome {
        let known = self.payments().get(payment).cloned();
        known.unwrap_or(PaymentOutcome::Unknown)
    }

    async fn refund(
        &self,
        payment: &PaymentKey,
        refund: &RefundId,
        amount: Money,
    ) -> Result<(), PaymentError> {
        let key = (payment.clone(), refund.clone());
        self.refunds().entry(key).or_insert(amount);
        Ok(())
    }

    async fn reverse(&self, payment: &PaymentKey) -> Result<(), PaymentError> {
        let code = "reversed".to_owned();
        self.payments()
            .insert(payment.clone(), PaymentOutcome::Declined { code });
        Ok(())
    }

    fn hook_keys(&self) -> &[HookKey] {
        &self.hook_keys
    }
}
