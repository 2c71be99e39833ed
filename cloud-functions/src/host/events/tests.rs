//! Events as platforms deliver them.

use super::*;
use crate::ports::events::MAX_DELIVERIES;
use crate::ports::events::{Consumed, Delivery, Failed};
use async_trait::async_trait;
use axum::http::Request;
use base64::Engine as _;
use serde_json::{Value, json};
use tower::ServiceExt;

const BATCH: &str = "application/cloudevents-batch+json";
const STRUCTURED: &str = "application/cloudevents+json";
const JSON: &str = "application/json";

/// Takes everything but the event `bad`.
struct Picky;

#[async_trait]
impl Consumer for Picky {
    fn name(&self) -> &'static str {
        "picky"
    }
    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let bad = batch.iter().find(|delivery| delivery.event.id == "bad");
        bad.map_or(Ok(()), |delivery| {
            Err(Failed {
                sequence: delivery.sequence,
                reason: "it is bad".to_owned(),
            })
        })
    }
}

fn event(id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/test", "type": "thing.happened.v1",
        "time": "2026-06-01T12:00:00Z", "partitionkey": "one", "data": {}, "extension": 1,
    })
}

async fn post(token: &str, media_type: &str, body: &str) -> (u16, Value) {
    let app = with_events(Router::new(), Arc::new(Picky), Trust::token("secret"));
    let request = Request::post("/events")
        .header("authorization", token)
        .header("content-type", media_type)
        .body(axum::body::Body::from(body.to_owned()))
        .unwrap();
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 100_000).await;
    (
        status,
        serde_json::from_slice(&body.unwrap()).unwrap_or_default(),
    )
}

async fn deliver(events: &[Value]) -> (u16, Value) {
    let body = serde_json::to_string(events).unwrap();
    post("Bearer secret", BATCH, &body).await
}

#[tokio::test]
async fn a_batch_that_was_taken_has_no_failures() {
    let (status, answer) = deliver(&[event("a"), event("b")]).await;
    assert_eq!((status, answer), (200, json!({"batchItemFailures": []})));
}

#[tokio::test]
async fn the_failure_and_all_after_it_come_again() {
    let mut bad = event("bad");
    bad["sequence"] = "41".into();
    let (status, answer) = deliver(&[event("a"), bad, event("c")]).await;
    let again = json!([{"itemIdentifier": "bad"}, {"itemIdentifier": "c"}]);
    assert_eq!((status, answer), (200, json!({"batchItemFailures": again})));
}

#[tokio::test]
async fn who_does_not_know_the_token_delivers_nothing() {
    for token in ["", "Bearer ", "Bearer other", "Basic secret", "secret"] {
        assert_eq!(post(token, BATCH, "[]").await.0, 401, "{token}");
    }
}

#[tokio::test]
async fn what_is_no_batch_is_refused_and_the_event_is_named() {
    let (status, _) = post("Bearer secret", "text/plain", "[]").await;
    assert_eq!(status, 415);
    for odd in [
        "[]",
        "{}",
        r#"{"Data":{}}"#,
        r#"{"Data":{"a":1,"b":2}}"#,
        r#"{"message":{"data":"?"}}"#,
    ] {
        assert_eq!(post("Bearer secret", JSON, odd).await.0, 400, "{odd}");
    }
    let (status, _) = post("Bearer secret", BATCH, "{}").await;
    assert_eq!(status, 400);
    let (status, problem) = deliver(&[event("a"), json!({"id": "b"})]).await;
    assert_eq!(status, 400);
    assert_eq!(problem["errors"][0]["pointer"], "/1");
    let many: Vec<Value> = (0..=MAX_DELIVERIES).map(|_| event("a")).collect();
    assert_eq!(deliver(&many).await.0, 413);
}

fn base64(event: &Value) -> String {
    base64::engine::general_purpose::STANDARD.encode(event.to_string())
}

#[tokio::test]
async fn one_event_by_itself_is_taken_or_comes_again() {
    for (id, status) in [("a", 204), ("bad", 503)] {
        let structured = event(id).to_string();
        let answered = post("Bearer secret", STRUCTURED, &structured).await.0;
        assert_eq!(answered, status, "structured");
        let push =
            json!({"message": {"data": base64(&event(id)), "messageId": "1"}, "subscription": "s"});
        let answered = post("Bearer secret", JSON, &push.to_string()).await.0;
        assert_eq!(answered, status, "in a push of Pub/Sub");
        let attributes = json!({
            "ce-specversion": "1.0", "ce-id": id, "ce-source": "/test", "ce-type": "thing.happened.v1",
            "ce-time": "2026-06-01T12:00:00Z", "ce-partitionkey": "one",
        });
        let push = json!({"message": {"data": base64(&json!({})), "attributes": attributes}});
        let answered = post("Bearer secret", JSON, &push.to_string()).await.0;
        assert_eq!(answered, status, "in a push of Pub/Sub with attributes");
    }
}

async fn post_binary(change: impl FnOnce(&mut HeaderMap)) -> (u16, Value) {
    let mut request = Request::post("/events?token=secret&more=1")
        .header("content-type", "application/json; charset=utf-8")
        .header("ce-specversion", "1.0")
        .header("ce-id", "b%61d")
        .header("ce-source", "/test")
        .header("ce-type", "thing.happened.v1")
        .header("ce-time", "2026-06-01T12:00:00Z")
        .header("ce-partitionkey", "one")
        .body(axum::body::Body::from("{}"))
        .unwrap();
    change(request.headers_mut());
    let app = with_events(Router::new(), Arc::new(Picky), Trust::token("secret"));
    let response = app.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 100_000).await;
    (
        status,
        serde_json::from_slice(&body.unwrap()).unwrap_or_default(),
    )
}

#[tokio::test]
async fn the_binary_mode_has_its_attributes_in_headers() {
    assert_eq!(post_binary(|_| {}).await.0, 503, "it is decoded to `bad`");
    let good = post_binary(|headers| drop(headers.insert("ce-id", "a".parse().unwrap())));
    assert_eq!(good.await.0, 204);
    let (status, problem) = post_binary(|headers| drop(headers.remove("ce-type"))).await;
    assert_eq!(status, 400);
    assert!(problem.to_string().contains("type"), "{problem}");
}

#[tokio::test]
async fn azures_envelope_is_opened_however_deep_the_text_is() {
    let envelope =
        |value: Value| json!({"Data": {"item": value}, "Metadata": {"sys": {}}}).to_string();
    let text = event("a").to_string();
    let deeper = Value::from(text.clone()).to_string();
    let list = Value::from(vec![Value::from(text.clone()), event("b")]);
    for value in [event("a"), text.clone().into(), deeper.into(), list] {
        let (status, answer) = post("Bearer secret", JSON, &envelope(value)).await;
        assert_eq!(status, 200);
        assert_eq!(
            answer,
            json!({"Outputs": {}, "Logs": [], "ReturnValue": null})
        );
    }
    assert_eq!(
        post("Bearer secret", JSON, &envelope(event("bad"))).await.0,
        503
    );
    let (status, problem) = post("Bearer secret", JSON, &envelope("no JSON".into())).await;
    assert_eq!(status, 400);
    assert_eq!(problem["errors"][0]["pointer"], "/Data/item");
}

#[tokio::test]
async fn a_host_that_alone_reaches_us_shows_no_token() {
    let app = with_events(Router::new(), Arc::new(Picky), Trust::Host);
    let request = Request::post("/events").header("content-type", STRUCTURED);
    let request = request.body(axum::body::Body::from(event("a").to_string()));
    assert_eq!(app.oneshot(request.unwrap()).await.unwrap().status(), 204);
}
