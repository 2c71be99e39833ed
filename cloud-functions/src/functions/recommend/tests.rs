//! The recommender over the ledger: several instances, tablets, decisions, people.

use super::{consumer, routes, upkeep};
use crate::feed::{self, Move};
use crate::functions::shelves_tests::{FEED, ask, delivery, shop, store};
use crate::import;
use crate::learning;
use crate::memory::Memory;
use crate::ports::events::Delivery;
use crate::ports::ledger::Condition;
use crate::services::Services;
use crate::testing::Bench;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use domain::api::recommend::{Ranking, Recommendations, Replayed};
use domain::api::sync::{Scope, kind};
use domain::event::{Action, ProductRef};
use domain::ids::Sku;
use domain::recommendation::Reason;
use recommend::{Model, ModelVersion};
use serde_json::{Value, json, value::to_raw_value};
use std::io::Write as _;
use std::sync::Arc;
use tower::ServiceExt as _;

/// The same shop as another instance of the function sees it.
fn another(services: &Services) -> Services {
    Services {
        memory: Arc::<Memory>::default(),
        ..services.clone()
    }
}

/// Asks again and again until there is something.
async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(found) = ask().await {
                break found;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(std::time::Duration::from_secs(60), asking).await;
    found.expect("it never came")
}

async fn hear(services: &Services, deliveries: &[Delivery]) {
    consumer(services.clone())
        .consume(deliveries)
        .await
        .unwrap();
}

async fn post<T: serde::de::DeserializeOwned>(
    services: &Services,
    path: &str,
    body: Value,
) -> (StatusCode, Option<T>) {
    let path = format!("/v1/recommend/{path}");
    let (status, bytes) = ask(routes(services.clone()), "Bearer tablet", &path, Some(body)).await;
    (status, serde_json::from_slice(&bytes).ok())
}

async fn similar(services: &Services, sku: &str) -> Recommendations {
    let body = json!({"sku": sku, "store": "1", "limit": 5});
    post(services, "similar", body).await.1.unwrap()
}

fn names(answer: &Recommendations) -> Vec<&str> {
    answer.items.iter().map(|item| item.sku.as_str()).collect()
}

/// What an instance sends a tablet that has `known`: the version that it leads to, and the unpacked bytes.
async fn fetch(services: &Services, known: Option<ModelVersion>) -> Option<(String, Vec<u8>)> {
    let (router, _, _) = routes(services.clone()).build();
    let mut request = Request::builder()
        .uri("/v1/recommend/snapshot")
        .header("authorization", "Bearer tablet");
    if let Some(known) = known {
        request = request.header(header::IF_NONE_MATCH, format!("\"{known}\""));
    }
    let response = router
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    if response.status() == StatusCode::NOT_MODIFIED {
        return None;
    }
    assert_eq!(response.status(), StatusCode::OK);
    let tag = response.headers()[header::ETAG]
        .to_str()
        .unwrap()
        .to_owned();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    let bytes = zstd::bulk::decompress(&body.unwrap(), 1 << 20).unwrap();
    Some((tag, bytes))
}

/// Brings a tablet's model up to date; tells how often it was sent a whole one.
async fn follow(services: &Services, tablet: &mut Option<Model>) -> usize {
    let mut wholes = 0;
    while let Some((tag, bytes)) = fetch(services, tablet.as_ref().map(Model::version)).await {
        match tablet {
            Some(model) if recommend::is_delta(&bytes) => model.apply_delta(&bytes).unwrap(),
            _ => {
                wholes += 1;
                *tablet = Some(Model::from_snapshot(&bytes).unwrap());
            }
        }
        assert_eq!(tag, format!("\"{}\"", tablet.as_ref().unwrap().version()));
    }
    wholes
}

/// Everybody's answer and the tablet's are the same, down to the reasons.
async fn check_tablet(services: &Services, tablet: &Model, out: &str) {
    for sku in ["boots", "tent", "mug"] {
        let cloud = similar(services, sku).await;
        assert_eq!(cloud.model, tablet.version().to_string());
        let in_stock = |sku: &Sku| !out.split(' ').any(|gone| gone == sku.as_str());
        let filters = recommend::Filters {
            available: &in_stock,
            ..Default::default()
        };
        assert_eq!(
            cloud.items,
            tablet.similar(&Sku::parse(sku).unwrap(), &filters, 5)
        );
    }
}

async fn import(bench: &Bench, feed: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(feed.as_bytes()).unwrap();
    import::import_file(&bench.services, &store(), file.path(), &|_| {})
        .await
        .unwrap();
}

fn order(sequence: u64, skus: [&str; 2]) -> Delivery {
    let mut delivery = delivery(sequence, 0, skus[0]);
    let mut event: domain::event::Event = serde_json::from_str(delivery.event.data.get()).unwrap();
    let product = |sku: &str| ProductRef {
        sku: Sku::parse(sku).unwrap(),
        department: None,
        quantity: 1,
        price: None,
    };
    event.action = Action::OrderCompleted {
        order: domain::ids::OrderId::parse(format!("o-{sequence}")).unwrap(),
        products: skus.map(product).into(),
        total: None,
    };
    delivery.event.data = to_raw_value(&event).unwrap();
    delivery
}

#[tokio::test]
async fn an_event_counts_in_the_very_next_request() {
    let bench = shop().await;
    let before = similar(&bench.services, "tent").await;
    assert!(
        matches!(before.items.first(), Some(first) if matches!(first.reason, Reason::SimilarTo { .. }))
    );
    // The clock stands still all the while.
    hear(
        &bench.services,
        &[delivery(101, 9, "tent"), delivery(102, 9, "mug")],
    )
    .await;
    let after = similar(&bench.services, "tent").await;
    assert_ne!(after.model, before.model);
    assert_eq!(names(&after).first(), Some(&"mug"));
    assert!(
        matches!(&after.items.first().unwrap().reason, Reason::ViewedWith { sku } if sku.as_str() == "tent")
    );
    hear(&bench.services, &[order(103, ["boots", "mug"])]).await;
    let body = json!({"skus": ["boots"], "store": "1", "limit": 5});
    let (_, together) = post::<Recommendations>(&bench.services, "bought-together", body).await;
    assert_eq!(names(&together.unwrap()), ["mug"]);
}

#[tokio::test]
async fn what_is_delivered_again_is_learnt_once() {
    let bench = shop().await;
    let batch = [
        delivery(101, 9, "tent"),
        delivery(102, 9, "mug"),
        order(103, ["tent", "mug"]),
    ];
    hear(&bench.services, &batch).await;
    let once = similar(&bench.services, "tent").await;
    hear(&bench.services, &batch).await;
    let twice = similar(&bench.services, "tent").await;
    assert_eq!((once.items, once.model), (twice.items, twice.model));
}

#[tokio::test]
async fn instances_and_tablets_become_equal_whoever_learnt_what() {
    let bench = shop().await;
    let one = bench.services.clone();
    let two = another(&one);
    let mut tablet = None;
    assert_eq!(
        similar(&one, "boots").await.model,
        similar(&two, "boots").await.model
    );
    assert_eq!(follow(&one, &mut tablet).await, 1);
    for round in 0..8_u64 {
        let skus = [["tent", "mug"], ["boots", "tent"], ["socks", "mug"]];
        let [first, second] = skus[usize::try_from(round % 3).unwrap()];
        let at = 200 + 10 * round;
        let learner = if round % 2 == 0 { &one } else { &two };
        let batch = [
            delivery(at, 20 + round, first),
            order(at + 1, [first, second]),
            delivery(at + 2, 20 + round, second),
        ];
        hear(learner, &batch).await;
        if round == 4 {
            // A new item, and one that moves to another department: both instances hear of it at one place.
            import(
                &bench,
                &FEED.replace(
                    "mug\tMug\t8 EUR\tKitchen\t5",
                    "mug\tMug\t8 EUR\tGifts\t5\njar\tJar\t4 EUR\tGifts\t2",
                ),
            )
            .await;
        }
        bench.clock.advance(TimeDelta::seconds(2));
        let answers = (similar(&one, first).await, similar(&two, first).await);
        // The one that noticed the new item told of it after the other had looked.
        let (one_now, two_now) = if answers.0.model == answers.1.model {
            answers
        } else {
            bench.clock.advance(TimeDelta::seconds(2));
            (similar(&one, first).await, similar(&two, first).await)
        };
        assert_eq!(
            (&one_now.items, &one_now.model),
            (&two_now.items, &two_now.model)
        );
        assert_eq!(follow(&two, &mut tablet).await, 0, "news are enough");
        check_tablet(&one, tablet.as_ref().unwrap(), "wax").await;
    }
    let jar = similar(&one, "jar").await;
    assert_eq!(names(&jar), ["mug"], "of one department by now");
    // Who comes late reads the same from the base and the log.
    let three = another(&one);
    assert_eq!(
        similar(&three, "boots").await.model,
        similar(&one, "boots").await.model
    );
}

#[tokio::test]
async fn a_new_base_replaces_the_old_one_behind_the_answers() {
    let bench = shop().await;
    let services = &bench.services;
    let mut tablet = None;
    follow(services, &mut tablet).await;
    let old = similar(services, "boots").await;
    // So much is learnt that a base is due.
    let views: Vec<_> = (0..60)
        .map(|n| {
            delivery(
                500 + n,
                50 + n / 2,
                ["tent", "mug"][usize::try_from(n % 2).unwrap()],
            )
        })
        .collect();
    hear(services, &views).await;
    let before = learning::read_head(&*services.ledger).await.unwrap();
    bench.clock.advance(TimeDelta::minutes(2));
    assert!(learning::is_due(&before, services.clock.now()));
    upkeep(services.clone()).await;
    let head = learning::read_head(&*services.ledger).await.unwrap();
    assert_ne!(head.base, before.base);
    assert_eq!(head.previous, before.base);
    // What was told before the base is in it; a visit goes on over it, and what is told again is learnt once.
    hear(services, &[delivery(600, 50, "boots")]).await;
    let fresh = another(services);
    let expected = similar(&fresh, "tent").await;
    assert!(names(&expected).contains(&"boots"));
    bench.clock.advance(TimeDelta::seconds(2));
    let answer = until(async || {
        let answer = similar(services, "tent").await;
        bench.clock.advance(TimeDelta::seconds(2));
        (answer.model == expected.model).then_some(answer)
    })
    .await;
    assert_eq!(answer.items, expected.items);
    assert_eq!(
        follow(services, &mut tablet).await,
        1,
        "another chain needs a whole model"
    );
    check_tablet(services, tablet.as_ref().unwrap(), "wax").await;
    // The old base is kept for who asks why.
    let path = format!("/v1/recommend/decisions/{}", old.decision);
    let (status, body) = ask(routes(services.clone()), "Bearer manager", &path, None).await;
    assert_eq!(status, StatusCode::OK);
    let replayed: Replayed = serde_json::from_slice(&body).unwrap();
    assert_eq!(replayed.replayed.as_ref(), Some(&replayed.answered));
    for _ in 0..2 {
        learning::build(services).await.unwrap();
        bench.clock.advance(TimeDelta::minutes(2));
    }
    let (_, body) = ask(routes(another(services)), "Bearer manager", &path, None).await;
    let gone: Replayed = serde_json::from_slice(&body).unwrap();
    assert_eq!((gone.replayed, gone.answered), (None, replayed.answered));
}

#[tokio::test]
async fn a_decision_is_replayed_by_the_model_of_then() {
    let bench = shop().await;
    let services = &bench.services;
    let list = json!({"skus": ["mug", "socks", "tent"], "anonymous": "v-0", "store": "1"});
    let (_, ranking) = post::<Ranking>(services, "rerank", list).await;
    let ranking = ranking.unwrap();
    let shelf = similar(services, "boots").await;
    hear(
        services,
        &[delivery(101, 9, "boots"), delivery(102, 9, "mug")],
    )
    .await;
    // What is in stock now is another matter than what was then.
    import(
        &bench,
        &FEED.replace(
            "socks\tWool socks\t12 EUR\tOutdoor\t9",
            "socks\tWool socks\t12 EUR\tOutdoor\t0",
        ),
    )
    .await;
    bench.clock.advance(TimeDelta::seconds(2));
    assert_ne!(similar(services, "boots").await.items, shelf.items);
    let why = async |services: &Services, token: &str, id: &str| {
        let path = format!("/v1/recommend/decisions/{id}");
        ask(routes(services.clone()), token, &path, None).await
    };
    for (id, answered) in [
        (shelf.decision.as_str(), json!({"shelf": shelf.items})),
        (ranking.decision.as_str(), json!({"ranking": ranking.items})),
    ] {
        // By another instance, that has nothing in memory, once it is written.
        let body = until(async || {
            let (status, body) = why(&another(services), "Bearer manager", id).await;
            (status == StatusCode::OK).then_some(body)
        })
        .await;
        let replayed: Replayed = serde_json::from_slice(&body).unwrap();
        assert_eq!(replayed.answered, answered);
        assert_eq!(replayed.replayed, Some(answered));
    }
    let (status, _) = why(services, "Bearer tablet", shelf.decision.as_str()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = why(services, "Bearer manager", "nobody-decided").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

async fn put(bench: &Bench, kind: &'static str, body: &Value) {
    let moved = Move {
        scope: Scope::customers(&store().id),
        kind,
        id: "c-1".into(),
        body: Some(to_raw_value(body).unwrap()),
        command: None,
        condition: Condition::Any,
    };
    let services = &bench.services;
    feed::publish(&*services.ledger, &services.poke, &[moved], &[])
        .await
        .unwrap();
}

/// A customer who looks at boots, has socks, and of whom something was said.
async fn customer(bench: &Bench, grants: bool) {
    let consents =
        json!([{"purpose": "personalisation", "granted": grants, "at": "2026-01-01T00:00:00Z"}]);
    put(
        bench,
        kind::CUSTOMER,
        &json!({"id": "c-1", "name": {}, "home_store": "1", "consents": consents}),
    )
    .await;
    put(
        bench,
        kind::PROFILE,
        &json!({"views": [{"sku": "boots", "at": "2026-06-01T11:59:00Z"}]}),
    )
    .await;
    put(
        bench,
        kind::PURCHASES,
        &json!({"items": [{"sku": "socks", "at": "2026-01-01T10:00:00Z"}]}),
    )
    .await;
    let picks = json!({"picks": [{"sku": "tent", "verdict": "pinned", "author": "ana"},
        {"sku": "mug", "verdict": "dismissed", "author": "ana"}]});
    put(bench, kind::PICKS, &picks).await;
}

#[tokio::test]
async fn every_request_keeps_to_what_is_known_of_her() {
    let bench = shop().await;
    customer(&bench, true).await;
    for sku in [
        ["boots", "mug"],
        ["boots", "tent"],
        ["boots", "wax"],
        ["boots", "socks"],
    ] {
        hear(
            &bench.services,
            &[order(300 + u64::from(sku[1].as_bytes()[0]), sku)],
        )
        .await;
    }
    let requests = [
        (
            "for-you",
            json!({"customer": "c-1", "store": "1", "limit": 9}),
        ),
        ("next", json!({"customer": "c-1", "store": "1", "limit": 9})),
        (
            "similar",
            json!({"customer": "c-1", "sku": "boots", "store": "1", "limit": 9}),
        ),
        (
            "bought-together",
            json!({"customer": "c-1", "skus": ["boots"], "store": "1", "limit": 9}),
        ),
    ];
    for (path, body) in &requests {
        let (status, answer) = post::<Recommendations>(&bench.services, path, body.clone()).await;
        assert_eq!(status, StatusCode::OK);
        let answer = answer.unwrap();
        for never in ["socks", "mug", "wax", "boots"] {
            assert!(!names(&answer).contains(&never), "{path}: {answer:?}");
        }
        let mut kitchen = body.clone();
        kitchen["department"] = json!("kitchen");
        let (_, answer) = post::<Recommendations>(&bench.services, path, kitchen).await;
        assert_eq!(answer.unwrap().items, [], "{path}: the mug is dismissed");
    }
    let (_, answer) =
        post::<Recommendations>(&bench.services, "for-you", requests[0].1.clone()).await;
    let first = answer.unwrap().items.remove(0);
    assert_eq!((first.sku.as_str(), first.reason), ("tent", Reason::Picked));
}

#[tokio::test]
async fn who_refused_gets_what_everybody_gets() {
    let bench = shop().await;
    customer(&bench, false).await;
    let ask = async |path: &str, body: Value| {
        let (status, answer) = post::<Recommendations>(&bench.services, path, body).await;
        assert_eq!(status, StatusCode::OK);
        answer.unwrap().items
    };
    let everybodys = ask("for-you", json!({"store": "1", "limit": 9})).await;
    for path in ["for-you", "next"] {
        let hers = ask(path, json!({"customer": "c-1", "store": "1", "limit": 9})).await;
        assert_eq!(hers, everybodys, "{path}");
    }
    let list = json!({"customer": "c-1", "skus": ["mug", "tent", "socks"], "store": "1"});
    let (_, ranking) = post::<Ranking>(&bench.services, "rerank", list).await;
    let order: Vec<_> = ranking
        .unwrap()
        .items
        .into_iter()
        .map(|ranked| (ranked.sku.to_string(), ranked.reason))
        .collect();
    assert_eq!(
        order,
        [
            ("mug".to_owned(), None),
            ("tent".to_owned(), None),
            ("socks".to_owned(), None)
        ]
    );
}

#[tokio::test]
async fn too_long_lists_name_their_field() {
    let bench = shop().await;
    let many: Vec<String> = (0..1_001).map(|n| format!("s-{n}")).collect();
    for (path, field) in [
        ("rerank", "skus"),
        ("next", "session"),
        ("bought-together", "skus"),
    ] {
        let body = json!({field: many, "store": "1", "limit": 5});
        let (status, problem) = post::<Value>(&bench.services, path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(problem.unwrap().to_string().contains(field), "{path}");
    }
}
