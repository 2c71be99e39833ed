//! Goods that come back, and the money for them.

use super::orders::order;
use super::*;
use crate::ports::payments::{PaymentError, Payments};
use async_trait::async_trait;
use domain::api::cart::ReturnAnswer;
use domain::cart::{CartOrder, PaymentOutcome, PaymentRequest};
use domain::ids::{PaymentKey, RefundId};
use domain::money::Money;
use std::sync::atomic::{AtomicBool, Ordering};

/// A provider that takes money, and does not answer about giving it back for a while.
#[derive(Default)]
struct Slow {
    terminal: SimulatedTerminal,
    answers: AtomicBool,
}

#[async_trait]
impl Payments for Slow {
    async fn charge(&self, request: &PaymentRequest) -> PaymentOutcome {
        self.terminal.charge(request).await
    }

    async fn ask(&self, payment: &PaymentKey) -> PaymentOutcome {
        self.terminal.ask(payment).await
    }

    async fn refund(
        &self,
        payment: &PaymentKey,
        refund: &RefundId,
        amount: Money,
    ) -> Result<(), PaymentError> {
        if !self.answers.load(Ordering::SeqCst) {
            return Err(PaymentError::Unavailable("no line".to_owned()));
        }
        self.terminal.refund(payment, refund, amount).await
    }

    async fn reverse(&self, payment: &PaymentKey) -> Result<(), PaymentError> {
        self.terminal.reverse(payment).await
    }
}

/// Two pairs of boots are bought.
async fn bought(counter: &Counter) -> CartOrder {
    let view = counter.filled("k").await;
    counter.begun(&counter.one, &view).await;
    order(counter.pay(&counter.one, "k", 1).await).0
}

fn back(counter: &Counter, id: &str, pieces: u32, seen: Option<u32>) -> Value {
    let by = json!({"channel": "tablet", "device": counter.one.id(), "associate": "a-1"});
    json!({"id": id, "pieces": {"a": pieces}, "by": by, "seen": seen})
}

#[tokio::test]
async fn i03_a_return_whose_answer_was_lost_is_not_done_again_in_other_words() {
    let counter = counter().await;
    let order = bought(&counter).await;
    let path = format!("/v1/orders/{}/returns", order.id);
    let first = back(&counter, "r-1", 1, Some(0));
    // The answer to this one is lost: she asks for it again, and then for something else.
    let lost: ReturnAnswer = counter.ok(&counter.one, &path, first.clone()).await;
    let again: ReturnAnswer = counter.ok(&counter.one, &path, first).await;
    assert_eq!(again, lost);
    let other = back(&counter, "r-2", 1, Some(0));
    let refused = counter.problem(&counter.one, &path, other).await;
    assert_eq!(refused, (409, "refund-refused".to_owned()));
    assert_eq!(counter.pieces("boots").await, 4);
    assert_eq!(counter.terminal.drawer(), (20_000, 10_000));
    // Now she has seen what came back.
    let next = back(&counter, "r-3", 1, Some(1));
    let next: ReturnAnswer = counter.ok(&counter.one, &path, next).await;
    assert_eq!(next.settlement.refunds.len(), 2);
}

#[tokio::test]
async fn i23_money_that_is_owed_is_given_back_though_the_provider_did_not_answer() {
    let mut counter = counter().await;
    let slow = Arc::new(Slow::default());
    counter.shop.bench.services.payments = slow.clone();
    counter.served = serve(routes(counter.shop.bench.services.clone())).await;
    let order = bought(&counter).await;
    let path = format!("/v1/orders/{}/returns", order.id);
    let answer: ReturnAnswer = counter
        .ok(&counter.one, &path, back(&counter, "r-1", 1, None))
        .await;
    assert_eq!(answer.refund.total.minor, 10_000);
    let services = &counter.shop.bench.services;
    super::super::upkeep(services.clone()).await;
    assert_eq!(slow.terminal.drawer(), (20_000, 0), "still owed");
    slow.answers.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        super::super::upkeep(services.clone()).await;
        assert_eq!(slow.terminal.drawer(), (20_000, 10_000));
    }
    let owed = services.ledger.range("X#refunds", "".."~", 9).await;
    assert_eq!(owed.unwrap(), []);
}

#[tokio::test]
async fn i23_what_comes_back_gives_back_what_it_cost_and_goes_back_on_the_shelf() {
    let counter = counter().await;
    let view = counter.filled("k").await;
    counter.begun(&counter.one, &view).await;
    let (order, _) = order(counter.pay(&counter.one, "k", 1).await);
    let path = format!("/v1/orders/{}/returns", order.id);
    let by = json!({"channel": "tablet", "device": counter.one.id(), "associate": "a-1"});
    let back = |id: &str, n: u32| json!({"id": id, "pieces": {"a": n}, "by": by});
    for _ in 0..2 {
        let answer: ReturnAnswer = counter.ok(&counter.one, &path, back("r-1", 1)).await;
        assert_eq!(
            (answer.refund.total.minor, answer.refund.tax.minor),
            (10_000, 1_870)
        );
        assert_eq!(answer.settlement.refunds.len(), 1);
        assert_eq!(counter.pieces("boots").await, 4);
    }
    let more = counter.problem(&counter.one, &path, back("r-2", 2)).await;
    assert_eq!(more, (409, "refund-refused".to_owned()));
    assert_eq!(
        counter
            .post(&counter.kiosk, &path, &back("r-3", 1))
            .await
            .status,
        403
    );
    let rest: ReturnAnswer = counter.ok(&counter.one, &path, back("r-4", 1)).await;
    assert_eq!(rest.settlement.refunded_minor(), order.captured().minor);
    assert_eq!(counter.terminal.drawer(), (20_000, 20_000));
}
