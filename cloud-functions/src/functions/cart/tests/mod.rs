//! Carts over a wire, on the memory engine, as tablets and kiosks call them.

mod allot;
mod archive;
mod capsules;
mod handoff;
mod help;
mod hooks;
mod orders;
mod phone;
mod races;
mod returns;
mod shopping;
mod terms;

use super::routes;
use crate::engines::payments::SimulatedTerminal;
use crate::testing::shop::Shop;
use crate::testing::wire::{Answer, Served, serve};
use domain::api::cart::{CartView, CheckoutAnswer, PayAnswer};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::{Scope, kind};
use domain::cart::{Cart, Status};
use domain::item::Stock;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// A store with two tablets and a kiosk, boots at 100.00 (5 there) and mugs at 9.90 (nobody counted).
struct Counter {
    shop: Shop,
    served: Served,
    terminal: Arc<SimulatedTerminal>,
    one: Device,
    two: Device,
    kiosk: Device,
}

/// Somebody who calls.
struct Device {
    enrolment: Enrolment,
    token: String,
}

impl Device {
    fn id(&self) -> &str {
        self.enrolment.device.as_str()
    }

    fn channel(&self) -> &str {
        match self.enrolment.kind {
            DeviceKind::Tablet => "tablet",
            DeviceKind::Kiosk => "kiosk",
        }
    }
}

async fn device(shop: &Shop, kind: DeviceKind) -> Device {
    let enrolment = shop.enrol("1", kind).await;
    let token = shop.token(&enrolment).await;
    Device { enrolment, token }
}

async fn counter() -> Counter {
    of(Shop::open().await).await
}

async fn of(mut shop: Shop) -> Counter {
    let terminal = Arc::new(SimulatedTerminal::default());
    shop.bench.services.payments = terminal.clone();
    let one = device(&shop, DeviceKind::Tablet).await;
    let two = device(&shop, DeviceKind::Tablet).await;
    let kiosk = device(&shop, DeviceKind::Kiosk).await;
    let served = serve(routes(shop.bench.services.clone())).await;
    let counter = Counter {
        shop,
        served,
        terminal,
        one,
        two,
        kiosk,
    };
    for (sku, title) in [("boots", "Boots"), ("mug", "Mug")] {
        let body = json!({"sku": sku, "title": title, "department": "outdoor"});
        let scope = Scope::catalogue(0);
        counter.shop.put(scope, kind::ITEM, sku, &body).await;
    }
    counter.price("boots", 10_000).await;
    counter.price("mug", 990).await;
    counter.stock("boots", 5).await;
    let terms = json!({"tax": "inclusive", "rate": 230_000, "promotions": []});
    counter.put_terms(&terms).await;
    counter
}

impl Counter {
    async fn price(&self, sku: &str, minor: i64) {
        let body = json!({"sku": sku, "amount": {"minor": minor, "currency": "EUR"}, "valid_from": "2020-01-01T00:00:00Z"});
        self.shop
            .put(Scope::prices(), kind::PRICE, sku, &body)
            .await;
    }

    async fn stock(&self, sku: &str, pieces: i64) {
        let store = self.one.enrolment.store.clone();
        let id = format!("{store}/{sku}");
        let body = json!({"sku": sku, "store": store, "on_hand": pieces, "counted_at": "2026-06-01T00:00:00Z"});
        self.shop
            .put(Scope::inventory(&store), kind::STOCK, &id, &body)
            .await;
    }

    async fn put_terms(&self, body: &Value) {
        let store = &self.one.enrolment.store;
        self.shop
            .put(Scope::inventory(store), kind::TERMS, store.as_str(), body)
            .await;
    }

    async fn pieces(&self, sku: &str) -> i64 {
        let key = crate::feed::entity_key(kind::STOCK, &format!("1/{sku}"));
        let stored = self.shop.bench.services.ledger.read(&key).await.unwrap();
        let stock: Stock = serde_json::from_str(&stored.unwrap().body).unwrap();
        stock.on_hand
    }

    async fn payments_in_doubt(&self) -> usize {
        let ledger = &self.shop.bench.services.ledger;
        ledger.range("X#payments", "".."~", 9).await.unwrap().len()
    }

    async fn post(&self, by: &Device, path: &str, body: &Value) -> Answer {
        self.served.post(path, &by.token, body).await
    }

    async fn ok<T: DeserializeOwned>(&self, by: &Device, path: &str, body: Value) -> T {
        let answer = self.post(by, path, &body).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{path}: {text}");
        answer.json()
    }

    async fn problem(&self, by: &Device, path: &str, body: Value) -> (u16, String) {
        let answer = self.post(by, path, &body).await;
        (answer.status, answer.problem())
    }

    async fn open(&self, by: &Device, id: &str) -> Cart {
        let opening = json!({"opening": {"id": id, "store": "1", "currency": "EUR"}});
        self.ok::<CartView>(by, "/v1/carts", opening).await.cart
    }

    fn command(by: &Device, id: &str, action: &Value) -> Value {
        json!({"id": id, "by": {"channel": by.channel(), "device": by.id()}, "issued_at_device": "2026-01-01T00:00:00Z", "action": action})
    }

    fn add(line: &str, sku: &str, quantity: u32) -> Value {
        json!({"type": "add_line", "line_id": line, "sku": sku, "quantity": quantity})
    }

    async fn send(&self, by: &Device, cart: &str, list: &[(&str, Value)]) -> CartView {
        let commands: Vec<Value> = list
            .iter()
            .map(|(id, action)| Self::command(by, id, action))
            .collect();
        let answer: domain::api::cart::BatchAnswer = self
            .ok(
                by,
                &format!("/v1/carts/{cart}/commands"),
                json!({"commands": commands}),
            )
            .await;
        assert_eq!(answer.results.len(), list.len());
        answer.view
    }

    async fn lease(&self, by: &Device, cart: &str) -> CartView {
        let path = format!("/v1/carts/{cart}/lease");
        self.ok(by, &path, json!({"do": "claim"})).await
    }

    /// A cart of tablet one with two pairs of boots, which it holds.
    async fn filled(&self, id: &str) -> CartView {
        self.open(&self.one, id).await;
        let add = [("add", Self::add("a", "boots", 2))];
        self.send(&self.one, id, &add).await;
        self.lease(&self.one, id).await
    }

    async fn checkout(&self, by: &Device, view: &CartView) -> CheckoutAnswer {
        let body = json!({
            "fence": view.cart.lease.fence,
            "version": view.cart.version,
            "total": view.totals.as_ref().unwrap().total,
        });
        let path = format!("/v1/carts/{}/checkout", view.cart.opening.id);
        self.ok(by, &path, body).await
    }

    async fn begun(&self, by: &Device, view: &CartView) -> CartView {
        match self.checkout(by, view).await {
            CheckoutAnswer::Begun { view } => *view,
            other => panic!("not begun: {other:?}"),
        }
    }

    async fn pay(&self, by: &Device, cart: &str, attempt: u32) -> PayAnswer {
        let body =
            json!({"method": "terminal", "attempt": attempt, "workstation": 3, "associate": "a-1"});
        self.ok(by, &format!("/v1/carts/{cart}/checkout/pay"), body)
            .await
    }

    async fn read(&self, by: &Device, cart: &str) -> CartView {
        let bearer = format!("Bearer {}", by.token);
        let headers = [("authorization", bearer.as_str())];
        let path = format!("/v1/carts/{cart}");
        self.served.send("GET", &path, &headers, b"").await.json()
    }
}

fn is_open(cart: &Cart) -> bool {
    matches!(cart.status, Status::Open)
}
