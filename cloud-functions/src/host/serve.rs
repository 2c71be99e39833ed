//! Listens, serves, and stops in order.

use super::stop::Stop;
use axum::Router;
use axum::serve::ListenerExt;
use serde::Serialize;
use std::future::IntoFuture;
use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long requests, and then batches of events, may take to finish after a stop; long polls are cut off then.
pub const GRACE: Duration = Duration::from_secs(3);

/// Why a host does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error("{address} is taken by another program: stop it, or choose another address")]
    Taken {
        /// Which.
        address: SocketAddr,
    },
    /// The machine does not let us.
    #[error("{address} cannot be listened on: {reason}")]
    Refused {
        /// Which.
        address: SocketAddr,
        /// Why.
        reason: String,
    },
}

/// The line on stdout that says that a program serves.
#[derive(Debug, Serialize)]
struct Ready {
    ready: bool,
    addr: SocketAddr,
}

/// Takes the address.
///
/// # Errors
/// Where it is not to be had.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => ListenError::Taken { address },
            _ => ListenError::Refused {
                address,
                reason: error.to_string(),
            },
        })
}

/// Prints `{"ready":true,"addr":…}`, once, with the port that was given where 0 was asked for.
///
/// # Errors
/// Where stdout is closed.
pub fn say_ready(listener: &TcpListener) -> std::io::Result<()> {
    let addr = listener.local_addr()?;
    let line = serde_json::to_string(&Ready { ready: true, addr })?;
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Serves until it is stopped, then lets requests finish for a while.
///
/// # Errors
/// Where the listener fails.
pub async fn serve(listener: TcpListener, router: Router, stop: &Stop) -> std::io::Result<()> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its small packets");
        }
    });
    let stopped = stop.clone();
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(async move { stopped.wait().await })
        .into_future();
    let patience = async {
        stop.wait().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = serving => served,
        () = patience => {
            tracing::info!(grace_ms = GRACE.as_millis(), "requests that did not finish were cut off");
            Ok(())
        }
    }
}
