mod board;
mod counting;

use super::{consumer, routes};
use crate::feed::entity_key;
use crate::ports::events::{CloudEvent, Consumer, Delivery};
use crate::ports::ledger::{Condition, Key, Write};
use crate::testing::{Bench, ListVerifier, bench_with};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Principal, Role};
use domain::api::board::Board;
use domain::api::sync::kind;
use domain::event::{Action, Event, ProductRef, Who};
use domain::ids::{AnonymousId, CustomerId, MessageId, OrderId, Sku, StoreId};
use domain::money::{Currency, Money};
use serde_json::json;
use std::sync::Arc;
use tower::ServiceExt as _;

/// The analytics function with the stores 17 (euro) and 18 (pound).
struct Desk {
    bench: Bench,
    consumer: Arc<dyn Consumer>,
    router: Router,
}

impl Desk {
    async fn open() -> Self {
        let principal = |role: Role, store: &str| Principal {
            role,
            permissions: role.permissions().to_vec(),
            store: StoreId::parse(store).ok(),
            device: None,
            associate: None,
            customer: None,
        };
        let bench = bench_with(ListVerifier {
            principals: [
                ("manager".to_owned(), principal(Role::Manager, "17")),
                ("homeless".to_owned(), principal(Role::Manager, "")),
                ("associate".to_owned(), principal(Role::Associate, "17")),
                ("operator".to_owned(), principal(Role::Operator, "")),
            ]
            .into(),
            ..ListVerifier::default()
        });
        let desk = Self {
            consumer: consumer(bench.services.clone()),
            router: routes(bench.services.clone()).build().0,
            bench,
        };
        for (id, currency) in [("17", "EUR"), ("18", "GBP")] {
            let store = json!({"id": id, "name": id, "country": "DE", "locale": "de-DE", "zone": "Europe/Berlin",
                "currency": currency});
            desk.put(entity_key(kind::STORE, id), &store).await;
        }
        desk
    }

    async fn put(&self, key: Key, body: &serde_json::Value) {
        let write = Write::put(key, body.to_string(), Condition::Any);
        self.bench.services.ledger.write(vec![write]).await.unwrap();
    }

    fn now(&self) -> DateTime<Utc> {
        self.bench.services.clock.now()
    }

    /// An event that happened some seconds ago in store 17.
    fn ago(&self, sequence: u64, seconds: i64, shopper: &str, action: Action) -> Delivery {
        let at = self.now() - TimeDelta::seconds(seconds);
        deliver(sequence, &event(sequence, at, shopper, "17", action))
    }

    async fn get(&self, token: &str, query: &str) -> (u16, Vec<u8>) {
        let request = Request::get(format!("/v1/analytics/board{query}"))
            .header("authorization", format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            to_bytes(response.into_body(), 1 << 20)
                .await
                .unwrap()
                .into(),
        )
    }

    async fn board(&self) -> Board {
        let (status, body) = self.get("manager", "").await;
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }
}

fn event(sequence: u64, at: DateTime<Utc>, shopper: &str, store: &str, action: Action) -> Event {
    Event {
        message_id: MessageId::parse(format!("m-{sequence}")).unwrap(),
        who: Who {
            anonymous: AnonymousId::parse(shopper).ok(),
            customer: None,
        },
        at,
        received_at: at,
        store: StoreId::parse(store).ok(),
        opted_out: false,
        action,
    }
}

fn deliver(sequence: u64, event: &Event) -> Delivery {
    Delivery {
        sequence,
        replayed: false,
        event: CloudEvent {
            specversion: "1.0".into(),
            id: event.message_id.to_string(),
            source: "/segment/web".into(),
            kind: event.action.event_type().into(),
            time: event.at,
            partitionkey: "p".into(),
            traceparent: None,
            data: serde_json::value::to_raw_value(event).unwrap(),
        },
    }
}

fn product(sku: &str) -> ProductRef {
    ProductRef {
        sku: Sku::parse(sku).unwrap(),
        department: None,
        quantity: 3,
        price: None,
    }
}

fn viewed(sku: &str) -> Action {
    Action::ProductViewed(product(sku))
}

fn ordered(minor: i64, currency: Currency) -> Action {
    Action::OrderCompleted {
        order: OrderId::parse("o-1").unwrap(),
        total: Some(Money::new(minor, currency)),
        products: Vec::new(),
    }
}
