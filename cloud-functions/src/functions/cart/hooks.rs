//! `POST /v1/payments/webhook`: the payment provider tells by itself what became of a payment (Standard Webhooks), so
//! that one in doubt ends at once.
//!
//! What is told twice changes nothing: a message that was heard is known by its id (`N#w#<id>`, for an hour; `X#webhooks`
//! finds what is over), and a payment has one outcome, which the cart knows. A payment that nobody is in doubt about has
//! been heard of before.

use super::doubts;
use super::kept;
use super::order;
use super::pay;
use super::refusal::CartError;
use crate::carts::{Envelope, HookFault};
use crate::http::ApiError;
use crate::ports::ledger::{Condition, Key, Write};
use crate::services::Services;
use crate::table::{self, TableError};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use domain::cart::{Capture, PaymentOutcome};
use domain::ids::PaymentKey;
use domain::problem::Problem;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The most bytes of a message.
const MAX_BYTES: usize = 64 * 1024;
/// How long it is known that a message was heard.
const KNOWN_FOR: TimeDelta = TimeDelta::hours(1);
/// Messages that one call forgets.
const FORGET_AT_ONCE: usize = 45;

/// A message of the provider. What is of another type is thanked for and not read.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub(super) struct PaymentEvent {
    /// `payment.captured` or `payment.declined`.
    #[serde(rename = "type")]
    kind: String,
    /// A [`Captured`] or a [`Declined`].
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

/// The money was taken.
#[derive(Debug, Deserialize)]
struct Captured {
    payment: PaymentKey,
    #[serde(flatten)]
    capture: Capture,
}

/// It was not, and will not be.
#[derive(Debug, Deserialize)]
struct Declined {
    payment: PaymentKey,
    code: String,
}

/// Why a message is not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum HookError {
    #[error(transparent)]
    Fault(#[from] HookFault),
    #[error("a message has at most {MAX_BYTES} bytes")]
    TooMuch,
    #[error("{0}")]
    Unreadable(#[from] serde_json::Error),
    #[error(transparent)]
    Cart(#[from] CartError),
}

impl IntoResponse for HookError {
    fn into_response(self) -> Response {
        match self {
            Self::Fault(fault) => {
                let title = "Nobody believes this message";
                let problem = Problem::new(403, "webhook-refused", title);
                ApiError(problem.with_detail(fault.to_string()))
            }
            Self::TooMuch => ApiError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-much",
                "That is too much at once",
            ),
            Self::Unreadable(error) => ApiError::invalid("", error.to_string()),
            Self::Cart(error) => error.into(),
        }
        .into_response()
    }
}

fn known_key(id: &str) -> Key {
    Key::new(format!("N#w#{id}"), "V")
}

/// What a message says of which payment; `None` where it is about something else.
fn read(body: &[u8]) -> Result<Option<(PaymentKey, PaymentOutcome)>, serde_json::Error> {
    let event: PaymentEvent = serde_json::from_slice(body)?;
    let data = event.data.get();
    Ok(match event.kind.as_str() {
        "payment.captured" => {
            let told: Captured = serde_json::from_str(data)?;
            Some((told.payment, PaymentOutcome::Captured(told.capture)))
        }
        "payment.declined" => {
            let Declined { payment, code } = serde_json::from_str(data)?;
            Some((payment, PaymentOutcome::Declined { code }))
        }
        _ => None,
    })
}

async fn hear(services: &Services, id: &str, body: &[u8]) -> Result<(), HookError> {
    let heard = services.ledger.read(&known_key(id)).await;
    if heard
        .map_err(TableError::from)
        .map_err(CartError::from)?
        .is_some()
    {
        return Ok(());
    }
    if let Some((payment, outcome)) = read(body)?
        && let Some(cart) = doubts::cart_of(services, &payment).await?
    {
        pay::settle(services, &cart, &payment, &outcome).await?;
        order::tell(services).await?;
    }
    Ok(mark(services, id, services.clock.now()).await?)
}

/// It was heard. Where that is not known in the end it is heard again.
async fn mark(services: &Services, id: &str, now: DateTime<Utc>) -> Result<(), CartError> {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    let found = Key::new("X#webhooks", format!("{millis:020}#{id}"));
    let writes = [
        table::put(known_key(id), &now, Condition::Any)?,
        table::put(found, &id, Condition::Any)?,
    ];
    kept::commit(services, &[], &writes).await.map(drop)
}

/// Forgets messages that were heard long ago; as many as a call has patience for.
pub(super) async fn sweep(services: &Services) -> Result<(), CartError> {
    let now = services.clock.now();
    let before = now.checked_sub_signed(KNOWN_FOR).unwrap_or(now);
    let to = format!("{:020}", before.timestamp_millis().max(0));
    let page = services
        .ledger
        .range("X#webhooks", ""..to.as_str(), FORGET_AT_ONCE);
    let mut writes = Vec::new();
    for stored in page.await.map_err(TableError::from)? {
        let id: String = table::row(&stored)?.value;
        for key in [stored.key, known_key(&id)] {
            let condition = Condition::Any;
            // A message that came again has two rows of one id.
            if writes.iter().all(|write: &Write| *write.key() != key) {
                writes.push(Write::Delete { key, condition });
            }
        }
    }
    if !writes.is_empty() {
        kept::commit(services, &[], &writes).await?;
    }
    Ok(())
}

/// Hears what became of a payment
///
/// Standard Webhooks: signed with `v1` (HMAC-SHA256), at most five minutes old, safe to send again. Nobody is believed
/// where the host has no key.
#[utoipa::path(
    post,
    path = "/v1/payments/webhook",
    tag = "cart",
    params(
        ("webhook-id" = String, Header, description = "The same for every delivery of a message"),
        ("webhook-timestamp" = String, Header, description = "Seconds since 1970"),
        ("webhook-signature" = String, Header, description = "`v1,` and Base64; several with spaces between"),
    ),
    request_body(content = PaymentEvent, content_type = "application/json"),
    responses(
        (status = 204, description = "It was heard, now or before"),
        (status = 400, description = "It makes no sense", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`webhook-refused`: signature or time", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "It is too long", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn hear_provider(
    State(services): State<Services>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, HookError> {
    if body.len() > MAX_BYTES {
        return Err(HookError::TooMuch);
    }
    let header = |name: &'static str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or(HookFault::Header(name))
    };
    let envelope = Envelope {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signature: header("webhook-signature")?,
    };
    let keys = services.payments.hook_keys();
    envelope.check(keys, &body, services.clock.now())?;
    hear(&services, envelope.id, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}
