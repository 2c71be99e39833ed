//! Hosts the device's calls over loopback HTTP: for a kiosk in a browser, for a machine without a window, for tests.
//!
//! Other pages in the same browser must not reach it: see [`guard`]. It never answers to another machine.

mod calls;
mod events;
pub mod guard;
mod screens;

use crate::device::Device;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::from_fn;
use axum::routing::{get, post};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::set_header::SetResponseHeaderLayer;

/// The most bytes of a call's arguments.
const MAX_ARGS_BYTES: usize = 64 << 10;
/// Screens that listen at once.
const MAX_LISTENERS: usize = 32;
/// What a page of ours may load: itself, and nothing from anywhere else.
const CONTENT_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; object-src 'none'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Why the host does not serve.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Another machine could reach it.
    #[error("{0} is not an address of this machine alone: use 127.0.0.1 and a port")]
    NotLoopback(SocketAddr),
    /// The address is taken, or not ours to take.
    #[error("the address {addr} cannot be used")]
    Address {
        /// Which.
        addr: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// It broke off.
    #[error("serving broke off")]
    Serving(#[source] std::io::Error),
}

/// What routes share.
#[derive(Clone)]
struct State {
    device: Device,
    ui: PathBuf,
    listeners: Arc<Semaphore>,
}

/// Takes an address of this machine.
pub async fn listen(addr: SocketAddr) -> Result<TcpListener, HostError> {
    if !addr.ip().is_loopback() {
        return Err(HostError::NotLoopback(addr));
    }
    let bound = TcpListener::bind(addr).await;
    bound.map_err(|source| HostError::Address { addr, source })
}

/// Serves the calls, the signals, and the screens in the folder `ui`, until it is dropped.
pub async fn serve(device: Device, listener: TcpListener, ui: &Path) -> Result<(), HostError> {
    let served = axum::serve(listener, router(device, ui)).await;
    served.map_err(HostError::Serving)
}

fn router(device: Device, ui: &Path) -> Router {
    let state = State {
        device,
        ui: ui.to_owned(),
        listeners: Arc::new(Semaphore::new(MAX_LISTENERS)),
    };
    Router::new()
        .route("/device/events", get(events::listen))
        .route("/device/{name}", post(calls::call))
        .layer(DefaultBodyLimit::max(MAX_ARGS_BYTES))
        .merge(screens::routes(ui))
        .with_state(state)
        .layer(header(CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(header(
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ))
        .layer(from_fn(guard::only_this_machine))
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

#[cfg(test)]
mod tests;
