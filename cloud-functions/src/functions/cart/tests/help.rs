use super::*;
use domain::help::{HelpAnswer, HelpCall};

async fn told(counter: &Counter) -> Option<HelpCall> {
    let key = crate::feed::entity_key(kind::HELP, counter.kiosk.id());
    let stored = counter.shop.bench.services.ledger.read(&key).await.unwrap();
    stored.map(|stored| serde_json::from_str(&stored.body).unwrap())
}

async fn ask(counter: &Counter, cart: &str) -> HelpCall {
    let answer: HelpAnswer = counter
        .ok(&counter.kiosk, "/v1/carts/help", json!({"cart": cart}))
        .await;
    answer.call.unwrap()
}

#[tokio::test]
async fn a_kiosk_asks_once_and_any_tablet_of_its_store_ends_it() {
    let counter = counter().await;
    let first = ask(&counter, "k-1").await;
    assert_eq!(first.device.as_str(), counter.kiosk.id());
    counter
        .shop
        .bench
        .clock
        .advance(chrono::TimeDelta::minutes(1));
    let again = ask(&counter, "k-2").await;
    assert!(again.asked_at > first.asked_at);
    assert_eq!(told(&counter).await, Some(again), "one call a kiosk");
    let end = json!({"device": counter.kiosk.id()});
    let path = "/v1/carts/help/end";
    let _: HelpAnswer = counter.ok(&counter.two, path, end.clone()).await;
    assert_eq!(told(&counter).await, None);
    let _: HelpAnswer = counter.ok(&counter.one, path, end).await;
    ask(&counter, "k-3").await;
    let _: HelpAnswer = counter.ok(&counter.kiosk, path, json!({})).await;
    assert_eq!(told(&counter).await, None, "she has left");
}

#[tokio::test]
async fn a_tablet_asks_nobody_and_a_kiosk_ends_no_others_call() {
    let counter = counter().await;
    let asked = counter.problem(&counter.one, "/v1/carts/help", json!({}));
    assert_eq!(asked.await, (403, "forbidden".to_owned()));
    let path = "/v1/carts/help/end";
    let others = json!({"device": counter.one.id()});
    let refused = counter.problem(&counter.kiosk, path, others).await;
    assert_eq!(refused.0, 403);
    ask(&counter, "k-1").await;
    let elsewhere = device_of(&counter.shop, "2").await;
    let end = json!({"device": counter.kiosk.id()});
    let refused = counter.problem(&elsewhere, path, end).await;
    assert_eq!(refused.0, 403);
    assert!(told(&counter).await.is_some());
}

#[tokio::test]
async fn a_receipt_of_a_kiosk_has_the_number_of_its_till() {
    let counter = counter().await;
    let kiosk = &counter.kiosk;
    let known = json!({"device": kiosk.id(), "store": "1", "kind": "kiosk", "workstation": 7,
        "key_id": "k", "public_key": "p"});
    let team = Scope::team(&kiosk.enrolment.store);
    counter
        .shop
        .put(team, kind::DEVICE, kiosk.id(), &known)
        .await;
    counter.open(kiosk, "k").await;
    let add = [("add", Counter::add("a", "boots", 1))];
    counter.send(kiosk, "k", &add).await;
    let view = counter.lease(kiosk, "k").await;
    counter.begun(kiosk, &view).await;
    let body = json!({"method": "terminal", "attempt": 1});
    let answer: PayAnswer = counter.ok(kiosk, "/v1/carts/k/checkout/pay", body).await;
    let PayAnswer::Ordered { order, .. } = answer else {
        panic!("not paid: {answer:?}");
    };
    assert_eq!(order.receipt.unwrap().workstation.number(), 7);
}

async fn device_of(shop: &Shop, store: &str) -> Device {
    let enrolment = shop.enrol(store, DeviceKind::Tablet).await;
    let token = shop.token(&enrolment).await;
    Device { enrolment, token }
}
