//! The bytes of a request, inflated where they are gzip, never more than a batch may have.

use crate::http::ApiError;
use axum::body::{Body, Bytes};
use domain::problem::Problem;
use flate2::bufread::MultiGzDecoder;
use futures_util::StreamExt as _;
use std::io::Read as _;

/// The most bytes of a request, inflated: Segment's limit of a batch.
pub(super) const MAX_BODY_BYTES: usize = 500 * 1024;
/// A longer body is read to its end up to this many bytes, so that its sender hears why it was refused.
const MAX_DRAINED_BYTES: usize = 16 * MAX_BODY_BYTES;
/// What gzip begins with (RFC 1952, section 2.3.1).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Reads a body of at most [`MAX_BODY_BYTES`]. One that is longer is read on and thrown away, up to a bound: who is
/// still sending does not hear an answer.
pub(super) async fn collect(body: Body) -> Result<Bytes, ApiError> {
    let mut parts = body.into_data_stream();
    let mut sent = Vec::new();
    let mut length = 0_usize;
    while let Some(part) = parts.next().await {
        let part = part.map_err(|_| ApiError::invalid("", "the body ended early"))?;
        length = length.saturating_add(part.len());
        if length > MAX_DRAINED_BYTES {
            break;
        } else if length > MAX_BODY_BYTES {
            sent.clear();
        } else {
            sent.extend_from_slice(&part);
        }
    }
    if length > MAX_BODY_BYTES {
        return Err(too_large("", MAX_BODY_BYTES));
    }
    Ok(sent.into())
}

/// Inflates gzip by its first bytes: clients label it as they like. Stops at the first byte too many.
pub(super) fn inflate(sent: Bytes) -> Result<Bytes, ApiError> {
    if !sent.starts_with(&GZIP_MAGIC) {
        return Ok(sent);
    }
    let mut inflated = Vec::with_capacity(sent.len().saturating_mul(4).min(MAX_BODY_BYTES));
    let limit = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX);
    MultiGzDecoder::new(&*sent)
        .take(limit.saturating_add(1))
        .read_to_end(&mut inflated)
        .map_err(|error| ApiError::invalid("", format!("the body is not gzip: {error}")))?;
    if inflated.len() > MAX_BODY_BYTES {
        return Err(too_large("", MAX_BODY_BYTES));
    }
    Ok(inflated.into())
}

/// 400, as Segment says it: its clients do not send what got a 413 again either, but only know the 400.
pub(super) fn too_large(pointer: &str, max: usize) -> ApiError {
    let detail = format!("is larger than {max} bytes");
    ApiError(Problem::new(400, "too-large", "That is too much at once").with_field(pointer, detail))
}
