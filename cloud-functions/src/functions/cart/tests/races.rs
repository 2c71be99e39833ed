use super::*;
use crate::testing::faults::{Fault, FaultyLedger};
use domain::api::cart::BatchAnswer;
use std::sync::OnceLock;

#[tokio::test]
async fn commands_of_two_tablets_at_once_are_all_kept() {
    let counter = counter().await;
    counter.open(&counter.one, "k").await;
    let mut calls = Vec::new();
    for n in 0..6 {
        for (name, by) in [("one", &counter.one), ("two", &counter.two)] {
            let id = format!("{name}-{n}");
            let command = Counter::command(by, &id, &Counter::add(&id, "mug", 1));
            let body = json!({"commands": [command]});
            let counter = &counter;
            calls.push(async move {
                let answer: BatchAnswer = counter.ok(by, "/v1/carts/k/commands", body).await;
                assert_eq!(answer.results.len(), 1);
            });
        }
    }
    futures_util::future::join_all(calls).await;
    assert_eq!(counter.read(&counter.one, "k").await.cart.lines.len(), 12);
}

#[tokio::test]
async fn two_tablets_race_for_the_last_pair() {
    let counter = counter().await;
    counter.stock("boots", 2).await;
    let mut views = Vec::new();
    for (by, cart) in [(&counter.one, "a"), (&counter.two, "b")] {
        counter.open(by, cart).await;
        counter
            .send(by, cart, &[("add", Counter::add("a", "boots", 2))])
            .await;
        views.push(counter.lease(by, cart).await);
    }
    let (one, two) = futures_util::future::join(
        counter.checkout(&counter.one, &views[0]),
        counter.checkout(&counter.two, &views[1]),
    )
    .await;
    let begun = |answer: &CheckoutAnswer| matches!(answer, CheckoutAnswer::Begun { .. });
    assert!(begun(&one) != begun(&two), "one of them: {one:?} {two:?}");
    assert_eq!(counter.pieces("boots").await, 0, "never oversold");
}

/// More than a sale has.
const MOST_WRITES: usize = 40;

/// At every write of a sale the ledger loses its answer, done or not; the device repeats what it was not told of.
#[tokio::test]
async fn i04_a_sale_whose_answers_get_lost_is_one_sale() {
    for fault in [Fault::DoneUntold, Fault::LostUntold] {
        for at in 0..MOST_WRITES {
            let faults = OnceLock::new();
            let shop =
                Shop::open_on(|inner| faults.get_or_init(|| FaultyLedger::over(inner)).clone());
            let counter = of(shop.await).await;
            let ledger = faults.get().unwrap();
            let mut writes = vec![None; at];
            writes.push(Some(fault));
            ledger.next_writes(&writes);
            sell(&counter).await;
            if !ledger.is_spent() {
                assert!(at > 5, "a sale has more writes");
                break;
            }
            assert!(at + 1 < MOST_WRITES, "the loop reaches the last write");
            assert_eq!(counter.terminal.drawer(), (20_000, 0), "{fault:?} at {at}");
            assert_eq!(counter.pieces("boots").await, 3, "{fault:?} at {at}");
            let cart = counter.read(&counter.one, "k").await.cart;
            assert_eq!((cart.orders.len(), cart.generation), (1, 1));
        }
    }
}

/// Sells two pairs of boots, repeating each call until it is answered.
async fn sell(counter: &Counter) {
    let one = &counter.one;
    let opening = json!({"opening": {"id": "k", "store": "1", "currency": "EUR"}});
    until(counter, "/v1/carts", &opening).await;
    let add = Counter::command(one, "add", &Counter::add("a", "boots", 2));
    until(counter, "/v1/carts/k/commands", &json!({"commands": [add]})).await;
    let held = until(counter, "/v1/carts/k/lease", &json!({"do": "claim"})).await;
    let view: CartView = held.json();
    let body = json!({"fence": view.cart.lease.fence, "version": view.cart.version, "total": view.totals.unwrap().total});
    let begun: CheckoutAnswer = until(counter, "/v1/carts/k/checkout", &body).await.json();
    assert!(matches!(begun, CheckoutAnswer::Begun { .. }), "{begun:?}");
    let pay = json!({"method": "terminal", "attempt": 1, "workstation": 3});
    let paid: PayAnswer = until(counter, "/v1/carts/k/checkout/pay", &pay)
        .await
        .json();
    assert!(matches!(paid, PayAnswer::Ordered { .. }), "{paid:?}");
}

async fn until(counter: &Counter, path: &str, body: &Value) -> Answer {
    for _ in 0..5 {
        let answer = counter.post(&counter.one, path, body).await;
        if answer.status == 200 {
            return answer;
        }
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status == 503, "{path}: {} {text}", answer.status);
    }
    panic!("{path} is never answered");
}
