//! Lambda as a program sees it: the Runtime API, on a port of this machine, with a program behind it.
//!
//! An event that is invoked waits until the program asks for its next one; what it answers, or that it failed, goes back
//! to whoever invoked. Nothing is measured or billed here, and nothing is ever frozen.

use crate::until::PATIENCE;
use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as Place, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use cloud_functions::ports::clock::{Clock as _, SystemClock};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

/// The most events that wait for a program.
const MAX_WAITING: usize = 1_000;

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The program answered.
    Answer(Value),
    /// It said that it failed: `errorType`, `errorMessage`.
    Error(Value),
}

/// An event on its way to a program.
struct Invocation {
    event: String,
    time: Duration,
    outcome: oneshot::Sender<Outcome>,
}

#[derive(Clone)]
struct Api {
    events: Arc<Mutex<mpsc::Receiver<Invocation>>>,
    running: Arc<Lock<HashMap<String, oneshot::Sender<Outcome>>>>,
    /// How many events were given to programs.
    given: Arc<AtomicU64>,
}

/// A Runtime API. Programs ask it for events until it is dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    addr: String,
    events: mpsc::Sender<Invocation>,
    serving: JoinHandle<()>,
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl RuntimeApi {
    /// Serves on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Result<Self> {
        let (events, waiting) = mpsc::channel(MAX_WAITING);
        let api = Api {
            events: Arc::new(Mutex::new(waiting)),
            running: Arc::default(),
            given: Arc::default(),
        };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(answered),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?.to_string();
        // Head and body are one small packet each way: nothing waits for a full one.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                println!("the Runtime API ended: {error}");
            }
        });
        Ok(Self {
            addr,
            events,
            serving,
        })
    }

    /// A program on it, with what Lambda sets in its environment.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let name = program.file_name().unwrap_or_default();
        let mut command = Command::new(program);
        command
            .env("AWS_LAMBDA_RUNTIME_API", &self.addr)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_REGION", "eu-central-1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Has an event taken by whichever program asks for it, which is told that it has so much time.
    ///
    /// # Errors
    /// When nobody takes it.
    pub async fn invoke(&self, event: &Value, time: Duration) -> Result<Outcome> {
        let (outcome, told) = oneshot::channel();
        let invocation = Invocation {
            event: event.to_string(),
            time,
            outcome,
        };
        self.events
            .send(invocation)
            .await
            .context("nobody serves")?;
        match tokio::time::timeout(PATIENCE, told).await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_)) => bail!("the event was dropped"),
            Err(_) => bail!("no program answered in {PATIENCE:?}"),
        }
    }
}

async fn next(State(api): State<Api>) -> Response {
    let Some(invocation) = api.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let number = api.given.fetch_add(1, Ordering::Relaxed);
    let id = uuid::Uuid::from_u128(number.into()).to_string();
    let deadline = SystemClock.now() + invocation.time;
    let head = [
        ("lambda-runtime-aws-request-id", id.clone()),
        (
            "lambda-runtime-deadline-ms",
            deadline.timestamp_millis().to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:1:function:f".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    api.running().insert(id, invocation.outcome);
    (head, invocation.event).into_response()
}

async fn answered(State(api): State<Api>, Place(id): Place<String>, body: Bytes) -> StatusCode {
    api.tell(&id, &body, Outcome::Answer)
}

async fn failed(State(api): State<Api>, Place(id): Place<String>, body: Bytes) -> StatusCode {
    api.tell(&id, &body, Outcome::Error)
}

impl Api {
    fn running(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Outcome>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, id: &str, body: &[u8], outcome: fn(Value) -> Outcome) -> StatusCode {
        let Some(waiting) = self.running().remove(id) else {
            return StatusCode::FORBIDDEN;
        };
        match serde_json::from_slice(body) {
            Ok(value) => {
                // Whoever invoked may have given up.
                let _ = waiting.send(outcome(value));
                StatusCode::ACCEPTED
            }
            Err(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// A program on Lambda.
#[derive(Debug)]
pub struct Lambda {
    api: RuntimeApi,
    /// Dropped, it is killed.
    _program: Child,
}

impl Lambda {
    /// Starts the program `name` that was built beside this test; what it logs goes to `log`.
    ///
    /// # Errors
    /// When it was not built.
    pub async fn start(name: &str, variables: &[(&str, &str)], log: &Path) -> Result<Self> {
        let api = RuntimeApi::start().await?;
        let log = std::fs::File::options().create(true).append(true).open(log);
        let mut command = api.command(&crate::paths::program(name)?);
        let program = command
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(log.context("opening the log")?)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self {
            api,
            _program: program,
        })
    }

    /// Has an event taken within so much time.
    ///
    /// # Errors
    /// When it is not.
    pub async fn invoke(&self, event: &Value, time: Duration) -> Result<Outcome> {
        self.api.invoke(event, time).await
    }
}

/// A request as an HTTP API sends it.
#[must_use]
pub fn http_event(method: &str, path: &str, headers: &Value, body: Option<&str>) -> Value {
    serde_json::json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": headers, "body": body, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "1", "apiId": "api", "stage": "$default", "requestId": "r",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.1"},
        },
    })
}
