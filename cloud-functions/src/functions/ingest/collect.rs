//! The paths that senders post to: they differ only in the kind of call.

use super::batch::{Posted, ingest_batch};
use super::body::{collect, inflate, too_large};
use super::calls::MAX_CALL_BYTES;
use super::catalogue::Catalogue;
use super::source;
use crate::http::{ApiError, Json, WriteSource};
use crate::services::Services;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::segment::CallKind;
use serde::Serialize;
use std::sync::Arc;

/// What Segment's clients expect.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub(super) struct Accepted {
    /// The calls were taken, or kept with the reason why not.
    success: bool,
}

type Shared = Extension<Arc<Catalogue>>;
type Answer = Result<Json<Accepted>, ApiError>;

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident $path:tt $kind:expr;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "ingest", request_body(content = Object),
            responses((status = 200, body = Accepted), (status = 400, description = "Not JSON, or too large")))]
        pub(super) async fn $name(
            State(services): State<Services>,
            shared: Shared,
            caller: WriteSource,
            headers: HeaderMap,
            body: Body,
        ) -> Answer {
            take($kind, services, shared, caller, headers, body).await
        }
    )*};
}

paths! {
    /// A batch of calls of any kind.
    batch "/v1/batch" None;
    /// Somebody did something.
    track "/v1/track" Some(CallKind::Track);
    /// Somebody looked at a page.
    page "/v1/page" Some(CallKind::Page);
    /// Somebody looked at a screen of an app.
    screen "/v1/screen" Some(CallKind::Screen);
    /// Somebody said who she is.
    identify "/v1/identify" Some(CallKind::Identify);
    /// Somebody belongs to a group.
    group "/v1/group" Some(CallKind::Group);
    /// Two ids are one person.
    alias "/v1/alias" Some(CallKind::Alias);
    /// As `/v1/track`.
    t "/v1/t" Some(CallKind::Track);
    /// As `/v1/page`.
    p "/v1/p" Some(CallKind::Page);
    /// As `/v1/screen`.
    s "/v1/s" Some(CallKind::Screen);
    /// As `/v1/identify`.
    i "/v1/i" Some(CallKind::Identify);
    /// As `/v1/group`.
    g "/v1/g" Some(CallKind::Group);
    /// As `/v1/alias`.
    a "/v1/a" Some(CallKind::Alias);
}

async fn take(
    kind: Option<CallKind>,
    services: Services,
    Extension(catalogue): Shared,
    caller: WriteSource,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let source = source::lookup(&*services.ledger, &caller).await?;
    let body = inflate(collect(body).await?)?;
    let posted = Posted {
        kind,
        body: &body,
        opted_out: header(&headers, "sec-gpc") == Some("1"),
        traceparent: telemetry::cause(|name| header(&headers, name)),
    };
    let outcome = ingest_batch(&services, &catalogue, &source, posted).await?;
    match outcome.oversize {
        None => Ok(Json(Accepted { success: true })),
        Some(index) if kind.is_none() => Err(too_large(&format!("/batch/{index}"), MAX_CALL_BYTES)),
        Some(_) => Err(too_large("", MAX_CALL_BYTES)),
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}
