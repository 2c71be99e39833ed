//! The model for tablets: the base whole, and then what was learnt since.

use super::serve::forbidden;
use crate::http::{ApiError, Caller};
use crate::services::Services;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use recommend::ModelVersion;

/// How hard deltas are packed: they are short, and packed for each tablet.
const PACKING: i32 = 3;

/// What a tablet is sent.
struct Parcel {
    version: ModelVersion,
    packed: Bytes,
}

/// The model as a tablet holds it, packed with zstd; the version that it leads to is the entity tag. Who names a version
/// in `If-None-Match` is sent what was learnt since, where that is still known, and otherwise the whole.
#[utoipa::path(get, path = "/v1/recommend/snapshot",
    responses((status = 200, content_type = "application/octet-stream"), (status = 304)))]
pub(super) async fn send_snapshot(
    State(services): State<Services>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let store = caller
        .0
        .store
        .ok_or_else(|| forbidden("Snapshots are for devices of a store"))?;
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| {
        let tag = tag.to_str().ok()?.trim_matches('"');
        tag.parse::<ModelVersion>().ok()
    });
    let standing = services.memory.stand(&services, &store).await?;
    let current = &*standing.current;
    let version = current.pupil.model().version();
    if known == Some(version) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag(version))]).into_response());
    }
    let delta = known.and_then(|known| current.pupil.delta(known));
    let parcel = match delta {
        Some(delta) => Parcel {
            version,
            packed: pack(&delta)?,
        },
        None => Parcel {
            version: current.pupil.base().version,
            packed: current.packed.clone(),
        },
    };
    Ok((
        [
            (header::ETAG, tag(parcel.version)),
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        ],
        parcel.packed,
    )
        .into_response())
}

fn tag(version: ModelVersion) -> String {
    format!("\"{version}\"")
}

fn pack(delta: &[u8]) -> Result<Bytes, ApiError> {
    let packed = zstd::bulk::compress(delta, PACKING);
    packed.map(Bytes::from).map_err(|error| {
        tracing::error!(%error, "a delta could not be packed");
        ApiError::unavailable("the delta could not be packed")
    })
}
