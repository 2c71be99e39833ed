//! Logs go to stderr: stdout belongs to what a program answers.

use crate::ports::clock::Clock;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tracing_subscriber::EnvFilter;

/// Starts logging; `RUST_LOG` says what, by default `info` and worse.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
    if let Err(error) = started {
        tracing::debug!(%error, "logging had been started before");
    }
}

/// Logs the route as it is written in the document, never the address as it came: that may name a person.
pub async fn log_requests(
    State(clock): State<Arc<dyn Clock>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let started_at = clock.now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    let status = response.status().as_u16();
    let latency_ms = (clock.now() - started_at).num_milliseconds();
    if response.status().is_server_error() {
        tracing::warn!(%method, route, status, latency_ms, "a request failed");
    } else {
        tracing::debug!(%method, route, status, latency_ms, "a request was answered");
    }
    response
}
