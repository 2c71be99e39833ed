//! `POST /events`: a platform delivers CloudEvents, in any of the forms that platforms have, and learns what to deliver
//! again.

mod read;
#[cfg(test)]
mod tests;

use crate::http::ApiError;
use crate::ports::events::{Consumer, Delivery};
use crate::telemetry::{self as observed, figures};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use read::Form;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Who may deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Who shows a token. Its hash: hashes are compared, so that how long it takes tells nothing about the token.
    Token([u8; 32]),
    /// Whoever reaches the port, because nobody but the platform does: a custom handler of Azure, on loopback, behind a
    /// host that forwards no request from outside to this route.
    Host,
}

impl Trust {
    /// Who shows this token, as a bearer or as `?token=`, which is all that some platforms can be told to send.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self::Token(Sha256::digest(token).into())
    }
}

/// The answer to a batch: what to deliver again (AWS's partial batch response).
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
    trust: Trust,
}

/// Adds `POST /events` for a consumer, open to whom it trusts.
pub fn with_events(router: Router, consumer: Arc<dyn Consumer>, trust: Trust) -> Router {
    let receiver = Receiver {
        consumer: observed::consumer(consumer),
        trust,
    };
    router.route("/events", post(receive).with_state(receiver))
}

async fn receive(
    State(receiver): State<Receiver>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answered = answer(&receiver, query.as_deref(), &headers, &body).await;
    answered.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(
    receiver: &Receiver,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, ApiError> {
    admit(receiver.trust, query, headers)?;
    let (form, batch) = read::read(headers, body)?;
    let again = take(&*receiver.consumer, batch).await;
    Ok(match (form, again.is_empty()) {
        (Form::Batch, _) => {
            let batch_item_failures = again;
            Json(Answer {
                batch_item_failures,
            })
            .into_response()
        }
        (Form::One, true) => StatusCode::NO_CONTENT.into_response(),
        (Form::Envelope, true) => {
            Json(json!({"Outputs": {}, "Logs": [], "ReturnValue": null})).into_response()
        }
        // Whoever delivers no batches delivers again what was not answered well.
        (Form::One | Form::Envelope, false) => {
            return Err(ApiError::unavailable("the event was not taken"));
        }
    })
}

/// Has the consumer take a batch; answers what was not taken.
async fn take(consumer: &dyn Consumer, batch: Vec<Delivery>) -> Vec<Failure> {
    let failed = match consumer.consume(&batch).await {
        Ok(()) => batch.len(),
        Err(failed) => {
            let (consumer, reason) = (consumer.name(), failed.reason);
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
    again.collect()
}

fn admit(trust: Trust, query: Option<&str>, headers: &HeaderMap) -> Result<(), ApiError> {
    let Trust::Token(known) = trust else {
        return Ok(());
    };
    let bearer = headers.get(header::AUTHORIZATION);
    let bearer = bearer.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let pairs = query.unwrap_or_default().split('&');
    let query = pairs.filter_map(|pair| pair.strip_prefix("token=")).next();
    let mut shown = bearer.into_iter().chain(query);
    let admitted = shown.any(|token| <[u8; 32]>::from(Sha256::digest(token)) == known);
    admitted.then_some(()).ok_or_else(|| {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "Say who you are",
        )
    })
}
