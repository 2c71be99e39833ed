//! Answers that tell the caller to wait.

use crate::http::ApiError;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// 429 with `Retry-After`.
pub(super) fn wait(slug: &str, title: &str, seconds: u32) -> Response {
    let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, slug, title);
    error.0.detail = Some(format!("Try again in {seconds} seconds"));
    ([(header::RETRY_AFTER, seconds.to_string())], error).into_response()
}
