//! A payment provider that takes its time: others have their turn while it works, some amounts are declined, and some
//! payments are not told of before they are asked for.

use crate::simulation::chance::Chance;
use crate::simulation::counts::Counts;
use crate::simulation::gate::Gate;
use async_trait::async_trait;
use cloud_functions::ports::payments::{PaymentError, Payments};
use domain::cart::{Capture, PaymentOutcome, PaymentRequest};
use domain::ids::{PaymentKey, RefundId};
use domain::money::Money;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The provider, with everything that it ever did.
pub(super) struct Provider {
    gate: Arc<Gate>,
    counts: Arc<Counts>,
    books: Mutex<Books>,
}

struct Books {
    chance: Chance,
    is_calm: bool,
    payments: BTreeMap<PaymentKey, Payment>,
    refunds: BTreeMap<(PaymentKey, RefundId), Money>,
}

/// A payment as the provider keeps it.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    /// What was taken; nothing where it was declined.
    pub captured: Option<Money>,
    /// Whether it was given back whole.
    pub is_reversed: bool,
    outcome: PaymentOutcome,
}

impl Provider {
    /// With empty books.
    pub(super) fn new(seed: u64, gate: Arc<Gate>, counts: Arc<Counts>) -> Self {
        let books = Mutex::new(Books {
            chance: Chance::new(seed),
            is_calm: false,
            payments: BTreeMap::new(),
            refunds: BTreeMap::new(),
        });
        Self {
            gate,
            counts,
            books,
        }
    }

    /// From now on it answers at once.
    pub(super) fn calm(&self) {
        self.books().is_calm = true;
    }

    /// All payments that it was ever asked for.
    pub(super) fn payments(&self) -> BTreeMap<PaymentKey, Payment> {
        self.books().payments.clone()
    }

    /// What was given back of captured payments, by payment, in minor units.
    pub(super) fn refunded(&self, payment: &PaymentKey) -> i64 {
        let books = self.books();
        let of = books.refunds.iter().filter(|((key, _), _)| key == payment);
        of.map(|(_, amount)| amount.minor).sum()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it keeps silent this time.
    fn is_silent(&self, share: u64) -> bool {
        let mut books = self.books();
        let is_silent = !books.is_calm && books.chance.permille(share);
        drop(books);
        if is_silent {
            self.counts.fault("payment not told");
        }
        is_silent
    }
}

impl Payment {
    /// One that was given back before it was asked for.
    const fn never() -> Self {
        Self {
            captured: None,
            is_reversed: true,
            outcome: PaymentOutcome::Unknown,
        }
    }
}

impl Books {
    fn decide(&mut self, request: &PaymentRequest) -> PaymentOutcome {
        if self.chance.permille(250) {
            let code = "declined".to_owned();
            return PaymentOutcome::Declined { code };
        }
        PaymentOutcome::Captured(Capture {
            amount: request.amount,
            reference: format!("p-{}", request.payment),
            brand: None,
            last_four: None,
        })
    }
}

#[async_trait]
impl Payments for Provider {
    async fn charge(&self, request: &PaymentRequest) -> PaymentOutcome {
        self.gate.turn().await;
        if self.is_silent(40) {
            // The request never came through.
            return PaymentOutcome::Unknown;
        }
        let outcome = {
            let mut books = self.books();
            let known = books.payments.get(&request.payment);
            match known.map(|payment| payment.outcome.clone()) {
                Some(outcome) => outcome,
                None => {
                    let outcome = books.decide(request);
                    let captured = match &outcome {
                        PaymentOutcome::Captured(capture) => Some(capture.amount),
                        PaymentOutcome::Declined { .. } | PaymentOutcome::Unknown => None,
                    };
                    let payment = Payment {
                        captured,
                        is_reversed: false,
                        outcome: outcome.clone(),
                    };
                    books.payments.insert(request.payment.clone(), payment);
                    outcome
                }
            }
        };
        self.gate.turn().await;
        if self.is_silent(200) {
            return PaymentOutcome::Unknown;
        }
        outcome
    }

    async fn ask(&self, payment: &PaymentKey) -> PaymentOutcome {
        self.gate.turn().await;
        if self.is_silent(200) {
            return PaymentOutcome::Unknown;
        }
        let known = self.books().payments.get(payment).cloned();
        known.map_or(PaymentOutcome::Unknown, |payment| payment.outcome)
    }

    async fn refund(
        &self,
        payment: &PaymentKey,
        refund: &RefundId,
        amount: Money,
    ) -> Result<(), PaymentError> {
        self.gate.turn().await;
        if self.is_silent(50) {
            return Err(PaymentError::Unavailable("no answer".to_owned()));
        }
        let key = (payment.clone(), refund.clone());
        self.books().refunds.entry(key).or_insert(amount);
        Ok(())
    }

    async fn reverse(&self, payment: &PaymentKey) -> Result<(), PaymentError> {
        self.gate.turn().await;
        if self.is_silent(50) {
            return Err(PaymentError::Unavailable("no answer".to_owned()));
        }
        let mut books = self.books();
        let payment = books
            .payments
            .entry(payment.clone())
            .or_insert_with(Payment::never);
        payment.is_reversed = true;
        let code = "reversed".to_owned();
        payment.outcome = PaymentOutcome::Declined { code };
        Ok(())
    }
}
