//! What is seen of a device from outside: a span for each call of a screen, each errand of the sync and each request to
//! the cloud, and figures.
//!
//! A tap begins a trace of random bytes. What it asks of the cloud carries the trace; what it keeps in the queue is
//! remembered with its trace until it is sent. Neither knows what was tapped at or about whom.

mod taps;

pub(crate) use taps::Taps;

use crate::ports::Ports;
use domain::api::device::RefusalCode;
use domain::trace::{TRACEPARENT, TraceContext};
use reqwest::header::HeaderValue;
use sync::{Line, Request};
use telemetry::{Counter, Figure};
use tracing::Span;

/// Calls of screens that were refused; by code.
static REFUSED: Counter = Counter::new(
    "aisle.device.calls.refused",
    "{call}",
    "Calls of screens that were refused",
);
/// Requests to the cloud that had no answer or no good one; by status.
static FAILED: Counter = Counter::new(
    "aisle.device.cloud.failed",
    "{request}",
    "Requests to the cloud that failed",
);
/// Errands of the sync that failed and come again; by line.
static RETRIES: Counter = Counter::new(
    "aisle.device.sync.retries",
    "{errand}",
    "Errands of the sync that failed and come again",
);
/// Kept things that could not be read and are forgotten; by name.
static FORGOTTEN: Counter = Counter::new(
    "aisle.device.forgotten",
    "{thing}",
    "Kept things that could not be read",
);
static ALL: &[Figure] = &[
    Figure::Counter(&REFUSED),
    Figure::Counter(&FAILED),
    Figure::Counter(&RETRIES),
    Figure::Counter(&FORGOTTEN),
    Figure::Counter(&telemetry::DROPPED),
];

/// Starts logging to stderr and, where the environment names a collector, exporting.
pub fn start(program: &str) {
    telemetry::start(&telemetry::Program {
        name: program.to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        figures: ALL,
    });
}

/// Exports what waits, for a moment: the last thing that a program does.
pub fn finish() {
    telemetry::finish();
}

/// The trace that a call of a screen belongs to: the screen's, or one that begins here.
pub(crate) fn tap(ports: &Ports) -> TraceContext {
    telemetry::current().unwrap_or_else(|| {
        let [trace, span] = [ports.random.bytes(), ports.random.bytes()];
        let (trace, span) = (trace.first_chunk(), span.first_chunk());
        TraceContext::begin(
            trace.copied().unwrap_or_default(),
            span.copied().unwrap_or_default(),
        )
    })
}

/// A span for a call of a screen. It gets its name once it is known that there is such a call.
pub(crate) fn call() -> Span {
    let span = tracing::debug_span!(
        target: telemetry::SPANS,
        "call",
        otel.name = "call",
        otel.kind = "server",
        aisle.refusal = tracing::field::Empty,
    );
    telemetry::follow(&span, telemetry::current());
    span
}

/// It was refused.
pub(crate) fn refused(span: &Span, code: RefusalCode) {
    let code = format!("{code:?}");
    span.record("aisle.refusal", code.as_str());
    REFUSED.add(1, &[("code", &code)]);
}

/// A span for what the sync asks.
pub(crate) fn errand(request: &Request) -> Span {
    let name = match request {
        Request::Pull(_) => "sync pull",
        Request::Push(_) => "sync push",
        Request::Repair(_) => "sync repair",
        Request::Manifest { .. } => "sync manifest",
        Request::Part { .. } => "sync part",
    };
    tracing::debug_span!(target: telemetry::SPANS, "errand", otel.name = name)
}

/// A span for a request to the cloud.
pub(crate) fn request(method: &reqwest::Method) -> Span {
    tracing::debug_span!(
        target: telemetry::SPANS,
        "ask",
        otel.name = %method,
        otel.kind = "client",
        http.request.method = %method,
        http.response.status_code = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    )
}

/// The request says what caused it.
pub(crate) fn hand_on(request: &mut reqwest::Request) {
    let cause = telemetry::current().map(|cause| cause.to_string());
    if let Some(cause) = cause.and_then(|cause| HeaderValue::try_from(cause).ok()) {
        request.headers_mut().insert(TRACEPARENT, cause);
    }
}

/// Its answer, or that there was none.
pub(crate) fn answered(span: &Span, status: Option<reqwest::StatusCode>) {
    let failed = match status {
        Some(status) => {
            span.record("http.response.status_code", status.as_u16());
            status.is_client_error() || status.is_server_error()
        }
        None => true,
    };
    if failed {
        span.record("otel.status_code", "ERROR");
        let status = status.as_ref().map_or("none", |status| status.as_str());
        FAILED.add(1, &[("status", status)]);
    }
}

/// An errand failed and will come again.
pub(crate) fn retried(line: Line) {
    let line = match line {
        Line::Up => "up",
        Line::Down => "down",
    };
    RETRIES.add(1, &[("line", line)]);
}

/// Something that was kept cannot be read.
pub(crate) fn forgotten(what: &'static str) {
    FORGOTTEN.add(1, &[("what", what)]);
}
