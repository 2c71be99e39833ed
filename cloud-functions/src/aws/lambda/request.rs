//! A request of an HTTP API (payload format 2.0) as the application takes it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Request, Uri, header};
use base64::Engine as _;
use domain::trace::XRAY_HEADER;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    request_context: Context,
    /// Borrowed where it has no escapes: most of an event is its body.
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
    #[serde(default)]
    stage: String,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

/// Reads a request; `trace` is the invocation's place in X-Ray.
///
/// # Errors
/// What cannot be read of it.
pub(super) fn read(event: &str, trace: Option<&str>) -> Result<Request<Body>, String> {
    let event: Event<'_> = serde_json::from_str(event).map_err(|error| error.to_string())?;
    let mut request = Request::new(Body::empty());
    *request.method_mut() = event.request_context.http.method.parse().map_err(invalid)?;
    *request.uri_mut() = uri(&event)?;
    let headers = request.headers_mut();
    for (name, value) in &event.headers {
        headers.insert(name.parse::<HeaderName>().map_err(invalid)?, text(value)?);
    }
    if !event.cookies.is_empty() {
        headers.insert(header::COOKIE, text(&event.cookies.join("; "))?);
    }
    if let Some(trace) = trace {
        headers.insert(HeaderName::from_static(XRAY_HEADER), text(trace)?);
    }
    // API Gateway tells the length of what it received, which is what is in here.
    *request.body_mut() = match event.body {
        None => Body::empty(),
        Some(body) if event.is_base64_encoded => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(body.as_bytes());
            Body::from(decoded.map_err(invalid)?)
        }
        Some(body) => Body::from(body.into_owned()),
    };
    Ok(request)
}

/// The path without the stage: an API Gateway that has one shows it, and no route knows it.
fn uri(event: &Event<'_>) -> Result<Uri, String> {
    let stage = &event.request_context.stage;
    let stripped = event.raw_path.strip_prefix('/');
    let stripped = stripped.and_then(|path| path.strip_prefix(stage.as_str()));
    let path = match stripped {
        Some(path) if !stage.is_empty() && path.starts_with('/') => path,
        _ => &event.raw_path,
    };
    let mut uri = encoded(path);
    if !event.raw_query_string.is_empty() {
        uri.push('?');
        uri.push_str(&event.raw_query_string);
    }
    uri.parse().map_err(invalid)
}

/// API Gateway decodes some of the path; what cannot stand in an address is encoded again.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'@'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a string does not fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

fn text(value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(value).map_err(invalid)
}

fn invalid(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event() -> Value {
        json!({
            "version": "2.0", "rawPath": "/v1/carts/1", "rawQueryString": "a=b%20c&a=d",
            "cookies": ["one=1", "two=2"],
            "headers": {"content-type": "application/json", "accept": "a,b"},
            "requestContext": {"http": {"method": "POST"}, "stage": "$default"},
            "body": "{\"x\":\"\\u00fc\"}", "isBase64Encoded": false,
        })
    }

    async fn body(request: Request<Body>) -> Vec<u8> {
        let body = axum::body::to_bytes(request.into_body(), 1_000).await;
        body.unwrap().to_vec()
    }

    #[tokio::test]
    async fn a_request_comes_as_it_was_sent() {
        let request = read(
            &event().to_string(),
            Some("Root=1-5759e988-bd862e3fe1be46a994272793"),
        );
        let request = request.unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "/v1/carts/1?a=b%20c&a=d");
        assert_eq!(request.headers()["cookie"], "one=1; two=2");
        assert_eq!(request.headers()["accept"], "a,b");
        assert!(
            request.headers()["x-amzn-trace-id"]
                .to_str()
                .unwrap()
                .starts_with("Root=")
        );
        assert_eq!(body(request).await, br#"{"x":"\u00fc"}"#);
    }

    #[tokio::test]
    async fn a_body_of_bytes_is_decoded() {
        let mut event = event();
        event["body"] = "KLUv/QQA".into();
        event["isBase64Encoded"] = true.into();
        let request = read(&event.to_string(), None).unwrap();
        assert_eq!(body(request).await, [0x28, 0xb5, 0x2f, 0xfd, 4, 0]);
        event["body"] = "no base64!".into();
        assert!(read(&event.to_string(), None).is_err());
    }

    #[test]
    fn a_stage_is_no_part_of_the_path_and_what_was_decoded_is_encoded() {
        let path = |stage: &str, path: &str| {
            let mut event = event();
            event["requestContext"]["stage"] = stage.into();
            event["rawPath"] = path.into();
            event["rawQueryString"] = "".into();
            read(&event.to_string(), None).unwrap().uri().to_string()
        };
        assert_eq!(path("live", "/live/v1/carts"), "/v1/carts");
        assert_eq!(path("v1", "/v1/v1/carts"), "/v1/carts");
        assert_eq!(path("live", "/lively/v1"), "/lively/v1");
        assert_eq!(path("", "/v1/store 1/ü?"), "/v1/store%201/%C3%BC%3F");
        assert_eq!(path("$default", "/a%2Fb"), "/a%2Fb");
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (field, value) in [
            ("rawPath", Value::Null),
            ("headers", json!({"bad name": "x"})),
            ("headers", json!({"x": "line\nbreak"})),
            ("requestContext", json!({})),
        ] {
            let mut event = event();
            event[field] = value;
            assert!(read(&event.to_string(), None).is_err(), "{field}");
        }
    }
}
