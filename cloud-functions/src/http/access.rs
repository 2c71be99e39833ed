//! The gate before every route.

use super::problem::ApiError;
use crate::ports::tokens::TokenError;
use crate::services::Services;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use domain::access::{Access, Decision, Principal};

/// The verified caller of a route with [`Access::Bearer`].
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

/// The source behind the write key of a route with [`Access::WriteKey`].
#[derive(Debug, Clone)]
pub struct WriteSource {
    /// Its name.
    pub source: String,
    /// The key that it showed.
    pub write_key: String,
}

/// A write key that was found elsewhere than in the `Authorization` header. A layer before the gate may put it among a
/// request's extensions; the gate checks it like any other, and only where the header has none.
#[derive(Debug, Clone)]
pub struct BodyWriteKey(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(unauthenticated)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for WriteSource {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(unauthenticated)
    }
}

/// Lets a request pass to its route, or answers 401 or 403.
pub(super) async fn gate(
    State((access, services)): State<(Access, Services)>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(access, &services, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn admit(access: Access, services: &Services, request: &mut Request) -> Result<(), ApiError> {
    match access {
        Access::Public => Ok(()),
        Access::WriteKey => {
            let write_key = match request.headers().contains_key(header::AUTHORIZATION) {
                true => write_key(request.headers()),
                false => request
                    .extensions()
                    .get()
                    .map(|BodyWriteKey(key)| key.clone()),
            };
            let write_key = write_key.ok_or_else(unauthenticated)?;
            let source = services
                .verifier
                .source(&write_key)
                .await
                .map_err(closed)?
                .ok_or_else(unauthenticated)?;
            request
                .extensions_mut()
                .insert(WriteSource { source, write_key });
            Ok(())
        }
        Access::Bearer { .. } => {
            let token = bearer(request.headers()).ok_or_else(unauthenticated)?;
            let principal = services.verifier.verify(token).await.map_err(closed)?;
            match access.decide(Some(&principal)) {
                Decision::Allowed => {
                    request.extensions_mut().insert(Caller(principal));
                    Ok(())
                }
                Decision::Forbidden => Err(ApiError::new(
                    StatusCode::FORBIDDEN,
                    "forbidden",
                    "You may not do this",
                )),
                Decision::Unauthenticated => Err(unauthenticated()),
            }
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The user name of a Basic header: Segment's clients send `writeKey:`.
fn write_key(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded.trim())
        .ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split(':')
        .next()
        .filter(|key| !key.is_empty())
        .map(str::to_owned)
}

fn unauthenticated() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "unauthenticated",
        "Say who you are",
    )
}

fn closed(error: TokenError) -> ApiError {
    match error {
        TokenError::Unavailable(reason) => {
            tracing::error!(reason, "a token could not be checked");
            ApiError::unavailable("the token could not be checked")
        }
        TokenError::Revoked => {
            ApiError::new(StatusCode::FORBIDDEN, "revoked", "This device was revoked")
        }
        TokenError::Invalid(_) | TokenError::Expired => {
            tracing::debug!(%error, "a token was refused");
            unauthenticated()
        }
    }
}
