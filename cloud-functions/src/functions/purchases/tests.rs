use super::*;
use crate::import;
use crate::people::Known;
use crate::ports::events::CloudEvent;
use crate::testing::{Bench, bench};
use domain::event::{Event, ProductRef, Who};
use domain::ids::{MessageId, OrderId, Sku};
use serde_json::json;

fn ana() -> CustomerId {
    CustomerId::parse("c-1").unwrap()
}

async fn bench_with_ana() -> Bench {
    let bench = bench();
    let customer =
        serde_json::from_value(json!({"id": "c-1", "name": {"given": "Ana"}, "home_store": "1"}))
            .unwrap();
    import::write_customers(&bench.services, &[customer])
        .await
        .unwrap();
    bench
}

fn order(sequence: u64, skus: &[&str], refund: bool) -> Delivery {
    let at = format!("2026-05-{sequence:02}T10:00:00Z").parse().unwrap();
    let product = |sku: &&str| ProductRef {
        sku: Sku::parse(*sku).unwrap(),
        department: None,
        quantity: 1,
        price: None,
    };
    let products = skus.iter().map(product).collect();
    let order = OrderId::parse(format!("o-{sequence}")).unwrap();
    let action = if refund {
        Action::OrderRefunded { order, products }
    } else {
        Action::OrderCompleted {
            order,
            total: None,
            products,
        }
    };
    let event = Event {
        message_id: MessageId::parse(format!("m-{sequence}")).unwrap(),
        who: Who {
            anonymous: None,
            customer: Some(ana()),
        },
        at,
        received_at: at,
        store: None,
        opted_out: false,
        action,
    };
    let event = CloudEvent {
        specversion: "1.0".into(),
        id: event.message_id.to_string(),
        source: "/test".into(),
        kind: event.action.event_type().into(),
        time: at,
        partitionkey: "c/c-1".into(),
        traceparent: None,
        data: to_raw_value(&event).unwrap(),
    };
    Delivery {
        sequence,
        replayed: false,
        event,
    }
}

async fn owned(bench: &Bench) -> Vec<String> {
    let known = Known::customer(&*bench.services.ledger, &ana())
        .await
        .unwrap()
        .unwrap();
    known
        .purchases
        .owned()
        .map(|purchase| purchase.sku.to_string())
        .collect()
}

#[tokio::test]
async fn orders_are_counted_once_however_often_they_come() {
    let bench = bench_with_ana().await;
    let bookkeeper = consumer(bench.services.clone());
    let batch = [
        order(1, &["mug", "boots"], false),
        order(2, &["mug"], false),
        order(3, &["mug"], true),
    ];
    bookkeeper.consume(&batch).await.unwrap();
    bookkeeper.consume(&batch).await.unwrap();
    assert_eq!(
        owned(&bench).await,
        ["boots", "mug"],
        "one of two mugs came back, not both"
    );
    let head = feed::read_head(
        &*bench.services.ledger,
        &Scope::customers(&"1".parse().unwrap()),
    )
    .await
    .unwrap();
    assert_eq!(
        head.seq, 2,
        "her record and her purchases: the repeat told nobody anything"
    );
}

#[tokio::test]
async fn orders_of_somebody_unknown_wait_for_her() {
    let bench = bench();
    let bookkeeper = consumer(bench.services.clone());
    bookkeeper
        .consume(&[order(1, &["mug"], false)])
        .await
        .unwrap();
    let customer =
        serde_json::from_value(json!({"id": "c-1", "name": {"given": "Ana"}, "home_store": "1"}))
            .unwrap();
    import::write_customers(&bench.services, &[customer])
        .await
        .unwrap();
    bookkeeper
        .consume(&[order(2, &["boots"], false)])
        .await
        .unwrap();
    assert_eq!(owned(&bench).await, ["boots", "mug"]);
}
