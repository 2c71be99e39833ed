//! The hosts as they are used: real programs, real sockets, real files.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests, too, fail by panicking"
)]

mod access;
mod cloud;
mod functions;
mod kill;
mod program;

use std::sync::Once;

/// A client. Everything here is on loopback; the provider is only there because the client asks for one.
fn client() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else's provider is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::new()
}
