//! A network that fails: a proxy on loopback that forwards requests, and spoils some of them.

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Longer than the clients in tests wait for an answer; then the proxy says so itself, as gateways do.
const TIME_OUT: Duration = Duration::from_millis(1_500);
/// The longest body that it carries.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// A proxy that spoils some of the posts. Dropped, it stops.
#[derive(Debug)]
pub struct FaultyNetwork {
    url: String,
    spoilt: Arc<AtomicU64>,
    serving: JoinHandle<()>,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It arrives, and so does the answer.
    Passes,
    /// It is refused on the way.
    Refused,
    /// It arrives; the answer is replaced by a fault.
    AnswerLost,
    /// It arrives; the answer comes too late.
    TimesOut,
}

struct Line {
    to: String,
    client: Client,
    percent: u64,
    chance: AtomicU64,
    spoilt: Arc<AtomicU64>,
}

impl FaultyNetwork {
    /// Forwards to `to` (`http://127.0.0.1:4170`) and spoils `percent` of the posts, the same ones for the same seed.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(to: &str, percent: u64, seed: u64) -> Result<Self> {
        let spoilt = Arc::new(AtomicU64::new(0));
        let line = Line {
            to: to.to_owned(),
            client: crate::world::client()?,
            percent,
            chance: AtomicU64::new(seed),
            spoilt: spoilt.clone(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let router = Router::new().fallback(carry).with_state(Arc::new(line));
        let serving = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            url,
            spoilt,
            serving,
        })
    }

    /// Its address on the web.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many posts were spoilt so far.
    #[must_use]
    pub fn spoilt(&self) -> u64 {
        self.spoilt.load(Ordering::Relaxed)
    }
}

impl Drop for FaultyNetwork {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn carry(State(line): State<Arc<Line>>, request: Request) -> Response {
    let fate = if request.method() == "POST" {
        line.draw()
    } else {
        Fate::Passes
    };
    if fate != Fate::Passes {
        line.spoilt.fetch_add(1, Ordering::Relaxed);
    }
    if fate == Fate::Refused {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let answer = forward(&line.client, &line.to, request).await;
    match fate {
        Fate::AnswerLost => StatusCode::BAD_GATEWAY.into_response(),
        Fate::TimesOut => {
            tokio::time::sleep(TIME_OUT).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
        Fate::Passes | Fate::Refused => answer
            .unwrap_or_else(|error| (StatusCode::BAD_GATEWAY, error.to_string()).into_response()),
    }
}

impl Line {
    fn draw(&self) -> Fate {
        // SplitMix64: each state follows from the one before by a constant step.
        let state = self
            .chance
            .fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let drawn = mixed ^ (mixed >> 31);
        if drawn % 100 >= self.percent {
            return Fate::Passes;
        }
        match (drawn / 100) % 3 {
            0 => Fate::Refused,
            1 => Fate::AnswerLost,
            _ => Fate::TimesOut,
        }
    }
}

/// Carries a request on to `to`, and its answer back: as it comes, because some answers never end.
///
/// # Errors
/// When it cannot be read or sent.
pub(crate) async fn forward(client: &Client, to: &str, request: Request) -> Result<Response> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let body: Bytes = to_bytes(body, MAX_BODY_BYTES).await?;
    let mut headers = head.headers;
    // The body is whole here; its length is set anew.
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    let sending = client.request(head.method, format!("{to}{path}"));
    let answer = sending.headers(headers).body(body).send().await?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != header::TRANSFER_ENCODING && name != header::CONTENT_LENGTH {
            response = response.header(name, value);
        }
    }
    Ok(response.body(Body::from_stream(answer.bytes_stream()))?)
}
