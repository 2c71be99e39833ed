//! A span, a figure and a log line for each request.

use super::figures::REQUESTS;
use crate::ports::clock::Clock;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use domain::trace::{TraceContext, XRAY_HEADER};
use std::sync::Arc;
use tracing::{Instrument as _, Span};

/// Observes requests: the route as it is written in the document, never the address as it came, which may name a person.
/// The span goes on in the trace that the caller names.
pub async fn observe_requests(
    State(clock): State<Arc<dyn Clock>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let method = known(request.method());
    let cause = telemetry::cause(|name| header(request.headers(), name));
    let span = begin(method, route, cause, request.headers());
    let started_at = clock.now();
    let work = telemetry::within(cause, next.run(request));
    let response = work.instrument(span.clone()).await;
    let took = clock.now() - started_at;
    let status = response.status();
    tell(&span, method, route, status, took.num_milliseconds());
    let latency_s = took.as_seconds_f64();
    let labels = [
        ("http.request.method", method),
        ("http.route", route),
        ("http.response.status_code", status.as_str()),
    ];
    REQUESTS.record(latency_s, &labels);
    response
}

fn begin(
    method: &'static str,
    route: &str,
    cause: Option<TraceContext>,
    headers: &HeaderMap,
) -> Span {
    let span = tracing::debug_span!(
        target: telemetry::SPANS,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
        faas.coldstart = telemetry::is_cold(),
    );
    telemetry::follow(&span, cause);
    // The platform's own trace, where the caller came with another.
    let platform = header(headers, XRAY_HEADER).and_then(TraceContext::parse_xray);
    let other = platform
        .filter(|platform| cause.is_some_and(|cause| cause.trace_id() != platform.trace_id()));
    if let Some(other) = other {
        telemetry::link(&span, other);
    }
    span
}

fn tell(span: &Span, method: &str, route: &str, status: StatusCode, latency_ms: i64) {
    span.record("http.response.status_code", status.as_u16());
    let status_code = status.as_u16();
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
        let trace = span
            .in_scope(telemetry::current)
            .map(|trace| trace.to_string());
        let trace = trace.unwrap_or_default();
        tracing::warn!(
            method,
            route,
            status = status_code,
            latency_ms,
            trace,
            "a request failed"
        );
    } else {
        tracing::debug!(
            method,
            route,
            status = status_code,
            latency_ms,
            "a request was answered"
        );
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A method's name; what is no method of HTTP is free text of the sender's.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::CONNECT => "CONNECT",
        _ => "_OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::bench;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::any;
    use tower::ServiceExt as _;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// What the handler sees as its cause.
    async fn cause_of(request: Request) -> String {
        let services = bench().services;
        let handler = || async {
            let cause = telemetry::current();
            cause.map_or_else(|| "none".to_owned(), |cause| cause.to_string())
        };
        let router: Router = Router::new()
            .route("/seen/{who}", any(handler))
            .layer(from_fn_with_state(services.clock, observe_requests));
        let response = router.oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), 1_000).await;
        String::from_utf8(body.unwrap().to_vec()).unwrap()
    }

    fn asks(headers: &[(&str, &str)]) -> Request {
        let builder = axum::http::Request::get("/seen/ana");
        let builder = headers.iter().fold(builder, |builder, (name, value)| {
            builder.header(*name, *value)
        });
        builder.body(Body::empty()).unwrap()
    }

    #[tokio::test]
    async fn a_request_goes_on_in_the_callers_trace() {
        assert_eq!(cause_of(asks(&[("traceparent", TRACE)])).await, TRACE);
        let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let same = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
        assert_eq!(cause_of(asks(&[(XRAY_HEADER, xray)])).await, same);
        let both = [("traceparent", TRACE), (XRAY_HEADER, xray)];
        assert_eq!(cause_of(asks(&both)).await, TRACE);
        for nonsense in ["", "00-1-2-3", &TRACE.repeat(20)] {
            assert_eq!(cause_of(asks(&[("traceparent", nonsense)])).await, "none");
        }
    }

    #[tokio::test]
    async fn requests_are_counted_by_route_never_by_address() {
        cause_of(asks(&[])).await;
        let odd = axum::http::Request::builder()
            .method("ANA")
            .uri("/seen/ana");
        cause_of(odd.body(Body::empty()).unwrap()).await;
        let text = telemetry::prometheus(super::super::figures::ALL);
        assert!(text.contains("http_route=\"/seen/{who}\""), "{text}");
        assert!(text.contains("http_request_method=\"_OTHER\""), "{text}");
        assert!(!text.contains("ana") && !text.contains("ANA"), "{text}");
    }
}
