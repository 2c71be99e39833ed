use super::*;
use crate::ports::backlog::Backlog;
use crate::ports::events::{CloudEvent, Delivery};
use crate::testing::{Bench, ListVerifier, bench_with};
use axum::body::Body;
use axum::http::Request;
use domain::access::Principal;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tower::ServiceExt;

async fn bench() -> Bench {
    let operator = Principal {
        role: Role::Operator,
        permissions: Role::Operator.permissions().to_vec(),
        store: None,
        device: None,
        associate: None,
        customer: None,
    };
    let bench = bench_with(ListVerifier {
        principals: [("operator".to_owned(), operator)].into(),
        ..ListVerifier::default()
    });
    for (consumer, sequence) in [("profile", 3), ("profile", 9), ("analytics", 3)] {
        bench
            .log
            .give_up(&letter(consumer, sequence))
            .await
            .unwrap();
    }
    bench
}

fn letter(consumer: &str, sequence: u64) -> DeadLetter {
    let data = r#"{"email":"ana@example.com"}"#;
    let event = CloudEvent {
        specversion: "1.0".to_owned(),
        id: format!("m-{sequence}"),
        source: "/segment/shop".to_owned(),
        kind: "product.viewed.v1".to_owned(),
        time: "2026-06-01T12:00:00Z".parse().unwrap(),
        partitionkey: "a/somebody".to_owned(),
        traceparent: None,
        data: RawValue::from_string(data.to_owned()).unwrap(),
    };
    DeadLetter {
        consumer: consumer.to_owned(),
        delivery: Delivery {
            sequence,
            replayed: false,
            event,
        },
        attempts: 10,
        reason: "the ledger was away".to_owned(),
        given_up_at: "2026-06-01T12:00:01Z".parse().unwrap(),
    }
}

async fn call(bench: &Bench, request: axum::http::request::Builder, body: &str) -> (u16, Value) {
    let request = request
        .header("authorization", "Bearer operator")
        .header("content-type", "application/json")
        .body(Body::from(body.to_owned()));
    let (router, ..) = routes(bench.services.clone()).build();
    let response = router.oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 100_000).await;
    (status, serde_json::from_slice(&body.unwrap()).unwrap())
}

async fn list(bench: &Bench, query: &str) -> (u16, Value) {
    call(bench, Request::get(format!("/v1/dead-letters{query}")), "").await
}

async fn replay(bench: &Bench, body: &Value) -> (u16, Value) {
    let request = Request::post("/v1/dead-letters/replay");
    call(bench, request, &body.to_string()).await
}

fn places(page: &Value) -> Vec<String> {
    let letters = page["letters"].as_array().unwrap().iter();
    let place = |letter: &Value| {
        format!(
            "{}/{}",
            letter["consumer"].as_str().unwrap(),
            letter["sequence"]
        )
    };
    letters.map(place).collect()
}

#[tokio::test]
async fn letters_are_listed_in_pages_without_what_they_say() {
    let bench = bench().await;
    let (status, first) = list(&bench, "?limit=2").await;
    assert_eq!(status, 200);
    assert_eq!(places(&first), ["analytics/3", "profile/3"]);
    assert!(!first.to_string().contains("ana@example.com"));
    let after = first["next"].as_str().unwrap();
    let (_, second) = list(&bench, &format!("?limit=2&after={after}")).await;
    assert_eq!(places(&second), ["profile/9"]);
    assert_eq!(second.get("next"), None);
    let (_, own) = list(&bench, "?consumer=profile").await;
    assert_eq!(places(&own), ["profile/3", "profile/9"]);
}

#[tokio::test]
async fn one_letter_or_all_of_a_consumer_are_asked_for_again() {
    let bench = bench().await;
    let one = replay(&bench, &json!({"consumer": "profile", "sequence": 9})).await;
    assert_eq!(one, (200, json!({"found": 1})));
    let wanted = bench.log.replays("profile", 10).await.unwrap();
    assert_eq!(wanted.len(), 1);
    let all = replay(&bench, &json!({"consumer": "profile"})).await;
    assert_eq!(all, (200, json!({"found": 2})));
    let none = replay(&bench, &json!({"consumer": "nobody"})).await;
    assert_eq!(none, (200, json!({"found": 0})));
    assert_eq!(bench.log.replays("analytics", 10).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_a_problem() {
    let bench = bench().await;
    for query in [
        "?limit=0",
        "?limit=501",
        "?limit=many",
        "?after=profile",
        "?after=a/b",
    ] {
        let (status, problem) = list(&bench, query).await;
        let kind = Some("/problems/invalid-request");
        assert_eq!((status, problem["type"].as_str()), (400, kind), "{query}");
    }
    assert_eq!(replay(&bench, &json!({"sequence": 1})).await.0, 400);
}
