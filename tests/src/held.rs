//! A network on loopback of which a part can be cut: requests to some paths are refused until it is mended.

use crate::faults::forward;
use crate::world::client;
use anyhow::Result;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A proxy that a test has in hand. Dropped, it stops.
#[derive(Debug)]
pub struct HeldNetwork {
    url: String,
    line: Arc<Line>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Line {
    to: String,
    client: Client,
    /// How paths end that are cut off, and how many requests were refused since.
    cut: Mutex<(Option<&'static str>, u64)>,
}

impl HeldNetwork {
    /// Forwards everything to `to`.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(to: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let line = Arc::new(Line {
            to: to.to_owned(),
            client: client()?,
            cut: Mutex::default(),
        });
        let router = Router::new().fallback(carry).with_state(line.clone());
        let serving = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, line, serving })
    }

    /// Its address on the web.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on, requests to paths that end so are refused as by a gateway that reaches nobody.
    pub fn cut(&self, path_end: &'static str) {
        *self.line.cut() = (Some(path_end), 0);
    }

    /// Everything arrives again. Gives how many requests were refused.
    pub fn mend(&self) -> u64 {
        std::mem::take(&mut *self.line.cut()).1
    }
}

impl Drop for HeldNetwork {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Line {
    fn cut(&self) -> std::sync::MutexGuard<'_, (Option<&'static str>, u64)> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_cut(&self, path: &str) -> bool {
        let mut cut = self.cut();
        let is_cut = cut.0.is_some_and(|end| path.ends_with(end));
        cut.1 += u64::from(is_cut);
        is_cut
    }
}

async fn carry(State(line): State<Arc<Line>>, request: Request) -> Response {
    if line.is_cut(request.uri().path()) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let answer = forward(&line.client, &line.to, request).await;
    answer.unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response())
}
