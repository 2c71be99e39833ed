//! Catalogue, recommendations and pages over one small shop, through their routes.

use crate::functions::{catalogue, content, recommend};
use crate::http::Routes;
use crate::import;
use crate::ports::events::{CloudEvent, Delivery};
use crate::testing::{Bench, ListVerifier, bench_with};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use domain::access::{Principal, Role};
use domain::api::content::{CataloguePage, Guest, ShelfKind, ShopShelves};
use domain::api::recommend::Recommendations;
use domain::api::sync::{Scope, kind};
use domain::event::{Action, Event, ProductRef, Who};
use domain::ids::{AnonymousId, MessageId, Sku};
use domain::recommendation::Reason;
use domain::store::Store;
use serde_json::{Value, json, value::to_raw_value};
use std::io::Write as _;
use tower::ServiceExt as _;

pub(super) const FEED: &str = "id\ttitle\tprice\tproduct_type\tquantity\n\
    boots\tTrail boots\t120 EUR\tOutdoor\t3\nsocks\tWool socks\t12 EUR\tOutdoor\t9\n\
    wax\tBoot wax\t9 EUR\tOutdoor\t0\ntent\tTent\t300 EUR\tOutdoor\t1\nmug\tMug\t8 EUR\tKitchen\t5\n";

pub(super) fn store() -> Store {
    let body = json!({"id": "1", "name": "Harbour", "country": "DE", "country_code": "49",
        "locale": "de-DE", "zone": "Europe/Berlin", "currency": "EUR"});
    serde_json::from_value(body).unwrap()
}

pub(super) fn caller(role: Role) -> Principal {
    let store = Some(store().id);
    Principal {
        role,
        permissions: role.permissions().to_vec(),
        store,
        device: None,
        associate: None,
        customer: None,
    }
}

/// A shop of five items, visited by six people who went from boots to socks to wax.
pub(super) async fn shop() -> Bench {
    let mut verifier = ListVerifier::default();
    verifier
        .principals
        .insert("tablet".into(), caller(Role::Tablet));
    verifier
        .principals
        .insert("kiosk".into(), caller(Role::Kiosk));
    verifier
        .principals
        .insert("manager".into(), caller(Role::Manager));
    verifier.sources.insert("demo".into(), "shop".into());
    let bench = bench_with(verifier);
    let services = &bench.services;
    let body = Some(to_raw_value(&store()).unwrap());
    let scope = Scope::inventory(&store().id);
    let condition = crate::ports::ledger::Condition::Any;
    let moved = crate::feed::Move {
        scope,
        kind: kind::STORE,
        id: "1".into(),
        body,
        command: None,
        condition,
    };
    crate::feed::publish(&*services.ledger, &services.poke, &[moved], &[])
        .await
        .unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(FEED.as_bytes()).unwrap();
    import::import_file(services, &store(), file.path(), &|_| {})
        .await
        .unwrap();
    let visits =
        (0..6_u64).flat_map(|visitor| ["boots", "socks", "wax"].map(move |sku| (visitor, sku)));
    let deliveries: Vec<_> = (1..)
        .zip(visits)
        .map(|(sequence, (visitor, sku))| delivery(sequence, visitor, sku))
        .collect();
    recommend::consumer(services.clone())
        .consume(&deliveries)
        .await
        .unwrap();
    bench
}

pub(super) fn delivery(sequence: u64, visitor: u64, sku: &str) -> Delivery {
    let at = "2026-06-01T11:00:00Z".parse().unwrap();
    let product = ProductRef {
        sku: Sku::parse(sku).unwrap(),
        department: None,
        quantity: 1,
        price: None,
    };
    let event = Event {
        message_id: MessageId::parse(format!("m-{sequence}")).unwrap(),
        who: Who {
            anonymous: Some(AnonymousId::parse(format!("v-{visitor}")).unwrap()),
            customer: None,
        },
        at,
        received_at: at,
        store: Some(store().id),
        opted_out: false,
        action: Action::ProductViewed(product),
    };
    let event = CloudEvent {
        specversion: "1.0".into(),
        id: event.message_id.to_string(),
        source: "/test".into(),
        kind: event.action.event_type().into(),
        time: at,
        partitionkey: "v".into(),
        traceparent: None,
        data: to_raw_value(&event).unwrap(),
    };
    Delivery {
        sequence,
        replayed: false,
        event,
    }
}

pub(super) async fn ask(
    routes: Routes,
    authorization: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Vec<u8>) {
    let (router, _, _) = routes.build();
    let request = Request::builder()
        .uri(path)
        .header("authorization", authorization);
    let request = match body {
        Some(body) => request
            .method("POST")
            .header("content-type", "application/json")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let response = router.oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    (
        status,
        axum::body::to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap()
            .to_vec(),
    )
}

fn basic(key: &str) -> String {
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{key}:"))
    )
}

#[tokio::test]
async fn the_catalogue_comes_page_by_page_without_a_gap() {
    let bench = shop().await;
    let mut after = String::new();
    let mut seen = Vec::new();
    loop {
        let path = format!("/v1/catalogue?store=1&limit=2{after}");
        let (status, body) = ask(catalogue::routes(bench.services.clone()), "", &path, None).await;
        assert_eq!(status, StatusCode::OK);
        let page: CataloguePage = serde_json::from_slice(&body).unwrap();
        seen.extend(page.items.iter().map(|view| view.item.sku.to_string()));
        let Some(next) = page.next else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, ["boots", "mug", "socks", "tent", "wax"]);
}

#[tokio::test]
async fn similar_items_come_with_a_reason_and_never_out_of_stock() {
    let bench = shop().await;
    let body = json!({"sku": "boots", "store": "1", "limit": 5});
    let routes = recommend::routes(bench.services.clone());
    let (status, answer) = ask(routes, "Bearer tablet", "/v1/recommend/similar", Some(body)).await;
    assert_eq!(status, StatusCode::OK);
    let answer: Recommendations = serde_json::from_slice(&answer).unwrap();
    let first = answer.items.first().unwrap();
    assert_eq!(first.sku.as_str(), "socks");
    assert!(
        !answer.items.iter().any(|item| item.sku.as_str() == "wax"),
        "wax is sold out"
    );
    assert!(
        matches!(&first.reason, Reason::ViewedWith { sku } | Reason::SimilarTo { sku } if sku.as_str() == "boots")
    );
}

#[tokio::test]
async fn a_kiosk_gets_no_customer_and_another_store_gets_nothing() {
    let bench = shop().await;
    let routes = || recommend::routes(bench.services.clone());
    let for_you = |store: &str| Some(json!({"customer": "c-1", "store": store, "limit": 5}));
    let (status, _) = ask(
        routes(),
        "Bearer kiosk",
        "/v1/recommend/for-you",
        for_you("1"),
    )
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = ask(
        routes(),
        "Bearer tablet",
        "/v1/recommend/for-you",
        for_you("2"),
    )
    .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = ask(
        routes(),
        "Bearer tablet",
        "/v1/recommend/for-you",
        for_you("1"),
    )
    .await;
    assert_eq!(status, StatusCode::NOT_FOUND, "nobody has this number");
    let (status, _) = ask(
        routes(),
        "Bearer tablet",
        "/v1/recommend/similar",
        Some(json!({"sku": "a", "store": "1", "limit": 0})),
    )
    .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_snapshot_is_the_model_that_answers() {
    let bench = shop().await;
    let routes = || recommend::routes(bench.services.clone());
    let (_, packed) = ask(routes(), "Bearer tablet", "/v1/recommend/snapshot", None).await;
    let model =
        ::recommend::Model::from_snapshot(&zstd::bulk::decompress(&packed, 1 << 20).unwrap())
            .unwrap();
    let (_, answer) = ask(
        routes(),
        "Bearer tablet",
        "/v1/recommend/similar",
        Some(json!({"sku": "boots", "store": "1", "limit": 5})),
    )
    .await;
    let answer: Recommendations = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer.model, model.version().to_string());
    let in_stock = |sku: &Sku| sku.as_str() != "wax";
    let filters = ::recommend::Filters {
        available: &in_stock,
        ..Default::default()
    };
    assert_eq!(
        answer.items,
        model.similar(&Sku::parse("boots").unwrap(), &filters, 5)
    );
}

#[tokio::test]
async fn a_guest_is_told_little_and_shown_much() {
    let bench = shop().await;
    let customer = json!({"id": "c-1", "name": {"given": "Zoë", "family": "Müller"}, "home_store": "1", "points": 7,
        "phone": {"raw": "040 123456", "e164": "+4940123456"}, "email": "zoe@example.org"});
    let customer = serde_json::from_value(customer).unwrap();
    import::write_customers(&bench.services, &[customer])
        .await
        .unwrap();
    let routes = || content::routes(bench.services.clone());
    let by_phone = |phone: &str| Some(json!({"identify": {"phone": phone}, "store": "1"}));
    let (status, body) = ask(
        routes(),
        "Bearer kiosk",
        "/v1/content/guest",
        by_phone("+49 40 123456"),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    let guest: Guest = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (guest.first_name.as_str(), guest.points, guest.returning),
        ("Zoë", 7, false)
    );
    let text = String::from_utf8(body).unwrap();
    assert!(!text.contains("Müller") && !text.contains("example.org") && !text.contains("c-1"));
    let (status, _) = ask(
        routes(),
        "Bearer kiosk",
        "/v1/content/guest",
        by_phone("040 999999"),
    )
    .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_web_shop_has_shelves_for_somebody_unknown() {
    let bench = shop().await;
    let routes = || content::routes(bench.services.clone());
    let home = Some(json!({"anonymous": "nobody", "store": "1"}));
    let (status, body) = ask(routes(), &basic("demo"), "/v1/content/shop", home.clone()).await;
    assert_eq!(status, StatusCode::OK);
    let shelves: ShopShelves = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        shelves.shelves.first().map(|shelf| &shelf.kind),
        Some(&ShelfKind::Popular)
    );
    let (status, _) = ask(routes(), &basic("wrong"), "/v1/content/shop", home).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}
