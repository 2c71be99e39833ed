//! Keeps other web pages out: a browser on this machine also shows pages of strangers, and they can make it send
//! requests to loopback.
//!
//! Three things stand against that. The `Host` has to name this machine, which a page that had its name point to
//! 127.0.0.1 (DNS rebinding) cannot feign. A call needs the header `x-aisle`, which a page elsewhere can send only after
//! asking, and nothing here ever answers that question (no CORS). And what a browser says of where a request comes from
//! is believed when it says elsewhere.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The header that every call carries, with the value `1`.
pub const CALL_HEADER: &str = "x-aisle";
const FETCH_SITE: &str = "sec-fetch-site";

/// Lets only requests to this machine by one of its own names pass.
pub async fn only_this_machine(request: Request, next: Next) -> Response {
    if is_of_this_machine(&request) {
        return next.run(request).await;
    }
    (StatusCode::FORBIDDEN, "This is served to this machine only").into_response()
}

fn is_of_this_machine(request: &Request) -> bool {
    let header = request.headers().get(header::HOST);
    let host = match header {
        Some(host) => host.to_str().ok(),
        None => request
            .uri()
            .authority()
            .map(|authority| authority.as_str()),
    };
    host.is_some_and(names_loopback)
}

fn names_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    matches!(name, Some("127.0.0.1" | "localhost" | "::1"))
}

/// Whether a request for the device comes from our own page, or from no page at all.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(|site| site.as_bytes());
    matches!(site, None | Some(b"same-origin" | b"none"))
}

/// Whether a call carries its header.
pub(super) fn is_call(headers: &HeaderMap) -> bool {
    is_ours(headers) && headers.get(CALL_HEADER).is_some_and(|value| value == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        for host in ["127.0.0.1:4171", "localhost", "localhost:1", "[::1]:4171"] {
            assert!(names_loopback(host), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:4171",
            "localhost.evil.example",
            "10.0.0.1",
            "",
            "[::2]:1",
        ] {
            assert!(!names_loopback(host), "{host}");
        }
    }
}
