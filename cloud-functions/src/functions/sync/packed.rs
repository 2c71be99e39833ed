//! Bodies that are compressed on the wire: requests may be, lines always are.

use crate::http::ApiError;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::io::Read;
use zstd::bulk::Compressor;

/// The most bytes of a request once it is unpacked.
const MAX_UNPACKED_BYTES: u64 = 2 * 1024 * 1024;
/// How hard answers are compressed: past 3, size falls by little and time grows by much.
const ZSTD_LEVEL: i32 = 3;
/// The most bytes that are compressed at once: a tenth of a millisecond.
const AT_ONCE_BYTES: usize = 32 * 1024;

/// A JSON body that may have `content-encoding: zstd`.
pub(super) struct Packed<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Packed<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Some(encoding) = request.headers().get(header::CONTENT_ENCODING) else {
            return crate::http::Json::from_request(request, state)
                .await
                .map(|crate::http::Json(value)| Self(value));
        };
        if encoding != "zstd" {
            return Err(refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media-type",
                "zstd is the only encoding",
            ));
        }
        let too_much = || {
            refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-much",
                "the body is too large",
            )
        };
        let packed = Bytes::from_request(request, state).await;
        let unpacked = unpack(&packed.map_err(|_| too_much())?).map_err(|error| match error {
            Unreadable::TooMuch => too_much(),
            Unreadable::Broken => ApiError::invalid("", "the body is not zstd"),
        })?;
        serde_json::from_slice(&unpacked)
            .map(Self)
            .map_err(|error| ApiError::invalid("", error.to_string()))
    }
}

fn refuse(status: StatusCode, slug: &str, detail: &str) -> ApiError {
    let title = "The body cannot be taken";
    let mut error = ApiError::new(status, slug, title);
    error.0.detail = Some(detail.to_owned());
    error
}

/// Why a body could not be unpacked.
enum Unreadable {
    TooMuch,
    Broken,
}

/// Never holds more than [`MAX_UNPACKED_BYTES`], whatever the body claims.
fn unpack(packed: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let decoder = zstd::stream::read::Decoder::new(packed).map_err(|_| Unreadable::Broken)?;
    let mut unpacked = Vec::new();
    let read = decoder
        .take(MAX_UNPACKED_BYTES + 1)
        .read_to_end(&mut unpacked)
        .map_err(|_| Unreadable::Broken)?;
    match u64::try_from(read) {
        Ok(read) if read <= MAX_UNPACKED_BYTES => Ok(unpacked),
        _ => Err(Unreadable::TooMuch),
    }
}

thread_local! {
    /// A packer is half a megabyte of tables: most answers are smaller than what it takes to make one.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
}

/// Compresses: a little at once, and more on a thread that nobody else waits for (4 MB take some 20 ms of a core).
pub(super) async fn compress(plain: Vec<u8>) -> std::io::Result<Vec<u8>> {
    if plain.len() <= AT_ONCE_BYTES {
        return pack(&plain);
    }
    let task = tokio::task::spawn_blocking(move || pack(&plain));
    task.await.map_err(std::io::Error::other)?
}

fn pack(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|kept| {
        let mut packer = match kept.take() {
            Some(packer) => packer,
            None => Compressor::new(ZSTD_LEVEL)?,
        };
        // One that failed is not used again.
        let packed = packer.compress(plain)?;
        *kept = Some(packer);
        Ok(packed)
    })
}

/// Compressed lines as an answer.
pub(super) fn lines(packed: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson"),
        (header::CONTENT_ENCODING, "zstd"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, packed).into_response()
}

/// JSON as an answer, compressed where the caller asks for zstd by name.
pub(super) async fn json<T: Serialize>(asked: &HeaderMap, value: &T) -> Response {
    if takes_zstd(asked)
        && let Ok(plain) = serde_json::to_vec(value)
        && let Ok(packed) = compress(plain).await
    {
        let headers = [
            (header::CONTENT_TYPE, "application/json"),
            (header::CONTENT_ENCODING, "zstd"),
        ];
        return (headers, packed).into_response();
    }
    crate::http::Json(value).into_response()
}

fn takes_zstd(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("zstd"))
}
