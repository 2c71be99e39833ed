//! The write key in a body: beacons and some clients cannot send a header.

use super::body;
use crate::http::BodyWriteKey;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Deserialize)]
struct Keyed<'a> {
    #[serde(borrow, rename = "writeKey")]
    write_key: Cow<'a, str>,
}

/// Shows the gate the body's `writeKey` where there is no `Authorization` header. It decides nothing itself.
pub(super) async fn find(request: Request, next: Next) -> Response {
    if request.method() != Method::POST || request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    let (mut parts, sent) = request.into_parts();
    let sent = match body::collect(sent).await {
        Ok(sent) => sent,
        Err(refusal) => return refusal.into_response(),
    };
    if let Some(key) = write_key(sent.clone()) {
        parts.extensions.insert(key);
    }
    next.run(Request::from_parts(parts, Body::from(sent))).await
}

fn write_key(sent: Bytes) -> Option<BodyWriteKey> {
    let inflated = body::inflate(sent).ok()?;
    let keyed: Keyed<'_> = serde_json::from_slice(&inflated).ok()?;
    Some(BodyWriteKey(keyed.write_key.into_owned()))
}
