//! `GET /v1/sync/snapshot/…`: a snapshot of a scope, for devices that are granted it. What is answered never changes.

use super::grants::granted;
use super::packed;
use crate::devices;
use crate::feed::snapshot::{lookup_manifest, lookup_part};
use crate::feed::{PublishError, SnapshotAt, read_head};
use crate::http::{ApiError, Caller};
use crate::services::Services;
use crate::table::TableError;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::Principal;
use domain::api::sync::{Manifest, Row, Scope};
use domain::problem::Problem;
use serde::Deserialize;

/// Why a snapshot is not answered, or a repair.
#[derive(Debug, thiserror::Error)]
pub(super) enum SnapshotRefusal {
    #[error("this device was revoked")]
    Revoked,
    #[error("this device may not hold {0}")]
    NotGranted(Scope),
    #[error("{0}")]
    BadPath(String),
    /// There was one, or may have been: pull again.
    #[error("this snapshot is gone")]
    Gone,
    #[error("there is no such snapshot")]
    None,
    #[error(transparent)]
    Feed(#[from] PublishError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for SnapshotRefusal {
    fn into_response(self) -> Response {
        let detail = self.to_string();
        let new = ApiError::new;
        let mut error = match self {
            Self::Feed(error) => return ApiError::from(error).into_response(),
            Self::Table(error) => return ApiError::from(error).into_response(),
            Self::BadPath(_) => return ApiError::invalid("", detail).into_response(),
            Self::None => return ApiError::not_found("snapshot").into_response(),
            Self::Revoked => new(StatusCode::FORBIDDEN, "revoked", "This device was revoked"),
            Self::NotGranted(_) => new(
                StatusCode::FORBIDDEN,
                "not-granted",
                "You may not hold this",
            ),
            Self::Gone => new(StatusCode::GONE, "snapshot-gone", "Pull again"),
        };
        error.0.detail = Some(detail);
        error.into_response()
    }
}

/// Lets a device read a scope: enrolled, not revoked, and granted it.
pub(super) async fn admit(
    services: &Services,
    caller: &Principal,
    scope: &Scope,
) -> Result<(), SnapshotRefusal> {
    let device = caller.device.as_ref().ok_or(SnapshotRefusal::Revoked)?;
    let row = devices::lookup(&*services.ledger, device).await?;
    let state = row.map(|row| row.value).filter(|state| !state.revoked);
    let state = state.ok_or(SnapshotRefusal::Revoked)?;
    if granted(state.kind, &state.store).contains(scope) {
        return Ok(());
    }
    Err(SnapshotRefusal::NotGranted(scope.clone()))
}

/// Which snapshot a path names.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    scope: String,
    epoch: u64,
    seq: u64,
    #[serde(default)]
    part: Option<usize>,
}

/// A snapshot that is there.
struct Found {
    scope: Scope,
    epoch: u64,
    at: SnapshotAt,
    part: Option<usize>,
}

impl Found {
    /// The same bytes have the same tag.
    fn tag(&self) -> String {
        let part = self.part.map(|part| format!("-{part}")).unwrap_or_default();
        format!("\"{}-{}-{}{part}\"", self.epoch, self.at.seq, self.at.form)
    }
}

async fn find(
    services: &Services,
    caller: &Principal,
    path: Result<Path<Named>, PathRejection>,
) -> Result<Found, SnapshotRefusal> {
    let Path(named) = path.map_err(|error| SnapshotRefusal::BadPath(error.body_text()))?;
    let no_scope = || SnapshotRefusal::BadPath("the scope is not one".to_owned());
    let scope = Scope::parse(&named.scope).ok_or_else(no_scope)?;
    admit(services, caller, &scope).await?;
    let head = read_head(&*services.ledger, &scope).await?;
    let newest = head.snapshot.map_or(0, |at| at.seq);
    match head.snapshot_at(named.seq) {
        Some(at) if named.epoch == head.epoch => Ok(Found {
            epoch: head.epoch,
            scope,
            at,
            part: named.part,
        }),
        None if named.epoch == head.epoch && named.seq > newest => Err(SnapshotRefusal::None),
        _ => Err(SnapshotRefusal::Gone),
    }
}

/// Says of an answer that it never changes; who has it already gets 304.
fn immutable(found: &Found, asked: &HeaderMap, answer: Response) -> Response {
    let tag = found.tag();
    let same = asked.get(header::IF_NONE_MATCH);
    let mut answer = match same.is_some_and(|same| same.as_bytes() == tag.as_bytes()) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => answer,
    };
    let forever = HeaderValue::from_static("private, max-age=31536000, immutable");
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, forever);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    answer
}

/// Answers what a snapshot consists of
///
/// The scope is one segment of the path: its slashes are escaped as `%2F`. Never changes; compressed where
/// `accept-encoding` names zstd.
#[utoipa::path(
    get,
    path = "/v1/sync/snapshot/{scope}/{epoch}/{seq}",
    tag = "sync",
    params(
        ("scope" = String, Path, description = "Of which feed"),
        ("epoch" = u64, Path, description = "Which life of the feed"),
        ("seq" = u64, Path, description = "At which number"),
    ),
    responses(
        (status = 200, description = "The parts in their order", body = Manifest),
        (status = 304, description = "As the caller has it"),
        (status = 404, description = "Never there", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "No longer there: pull again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_manifest(
    State(services): State<Services>,
    Caller(caller): Caller,
    path: Result<Path<Named>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, SnapshotRefusal> {
    let found = find(&services, &caller, path).await?;
    let Found {
        scope, epoch, at, ..
    } = &found;
    let manifest = lookup_manifest(&*services.ledger, scope, *epoch, *at).await?;
    let manifest = manifest.ok_or(SnapshotRefusal::Gone)?;
    let answer = packed::json(&headers, &manifest).await;
    Ok(immutable(&found, &headers, answer))
}

/// Answers a part of a snapshot
///
/// Always zstd-compressed, one row a line. Never changes.
#[utoipa::path(
    get,
    path = "/v1/sync/snapshot/{scope}/{epoch}/{seq}/{part}",
    tag = "sync",
    params(
        ("scope" = String, Path, description = "Of which feed"),
        ("epoch" = u64, Path, description = "Which life of the feed"),
        ("seq" = u64, Path, description = "At which number"),
        ("part" = usize, Path, description = "Which part, from 0"),
    ),
    responses(
        (status = 200, description = "Lines, `content-encoding: zstd`", body = Row, content_type = "application/x-ndjson"),
        (status = 304, description = "As the caller has it"),
        (status = 404, description = "Never there", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "No longer there: pull again", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_part(
    State(services): State<Services>,
    Caller(caller): Caller,
    path: Result<Path<Named>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, SnapshotRefusal> {
    let found = find(&services, &caller, path).await?;
    let Found {
        scope,
        epoch,
        at,
        part,
    } = &found;
    let number = part.unwrap_or_default();
    let bytes = lookup_part(&*services.ledger, scope, *epoch, *at, number).await?;
    let answer = packed::lines(bytes.ok_or(SnapshotRefusal::None)?);
    Ok(immutable(&found, &headers, answer))
}

#[cfg(test)]
mod tests;
