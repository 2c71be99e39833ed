//! A shopper's own phone.

use super::*;
use crate::browsers::{self, Browser};
use crate::functions::shopper;
use crate::ports::ledger::Condition;
use crate::table;
use domain::access::{Principal, Role};
use domain::api::cart::BatchAnswer;
use domain::api::shopper::{CartNews, MyCarts, MyOrders};
use domain::cart::Channel;
use domain::ids::{CustomerId, DeviceId};

/// Somebody's browser.
struct Phone {
    id: String,
    token: String,
    /// Her own lists.
    served: Served,
}

async fn phone(counter: &Counter, id: &str, customer: Option<&str>) -> Phone {
    let services = &counter.shop.bench.services;
    let browser = Browser {
        device: DeviceId::parse(id).unwrap(),
        store: counter.one.enrolment.store.clone(),
        customer: customer.map(|id| CustomerId::parse(id).unwrap()),
        refresh_hash: String::new(),
        refreshed_from: None,
        refreshed_at: services.clock.now(),
        revoked: false,
    };
    let key = browsers::key(&browser.device);
    let write = table::put(key, &browser, Condition::Any).unwrap();
    services.ledger.write(vec![write]).await.unwrap();
    let principal = Principal {
        role: Role::Shopper,
        permissions: Role::Shopper.permissions().to_vec(),
        store: Some(browser.store),
        device: Some(browser.device),
        associate: None,
        customer: browser.customer,
    };
    Phone {
        id: id.to_owned(),
        token: counter.shop.mint(&principal).await,
        served: serve(shopper::routes(services.clone())).await,
    }
}

impl Phone {
    async fn post(&self, counter: &Counter, path: &str, body: Value) -> Answer {
        counter.served.post(path, &self.token, &body).await
    }

    async fn open(&self, counter: &Counter, cart: &str, customer: Option<&str>) -> u16 {
        let opening =
            json!({"opening": {"id": cart, "store": "1", "currency": "EUR", "customer": customer}});
        self.post(counter, "/v1/carts", opening).await.status
    }

    async fn add(&self, counter: &Counter, cart: &str, line: &str, sku: &str) -> BatchAnswer {
        let by = json!({"channel": "phone", "device": self.id});
        let command = json!({"id": format!("{cart}-{line}"), "by": by, "issued_at_device": "2026-01-01T00:00:00Z", "action": Counter::add(line, sku, 1)});
        let path = format!("/v1/carts/{cart}/commands");
        let body = json!({"commands": [command]});
        self.post(counter, &path, body).await.json()
    }

    async fn get(&self, served: &Served, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str())];
        served.send("GET", path, &headers, b"").await
    }

    async fn listed(&self) -> Vec<String> {
        let carts: MyCarts = self.get(&self.served, "/v1/shopper/carts").await.json();
        let ids = carts.carts.iter().map(|view| &view.cart.opening.id);
        ids.map(ToString::to_string).collect()
    }
}

#[tokio::test]
async fn a_guest_has_the_carts_that_she_began_and_no_others() {
    let counter = counter().await;
    let (ana, eve) = (
        phone(&counter, "ana", None).await,
        phone(&counter, "eve", None).await,
    );
    assert_eq!(ana.open(&counter, "k", None).await, 200);
    let view = ana.add(&counter, "k", "a", "mug").await.view;
    assert_eq!(view.totals.unwrap().total.minor, 990);
    assert_eq!(ana.listed().await, ["k"]);
    assert!(eve.listed().await.is_empty());
    let spied = eve.get(&counter.served, "/v1/carts/k").await;
    assert_eq!(
        (spied.status, spied.problem().as_str()),
        (403, "wrong-cart")
    );
    assert_eq!(eve.open(&counter, "k", None).await, 403);
    assert_eq!(eve.open(&counter, "x", Some("c-1")).await, 403, "not hers");
    counter.open(&counter.one, "theirs").await;
    let spied = ana.get(&counter.served, "/v1/carts/theirs").await;
    assert_eq!(spied.status, 403);
}

#[tokio::test]
async fn who_signs_in_finds_both_carts_and_makes_one_of_them() {
    let counter = counter().await;
    counter.open(&counter.one, "hers").await;
    let add = [("t", Counter::add("m", "mug", 2))];
    counter.send(&counter.one, "hers", &add).await;
    let assign = json!({"customer": "c-1"});
    let _: CartView = counter
        .ok(&counter.one, "/v1/carts/hers/customer", assign)
        .await;
    let guest = phone(&counter, "ana", None).await;
    guest.open(&counter, "guest", None).await;
    guest.add(&counter, "guest", "a", "mug").await;
    guest.add(&counter, "guest", "b", "boots").await;
    let ana = phone(&counter, "ana", Some("c-1")).await;
    assert_eq!(ana.listed().await, ["hers", "guest"]);
    let merge = json!({"id": "m", "source": "guest"});
    for _ in 0..2 {
        let answer = ana
            .post(&counter, "/v1/carts/hers/merge", merge.clone())
            .await;
        let view: CartView = answer.json();
        let total = view.totals.unwrap().total.minor;
        assert_eq!(total, 2 * 990 + 10_000, "nothing lost, nothing doubled");
    }
    assert_eq!(ana.listed().await, ["hers"]);
    let eve = phone(&counter, "eve", Some("c-2")).await;
    assert!(eve.listed().await.is_empty());
    let theirs = eve.get(&counter.served, "/v1/carts/hers").await;
    assert_eq!(theirs.status, 403);
}

#[tokio::test]
async fn she_takes_a_cart_over_pays_it_by_link_and_finds_the_order() {
    let counter = counter().await;
    counter.filled("k").await;
    let shown: domain::cart::Shown = counter
        .ok(&counter.one, "/v1/carts/k/handoff", json!({}))
        .await;
    let ana = phone(&counter, "ana", Some("c-1")).await;
    let claim = json!({"proof": {"by": "secret", "secret": shown.secret}, "claimant": {"device": "ana", "channel": "phone", "nonce": "0".repeat(32)}});
    let answer = ana.post(&counter, "/v1/carts/handoffs/claim", claim).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mine = json!({"customer": "c-1"});
    let answer = ana.post(&counter, "/v1/carts/k/customer", mine).await;
    let view: CartView = answer.json();
    let theirs = json!({"customer": "c-2"});
    let answer = ana.post(&counter, "/v1/carts/k/customer", theirs).await;
    assert_eq!(answer.status, 403);
    let body = json!({"fence": view.cart.lease.fence, "version": view.cart.version, "total": view.totals.unwrap().total});
    let answer = ana.post(&counter, "/v1/carts/k/checkout", body).await;
    assert!(matches!(answer.json(), CheckoutAnswer::Begun { .. }));
    let path = "/v1/carts/k/checkout/pay";
    for cheat in [
        json!({"method": "cash", "attempt": 1}),
        json!({"method": "pay_link", "attempt": 1, "associate": "a-1"}),
    ] {
        assert_eq!(ana.post(&counter, path, cheat).await.status, 400);
    }
    let link = json!({"method": "pay_link", "attempt": 1});
    let answer: PayAnswer = ana.post(&counter, path, link).await.json();
    let PayAnswer::Ordered { order, .. } = answer else {
        panic!("not bought: {answer:?}");
    };
    let orders: MyOrders = ana.get(&ana.served, "/v1/shopper/orders").await.json();
    assert_eq!(orders.orders.len(), 1);
    assert_eq!(orders.orders[0].order, *order);
    assert!(ana.listed().await.is_empty(), "it is bought");
}

#[tokio::test]
async fn a_browser_on_a_desk_is_the_online_shop_in_lease_and_order() {
    let counter = counter().await;
    let ana = phone(&counter, "ana", Some("c-1")).await;
    ana.open(&counter, "k", Some("c-1")).await;
    let by = json!({"channel": "online", "device": "ana"});
    let add = json!({"id": "1", "by": by, "issued_at_device": "2026-01-01T00:00:00Z", "action": Counter::add("a", "boots", 1)});
    let body = json!({"commands": [add]});
    ana.post(&counter, "/v1/carts/k/commands", body).await;
    let claim = json!({"do": "claim"});
    let answer = ana.post(&counter, "/v1/carts/k/lease", claim).await;
    let view: CartView = answer.json();
    let hold = view.cart.lease.hold.unwrap();
    assert_eq!(hold.channel, Channel::Online);
    let body = json!({"fence": view.cart.lease.fence, "version": view.cart.version, "total": view.totals.unwrap().total});
    ana.post(&counter, "/v1/carts/k/checkout", body).await;
    let link = json!({"method": "pay_link", "attempt": 1});
    let answer = ana.post(&counter, "/v1/carts/k/checkout/pay", link).await;
    let PayAnswer::Ordered { order, .. } = answer.json() else {
        panic!("not bought");
    };
    assert_eq!(order.channel, Channel::Online);
}

#[tokio::test]
async fn a_desk_takes_a_cart_over_and_nobody_speaks_for_a_till() {
    let counter = counter().await;
    counter.filled("k").await;
    let shown: domain::cart::Shown = counter
        .ok(&counter.one, "/v1/carts/k/handoff", json!({}))
        .await;
    let ana = phone(&counter, "ana", Some("c-1")).await;
    let claim = |channel: &str| json!({"proof": {"by": "secret", "secret": shown.secret}, "claimant": {"device": "ana", "channel": channel, "nonce": "0".repeat(32)}});
    let path = "/v1/carts/handoffs/claim";
    let answer = ana.post(&counter, path, claim("tablet")).await;
    assert_eq!(answer.status, 400);
    let answer = ana.post(&counter, path, claim("online")).await;
    let answer: domain::api::cart::ClaimAnswer = answer.json();
    let hold = answer.view.cart.lease.hold.unwrap();
    assert_eq!(hold.channel, Channel::Online);
}

#[tokio::test]
async fn news_come_when_there_are_some() {
    let counter = counter().await;
    let ana = phone(&counter, "ana", None).await;
    ana.open(&counter, "k", None).await;
    let first: CartNews = ana.get(&counter.served, "/v1/carts/k/news").await.json();
    assert!(first.view.is_some());
    let path = format!("/v1/carts/k/news?after={}&wait_ms=0", first.tag);
    let nothing: CartNews = ana.get(&counter.served, &path).await.json();
    assert_eq!((nothing.view, nothing.tag), (None, first.tag.clone()));
    let path = format!("/v1/carts/k/news?after={}&wait_ms=25000", first.tag);
    let (news, _) = tokio::join!(
        ana.get(&counter.served, &path),
        ana.add(&counter, "k", "a", "mug")
    );
    let news: CartNews = news.json();
    assert_ne!(news.tag, first.tag);
    assert_eq!(news.view.unwrap().cart.lines.len(), 1);
}
