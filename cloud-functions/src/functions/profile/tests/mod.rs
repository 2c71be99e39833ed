mod faults;
mod feed;
mod joins;

use super::consumer;
use super::kept::Kept;
use crate::feed::entity_key;
use crate::ports::events::{CloudEvent, Consumed, Consumer, Delivery};
use crate::ports::ledger::{Condition, Key, Write};
use crate::services::Services;
use crate::testing::{Bench, bench};
use domain::api::sync::{Change, Cursor, Scope, kind};
use domain::event::{Action, Event, ProductRef, Who};
use domain::ids::{AnonymousId, CustomerId, MessageId, OrderId, Sku, StoreId};
use domain::money::{Currency, Money};
use domain::profile::Profile;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

/// The profile function over a ledger in memory.
struct Desk {
    bench: Bench,
    consumer: Arc<dyn Consumer>,
}

impl Desk {
    fn open() -> Self {
        let bench = bench();
        Self {
            consumer: consumer(bench.services.clone()),
            bench,
        }
    }

    fn services(&self) -> &Services {
        &self.bench.services
    }

    async fn consume(&self, events: &[Delivery]) -> Consumed {
        self.consumer.consume(events).await
    }

    /// A customer of store 17.
    async fn know(&self, id: &str, consents: serde_json::Value) {
        let customer =
            json!({"id": id, "name": {"given": "Ana"}, "home_store": "17", "consents": consents});
        self.put(entity_key(kind::CUSTOMER, id), &customer.to_string())
            .await;
    }

    async fn put(&self, key: Key, body: &str) {
        let write = Write::put(key, body, Condition::Any);
        self.services().ledger.write(vec![write]).await.unwrap();
    }

    async fn read<T: DeserializeOwned>(&self, key: &Key) -> Option<T> {
        let stored = self.services().ledger.read(key).await.unwrap()?;
        Some(serde_json::from_str(&stored.body).unwrap())
    }

    async fn anonymous(&self, id: &str) -> Option<Kept> {
        self.read(&Key::new(format!("P#a/{id}"), "V")).await
    }

    async fn parked(&self, id: &str) -> Option<Kept> {
        self.read(&Key::new(format!("P#c/{id}"), "V")).await
    }

    async fn card(&self, id: &str) -> Option<Profile> {
        self.read(&entity_key(kind::PROFILE, id)).await
    }

    async fn feed(&self) -> Vec<Change> {
        let scope = Scope::customers(&StoreId::parse("17").unwrap());
        let start = Cursor::default();
        crate::feed::read_after(&*self.services().ledger, &scope, start, 1_000)
            .await
            .unwrap()
    }
}

fn who(anonymous: &str, customer: &str) -> Who {
    Who {
        anonymous: AnonymousId::parse(anonymous).ok(),
        customer: CustomerId::parse(customer).ok(),
    }
}

fn product(sku: &str) -> ProductRef {
    ProductRef {
        sku: Sku::parse(sku).unwrap(),
        department: None,
        quantity: 1,
        price: None,
    }
}

fn viewed(sku: &str) -> Action {
    Action::ProductViewed(product(sku))
}

fn ordered(order: &str, minor: i64) -> Action {
    Action::OrderCompleted {
        order: OrderId::parse(order).unwrap(),
        total: Some(Money::new(minor, Currency::EUR)),
        products: Vec::new(),
    }
}

fn event(sequence: u64, who: Who, action: Action) -> Event {
    let noon: chrono::DateTime<chrono::Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
    let at = noon + chrono::TimeDelta::seconds(i64::try_from(sequence).unwrap());
    Event {
        message_id: MessageId::parse(format!("m-{sequence}")).unwrap(),
        who,
        at,
        received_at: at,
        store: None,
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

fn delivery(sequence: u64, who: Who, action: Action) -> Delivery {
    deliver(sequence, &event(sequence, who, action))
}

fn skus(profile: &Profile) -> Vec<&str> {
    profile.views.iter().map(|view| view.sku.as_str()).collect()
}
