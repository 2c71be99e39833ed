//! `POST /events`: a platform delivers a batch of CloudEvents, and is told which to deliver again.

use crate::http::ApiError;
use crate::ports::events::{CloudEvent, Consumer, Delivery, MAX_DELIVERIES};
use crate::telemetry::{self as observed, figures};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The media type of a batch (CloudEvents 1.0, JSON event format, section 4).
const BATCH: &str = "application/cloudevents-batch+json";

/// The answer: what to deliver again (AWS's partial batch response).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    /// The event's id.
    item_identifier: String,
}

#[derive(Clone)]
struct Receiver {
    consumer: Arc<dyn Consumer>,
    /// The token's hash: hashes are compared, so that how long it takes tells nothing about the token.
    token: [u8; 32],
}

/// Adds `POST /events` for a consumer, open to who shows the token as a bearer.
pub fn with_events(router: Router, consumer: Arc<dyn Consumer>, token: &str) -> Router {
    let receiver = Receiver {
        consumer: observed::consumer(consumer),
        token: Sha256::digest(token).into(),
    };
    router.route("/events", post(receive).with_state(receiver))
}

async fn receive(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> Response {
    let answered = answer(&receiver, &headers, &body).await;
    answered.map_or_else(IntoResponse::into_response, |answer| {
        Json(answer).into_response()
    })
}

async fn answer(receiver: &Receiver, headers: &HeaderMap, body: &[u8]) -> Result<Answer, ApiError> {
    admit(receiver, headers)?;
    let batch = decode(headers, body)?;
    let failed = match receiver.consumer.consume(&batch).await {
        Ok(()) => batch.len(),
        Err(failed) => {
            let (consumer, reason) = (receiver.consumer.name(), failed.reason);
            figures::RETRIES.add(1, &[("consumer", consumer)]);
            tracing::warn!(consumer, failed.sequence, reason, "an event failed");
            let place = |delivery: &Delivery| delivery.sequence == failed.sequence;
            batch.iter().position(place).unwrap_or(0)
        }
    };
    // The consumer stopped there, so everything after it has to come again too.
    let again = batch.into_iter().skip(failed).map(|delivery| Failure {
        item_identifier: delivery.event.id,
    });
    Ok(Answer {
        batch_item_failures: again.collect(),
    })
}

fn admit(receiver: &Receiver, headers: &HeaderMap) -> Result<(), ApiError> {
    let shown = headers.get(header::AUTHORIZATION);
    let token = shown.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let known =
        token.is_some_and(|token| <[u8; 32]>::from(Sha256::digest(token)) == receiver.token);
    known.then_some(()).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Say who you are",
        )
    })
}

/// The extension attribute that names an event's place in its log (CloudEvents, sequence extension).
#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    sequence: Option<String>,
}

fn decode(headers: &HeaderMap, body: &[u8]) -> Result<Vec<Delivery>, ApiError> {
    let media_type = headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    if !media_type.is_some_and(|value| value.starts_with(BATCH)) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(ApiError::new(
            status,
            "media-type",
            &format!("Send {BATCH}"),
        ));
    }
    let events: Vec<Box<RawValue>> = serde_json::from_slice(body)
        .map_err(|error| ApiError::invalid("", format!("is not a JSON array: {error}")))?;
    if events.len() > MAX_DELIVERIES {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        let title = format!("A batch has at most {MAX_DELIVERIES} events");
        return Err(ApiError::new(status, "too-much", &title));
    }
    let events = events.iter().enumerate();
    events
        .map(|(index, event)| delivery(index, event))
        .collect()
}

fn delivery(index: usize, raw: &RawValue) -> Result<Delivery, ApiError> {
    let invalid =
        |error: serde_json::Error| ApiError::invalid(&format!("/{index}"), error.to_string());
    let event: CloudEvent = serde_json::from_str(raw.get()).map_err(invalid)?;
    let place: Place = serde_json::from_str(raw.get()).map_err(invalid)?;
    let place = place.sequence.and_then(|text| text.parse().ok());
    Ok(Delivery {
        sequence: place.unwrap_or(index as u64 + 1),
        replayed: false,
        event,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::events::{Consumed, Failed};
    use async_trait::async_trait;
    use axum::http::Request;
    use serde_json::{Value, json};
    use tower::ServiceExt;

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
        let app = with_events(Router::new(), Arc::new(Picky), "secret");
        let request = Request::post("/events")
            .header("authorization", token)
            .header("content-type", media_type)
            .body(axum::body::Body::from(body.to_owned()))
            .unwrap();
        let response = app.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 100_000).await;
        (status, serde_json::from_slice(&body.unwrap()).unwrap())
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
        let (status, _) = post("Bearer secret", "application/json", "[]").await;
        assert_eq!(status, 415);
        let (status, _) = post("Bearer secret", BATCH, "{}").await;
        assert_eq!(status, 400);
        let (status, problem) = deliver(&[event("a"), json!({"id": "b"})]).await;
        assert_eq!(status, 400);
        assert_eq!(problem["errors"][0]["pointer"], "/1");
        let many: Vec<Value> = (0..=MAX_DELIVERIES).map(|_| event("a")).collect();
        assert_eq!(deliver(&many).await.0, 413);
    }
}
