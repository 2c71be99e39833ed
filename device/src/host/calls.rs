//! `POST /device/<name>`: the arguments as JSON; the reply, or the refusal with a fitting status, as JSON.

use super::{State, guard};
use crate::refusal::refuse;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::api::device::{Refusal, RefusalCode};
use serde_json::Value;

pub(super) async fn call(
    Shared(state): Shared<State>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let tap = telemetry::cause(|name| headers.get(name)?.to_str().ok());
    match telemetry::within(tap, answer(&state, &name, &headers, body)).await {
        Ok(reply) => json(StatusCode::OK, &reply),
        Err(refusal) => {
            let body = serde_json::to_value(&refusal).unwrap_or_default();
            json(status(refusal.code), &body)
        }
    }
}

async fn answer(
    state: &State,
    name: &str,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Value, Refusal> {
    if !guard::is_call(headers) {
        let message = format!("a call carries the header `{}: 1`", guard::CALL_HEADER);
        return Err(refuse(RefusalCode::Forbidden, message));
    }
    let body = body.map_err(|error| refuse(RefusalCode::Invalid, error.body_text()))?;
    let args = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).map_err(|error| {
            refuse(
                RefusalCode::Invalid,
                format!("the body is not JSON: {error}"),
            )
        })?
    };
    state.device.call(name, args).await
}

const fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::NotSignedIn => StatusCode::UNAUTHORIZED,
        RefusalCode::WrongPin | RefusalCode::Forbidden => StatusCode::FORBIDDEN,
        RefusalCode::Locked => StatusCode::TOO_MANY_REQUESTS,
        RefusalCode::Offline => StatusCode::SERVICE_UNAVAILABLE,
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::Invalid => StatusCode::BAD_REQUEST,
        RefusalCode::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        RefusalCode::Refused => StatusCode::CONFLICT,
        RefusalCode::Fault => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn json(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}
