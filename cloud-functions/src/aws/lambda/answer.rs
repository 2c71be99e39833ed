//! An answer of the application as an HTTP API takes it.

use crate::http::ApiError;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use serde::Serialize;
use std::collections::BTreeMap;
use tower::ServiceExt;

/// The most bytes of a body: what Lambda takes is 6 MB with the Base64 of it and the headers.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// An answer, payload format 2.0.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl Answer {
    /// What the application answers.
    pub(super) async fn of(router: Router, request: Request<Body>) -> Self {
        let response = match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if is_stream(response.headers()) {
            return Self::plain(&ApiError::new(
                StatusCode::NOT_IMPLEMENTED,
                "no-streams",
                "Streams are not offered here: wait in the request",
            ));
        }
        Self::collect(response).await
    }

    /// The function had no time left.
    pub(super) fn too_slow() -> Self {
        tracing::error!("a request was cut off: the function's time was over");
        let status = StatusCode::GATEWAY_TIMEOUT;
        Self::plain(&ApiError::new(status, "too-slow", "It took too long"))
    }

    async fn collect(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        match axum::body::to_bytes(body, MAX_BODY_BYTES).await {
            Ok(body) => Self::new(parts.status, &parts.headers, body.to_vec()),
            Err(error) => {
                tracing::error!(%error, "an answer is too long, or broke off");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Self::plain(&ApiError::new(
                    status,
                    "internal",
                    "Something of ours is broken",
                ))
            }
        }
    }

    /// A problem, which needs nothing to wait for.
    fn plain(problem: &ApiError) -> Self {
        let status = StatusCode::from_u16(problem.0.status);
        let headers = problem.clone().into_response().headers().clone();
        let body = serde_json::to_vec(&problem.0).unwrap_or_default();
        Self::new(status.unwrap_or_default(), &headers, body)
    }

    fn new(status: StatusCode, headers: &HeaderMap, body: Vec<u8>) -> Self {
        let (body, is_base64_encoded) = match text(headers, body) {
            Ok(text) => (text, false),
            Err(bytes) => (
                base64::engine::general_purpose::STANDARD.encode(bytes),
                true,
            ),
        };
        Self {
            status_code: status.as_u16(),
            cookies: values(headers, &header::SET_COOKIE),
            headers: headers
                .keys()
                .filter(|name| **name != header::SET_COOKIE)
                .map(|name| (name.to_string(), values(headers, name).join(",")))
                .collect(),
            body,
            is_base64_encoded,
        }
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    let form = headers.get(header::CONTENT_TYPE);
    form.is_some_and(|form| form.as_bytes().starts_with(b"text/event-stream"))
}

/// The body as text, where it is; else the bytes again.
fn text(headers: &HeaderMap, body: Vec<u8>) -> Result<String, Vec<u8>> {
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(body);
    }
    String::from_utf8(body).map_err(std::string::FromUtf8Error::into_bytes)
}

fn values(headers: &HeaderMap, name: &header::HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::AppendHeaders;
    use axum::routing::get;

    async fn answer<R: IntoResponse + Send + 'static>(response: fn() -> R) -> Answer {
        let router = Router::new().route("/", get(move || async move { response() }));
        Answer::of(router, Request::get("/").body(Body::empty()).unwrap()).await
    }

    #[tokio::test]
    async fn text_stays_text_and_cookies_are_apart() {
        let answer = answer(|| {
            let cookies = ["a=1", "b=2"].map(|cookie| (header::SET_COOKIE, cookie));
            (StatusCode::CREATED, AppendHeaders(cookies), "Grüße")
        });
        let answer = answer.await;
        assert_eq!((answer.status_code, answer.body.as_str()), (201, "Grüße"));
        assert!(!answer.is_base64_encoded);
        assert_eq!(answer.cookies, ["a=1", "b=2"]);
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        assert!(!answer.headers.contains_key("set-cookie"));
    }

    #[tokio::test]
    async fn bytes_and_whatever_is_packed_are_base64() {
        let bytes = answer(|| vec![0xff_u8, 0xfe]).await;
        assert_eq!(
            (bytes.body.as_str(), bytes.is_base64_encoded),
            ("//4=", true)
        );
        let packed = answer(|| ([(header::CONTENT_ENCODING, "zstd")], "plain")).await;
        assert_eq!(
            (packed.body.as_str(), packed.is_base64_encoded),
            ("cGxhaW4=", true)
        );
    }

    #[tokio::test]
    async fn a_stream_that_would_not_end_is_refused_at_once() {
        let endless = || {
            let stream = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
            let form = [(header::CONTENT_TYPE, "text/event-stream")];
            (form, Body::from_stream(stream))
        };
        let answer = answer(endless).await;
        assert_eq!(answer.status_code, 501);
        assert!(
            answer.body.contains("/problems/no-streams"),
            "{}",
            answer.body
        );
    }

    #[tokio::test]
    async fn what_lambda_would_not_take_is_an_error_of_ours() {
        let long = answer(|| vec![b' '; MAX_BODY_BYTES + 1]).await;
        assert_eq!(long.status_code, 500);
        assert_eq!(long.headers["content-type"], "application/problem+json");
    }
}
