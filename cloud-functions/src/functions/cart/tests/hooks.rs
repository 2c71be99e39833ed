//! What a payment provider tells by itself.

use super::orders::order;
use super::*;
use crate::carts::HookKey;
use chrono::TimeDelta;
use domain::cart::{Checkout, Phase, payment_key};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PATH: &str = "/v1/payments/webhook";

/// A store whose provider is believed.
async fn believed() -> Counter {
    let mut counter = counter().await;
    let keys = HookKey::parse_all(SECRET).unwrap();
    counter.terminal = Arc::new(SimulatedTerminal::with_hook_keys(keys));
    counter.shop.bench.services.payments = counter.terminal.clone();
    counter.served = serve(routes(counter.shop.bench.services.clone())).await;
    counter
}

impl Counter {
    /// A cart of 0.91, whose payment times out.
    async fn in_doubt(&self) -> Value {
        self.price("mug", 91).await;
        self.open(&self.one, "k").await;
        let add = [("1", Self::add("a", "mug", 1))];
        self.send(&self.one, "k", &add).await;
        let view = self.lease(&self.one, "k").await;
        let begun = self.begun(&self.one, &view).await;
        self.pay(&self.one, "k", 1).await;
        assert!(matches!(self.phase().await, Phase::Unknown { .. }));
        let payment = payment_key(&begun.cart.order_id(), 1);
        let data = json!({"payment": payment, "amount": {"minor": 91, "currency": "EUR"}, "reference": "ref-1"});
        json!({"type": "payment.captured", "timestamp": "2026-06-01T12:00:00Z", "data": data})
    }

    async fn phase(&self) -> Phase {
        match self.read(&self.one, "k").await.cart.status {
            Status::Checkout(Checkout { phase, .. }) => phase,
            other => panic!("no checkout: {other:?}"),
        }
    }

    async fn hook(&self, id: &str, at: i64, signed: &Value, sent: &Value) -> (u16, String) {
        let key = HookKey::parse(SECRET).unwrap();
        let at = self.shop.bench.services.clock.now().timestamp() + at;
        let signature = key.sign(id, at, signed.to_string().as_bytes());
        let at = at.to_string();
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", id),
            ("webhook-timestamp", &at),
            ("webhook-signature", &signature),
        ];
        let body = sent.to_string();
        let answer = self
            .served
            .send("POST", PATH, &headers, body.as_bytes())
            .await;
        let problem = match answer.status {
            204 => String::new(),
            _ => answer.problem(),
        };
        (answer.status, problem)
    }
}

const HEARD: (u16, String) = (204, String::new());

#[tokio::test]
async fn i04_what_a_provider_tells_ends_the_doubt_once() {
    let counter = believed().await;
    let captured = counter.in_doubt().await;
    assert_eq!(counter.payments_in_doubt().await, 1);
    for id in ["m-1", "m-1", "m-2"] {
        assert_eq!(counter.hook(id, 0, &captured, &captured).await, HEARD);
        let cart = counter.read(&counter.one, "k").await.cart;
        assert!(matches!(cart.status, Status::Ordered { .. }));
        assert_eq!(cart.orders.len(), 1);
        assert_eq!(counter.payments_in_doubt().await, 0);
    }
    let (paid, _) = order(counter.pay(&counter.one, "k", 1).await);
    assert_eq!(paid.captured().minor, 91);
    assert_eq!(paid.capture.unwrap().reference, "ref-1");
    let services = &counter.shop.bench.services;
    let heard = async || {
        services
            .ledger
            .range("X#webhooks", "".."~", 9)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(heard().await, 2);
    counter.shop.bench.clock.advance(TimeDelta::hours(2));
    super::super::upkeep(services.clone()).await;
    assert_eq!(heard().await, 0);
}

#[tokio::test]
async fn a_declined_payment_can_be_tried_again_at_once() {
    let counter = believed().await;
    let captured = counter.in_doubt().await;
    let mut declined = captured.clone();
    declined["type"] = json!("payment.declined");
    declined["data"]["code"] = json!("expired");
    assert_eq!(counter.hook("m-1", 0, &declined, &declined).await, HEARD);
    assert_eq!(
        counter.phase().await,
        Phase::Failed {
            code: "expired".to_owned()
        }
    );
    // A message heard before is not heard again, whatever it says now.
    assert_eq!(counter.hook("m-1", 0, &captured, &captured).await, HEARD);
    assert!(matches!(counter.phase().await, Phase::Failed { .. }));
}

#[tokio::test]
async fn whom_nobody_believes_changes_nothing() {
    let counter = believed().await;
    let captured = counter.in_doubt().await;
    let refused = (403, "webhook-refused".to_owned());
    let mut forged = captured.clone();
    forged["data"]["amount"]["minor"] = json!(1);
    assert_eq!(counter.hook("m-1", 0, &captured, &forged).await, refused);
    for away in [-301, 301] {
        assert_eq!(
            counter.hook("m-1", away, &captured, &captured).await,
            refused
        );
    }
    let bare = counter.served.post(PATH, "", &captured).await;
    assert_eq!((bare.status, bare.problem()), refused);
    let other = json!({"type": "customer.created", "data": {"id": "c"}});
    assert_eq!(counter.hook("m-2", 0, &other, &other).await, HEARD);
    let nonsense = json!({"type": "payment.captured", "data": {"payment": 1}});
    assert_eq!(counter.hook("m-3", 0, &nonsense, &nonsense).await.0, 400);
    let huge = json!({"type": "x", "data": "x".repeat(70_000)});
    assert_eq!(counter.hook("m-4", 0, &huge, &huge).await.0, 413);
    assert!(matches!(counter.phase().await, Phase::Unknown { .. }));
}

#[tokio::test]
async fn without_a_key_nobody_is_believed() {
    let counter = counter().await;
    let captured = counter.in_doubt().await;
    let refused = (403, "webhook-refused".to_owned());
    assert_eq!(counter.hook("m-1", 0, &captured, &captured).await, refused);
}
