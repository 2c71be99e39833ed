//! Old carts and orders.

use super::orders::order;
use super::*;
use crate::carts;
use crate::feed;
use chrono::TimeDelta;
use domain::api::cart::{OrderView, ReturnAnswer};
use domain::api::sync::{Cursor, Op, Sum, row_hash};
use domain::cart::CartOrder;
use domain::ids::CartId;
use std::collections::BTreeMap;

impl Counter {
    /// The cart `k` with two pairs of boots is bought.
    async fn bought(&self) -> CartOrder {
        let view = self.filled("k").await;
        self.begun(&self.one, &view).await;
        order(self.pay(&self.one, "k", 1).await).0
    }

    async fn days(&mut self, days: i64) {
        self.shop.bench.clock.advance(TimeDelta::days(days));
        self.one.token = self.shop.token(&self.one.enrolment).await;
        self.two.token = self.shop.token(&self.two.enrolment).await;
        // Twice: doing it again does no harm.
        for _ in 0..2 {
            super::super::upkeep(self.shop.bench.services.clone()).await;
        }
    }

    /// What tablets have, by kind; the sum of their feed is of exactly this.
    async fn told(&self) -> Vec<(String, String)> {
        let ledger = &*self.shop.bench.services.ledger;
        let scope = Scope::carts(&self.one.enrolment.store);
        let changes = feed::read_after(ledger, &scope, Cursor::default(), 1_000).await;
        let mut there = BTreeMap::new();
        for change in changes.unwrap() {
            let key = (change.kind.clone(), change.id.clone());
            match change.op {
                Op::Put => {
                    let body = change.body.unwrap();
                    let body = body.get();
                    there.insert(
                        key,
                        row_hash(&change.kind, &change.id, change.version, body),
                    );
                }
                _ => {
                    there.remove(&key);
                }
            }
        }
        let head = feed::read_head(ledger, &scope).await.unwrap();
        let mut sum = Sum::default();
        for hash in there.values() {
            sum.add(*hash);
        }
        assert_eq!(head.sum, sum);
        there.into_keys().collect()
    }

    async fn order(&self, by: &Device, text: &str) -> Answer {
        let bearer = format!("Bearer {}", by.token);
        let headers = [("authorization", bearer.as_str())];
        let path = format!("/v1/orders/{text}");
        self.served.send("GET", &path, &headers, b"").await
    }
}

#[tokio::test]
async fn a_cart_that_ended_leaves_the_tablets_after_a_week_and_what_comes_late_brings_it_back() {
    let mut counter = counter().await;
    let bought = counter.bought().await;
    let cart = (kind::CART.to_owned(), "k".to_owned());
    let sold = (kind::CART_ORDER.to_owned(), bought.id.to_string());
    counter.days(6).await;
    let order_alone = vec![sold.clone()];
    assert_eq!(counter.told().await, [cart.clone(), sold.clone()]);
    counter.days(1).await;
    assert_eq!(counter.told().await, order_alone);
    let read = counter.read(&counter.two, "k").await.cart;
    assert!(matches!(read.status, Status::Ordered { .. }));
    assert_eq!(
        counter.told().await,
        order_alone,
        "reading brings nothing back"
    );
    assert_eq!(
        counter.open(&counter.one, "k").await,
        read,
        "nor does a repeat"
    );
    assert_eq!(counter.told().await, order_alone);
    let late = [("late", Counter::add("b", "mug", 1))];
    let view = counter.send(&counter.two, "k", &late).await;
    assert_eq!((view.cart.generation, is_open(&view.cart)), (2, true));
    assert_eq!(counter.told().await, [cart.clone(), sold.clone()]);
    counter.days(30).await;
    assert_eq!(counter.told().await, [cart, sold], "it is open");
}

#[tokio::test]
async fn a_cart_that_moved_since_it_ended_has_its_time_anew() {
    let mut counter = counter().await;
    counter.bought().await;
    counter.days(6).await;
    let services = counter.shop.bench.services.clone();
    let id = CartId::parse("k").unwrap();
    let row = carts::lookup(&*services.ledger, &id)
        .await
        .unwrap()
        .unwrap();
    let mut after = row.value.clone();
    after.version += 1;
    let moved = carts::cart_move(Some(&row), &after).unwrap();
    feed::publish(&*services.ledger, &services.poke, &[moved], &[])
        .await
        .unwrap();
    counter.days(1).await;
    assert_eq!(counter.told().await.len(), 2);
    counter.days(7).await;
    assert_eq!(counter.told().await.len(), 1);
}

#[tokio::test]
async fn i23_an_order_leaves_the_tablets_after_90_days_and_is_read_and_given_back_all_the_same() {
    let mut counter = counter().await;
    let bought = counter.bought().await;
    let path = format!("/v1/orders/{}/returns", bought.id);
    let by = json!({"channel": "tablet", "device": counter.one.id()});
    let back = |id: &str| json!({"id": id, "pieces": {"a": 1}, "by": by});
    let first: ReturnAnswer = counter.ok(&counter.one, &path, back("r-1")).await;
    counter.days(89).await;
    assert_eq!(
        counter.told().await.len(),
        2,
        "the order and its settlement"
    );
    let receipt = bought.receipt.clone().unwrap().to_string();
    let view: OrderView = counter.order(&counter.two, &receipt).await.json();
    assert!(!view.archived);
    counter.days(1).await;
    assert_eq!(counter.told().await, []);
    for text in [receipt.as_str(), bought.id.as_str()] {
        let view: OrderView = counter.order(&counter.two, text).await.json();
        assert_eq!((view.order, view.archived), (bought.clone(), true));
        assert_eq!(view.settlement, first.settlement);
    }
    let again: ReturnAnswer = counter.ok(&counter.one, &path, back("r-1")).await;
    assert_eq!(again, first);
    let second: ReturnAnswer = counter.ok(&counter.one, &path, back("r-2")).await;
    assert_eq!(second.settlement.refunds.len(), 2);
    assert_eq!(counter.pieces("boots").await, 5);
    assert_eq!(counter.told().await, []);
    let view: OrderView = counter.order(&counter.two, &receipt).await.json();
    assert_eq!(view.settlement, second.settlement);
    let none = counter.order(&counter.two, "1-003-20260601-000009").await;
    assert_eq!(none.status, 404);
    assert_eq!(
        counter.order(&counter.kiosk, &receipt).await.status,
        401,
        "its token is over"
    );
}
