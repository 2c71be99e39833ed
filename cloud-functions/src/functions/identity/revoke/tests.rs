use super::*;
use crate::carts::goods as shelf;
use crate::feed;
use crate::functions::identity::upkeep;
use crate::testing::shop::{Shop, store};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::{Scope, kind};
use domain::ids::Sku;
use domain::item::Stock;
use serde_json::json;

/// A tablet that was allotted four of ten.
async fn allotted() -> (Shop, Enrolment) {
    let shop = Shop::open().await;
    let device = shop.enrol("1", DeviceKind::Tablet).await;
    let body =
        json!({"sku": "mug", "store": "1", "on_hand": 10, "counted_at": "2026-06-01T00:00:00Z"});
    let scope = Scope::inventory(&store("1"));
    shop.put(scope, kind::STOCK, "1/mug", &body).await;
    let services = &shop.bench.services;
    let wanted = [(Sku::parse("mug").unwrap(), 4)].into();
    let plan = shelf::allot(&*services.ledger, &device.device, &device.store, &wanted);
    let ((moves, writes), _) = plan.await.unwrap();
    feed::publish(&*services.ledger, &services.poke, &moves, &writes)
        .await
        .unwrap();
    assert_eq!(on_hand(&shop).await, 6);
    (shop, device)
}

async fn on_hand(shop: &Shop) -> i64 {
    let key = feed::entity_key(kind::STOCK, "1/mug");
    let row = table::lookup::<Stock>(&*shop.bench.services.ledger, &key).await;
    row.unwrap().unwrap().value.on_hand
}

async fn unfinished(shop: &Shop) -> usize {
    let ledger = &shop.bench.services.ledger;
    ledger.range("X#revoked", "".."~", 9).await.unwrap().len()
}

#[tokio::test]
async fn what_a_revoked_device_had_is_given_back_though_whoever_revoked_it_died() {
    let (shop, device) = allotted().await;
    let services = &shop.bench.services;
    // The first of the two writes of a revocation, and nothing after it.
    let row = devices::lookup(&*services.ledger, &device.device).await;
    let row = row.unwrap().unwrap();
    mark(services, &row).await.unwrap();
    assert_eq!((on_hand(&shop).await, unfinished(&shop).await), (6, 1));
    for _ in 0..2 {
        upkeep(services.clone()).await;
        assert_eq!((on_hand(&shop).await, unfinished(&shop).await), (10, 0));
    }
}

#[tokio::test]
async fn a_revocation_that_came_through_leaves_nothing_to_do() {
    let (shop, device) = allotted().await;
    revoke(&shop.bench.services, &device.device).await.unwrap();
    assert_eq!((on_hand(&shop).await, unfinished(&shop).await), (10, 0));
}
