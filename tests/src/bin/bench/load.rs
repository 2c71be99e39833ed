//! Puts load on a server that is a program of its own, and reads what it cost.

use aisle_tests::figure::{now, processor_seconds};
use aisle_tests::world::client;
use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use cloud_functions::ports::ledger::{Condition, Key, Write};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// This program as the ingest function.
pub(crate) const INGEST: &str = "serve-ingest";
/// This program as a server that parses and keeps nothing.
pub(crate) const BASELINE: &str = "serve-baseline";
const WRITE_KEY: &str = "bench";
/// Events of one post.
const PER_BATCH: usize = 100;
/// Posts under way at the same time.
const SENDERS: usize = 4;

/// A server that is a program of its own.
pub(crate) struct Server {
    program: Child,
    addr: String,
}

/// A server under load.
pub(crate) struct Load(Server);

/// What it cost.
pub(crate) struct Cost {
    events: usize,
    wall_s: f64,
    processor_s: f64,
}

impl Server {
    /// This program as the server of that name, on a folder where it keeps something.
    pub(crate) async fn start(name: &str, folder: Option<&Path>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(name).env("RUST_LOG", "warn");
        if let Some(folder) = folder {
            let address = [("PORT", "0"), ("AISLE_HOST", "127.0.0.1")];
            command.envs(address).env("AISLE_DATA", folder);
        }
        command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut program = command.spawn().context("starting the server")?;
        let stdout = program.stdout.take().context("its output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let ready: Value = serde_json::from_str(&line.context("no ready line")?)?;
        let addr = ready.get("addr").and_then(Value::as_str);
        let addr = addr.context("no address")?.to_owned();
        Ok(Self { program, addr })
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> &str {
        &self.addr
    }

    /// Its process.
    pub(crate) fn process(&self) -> Result<u32> {
        self.program.id().context("the server ended")
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let events = self.events as f64;
        let (core, wall) = (events / self.processor_s, events / self.wall_s);
        write!(f, "{core:.0} / s / core ({wall:.0} / s)")
    }
}

impl Load {
    /// The ingest function on a folder.
    pub(crate) async fn on_ingest(folder: &Path) -> Result<Self> {
        let services = wiring::open(&DataFolder::open(folder)?)?.services;
        let source = json!({"source": "bench", "currency": "EUR"}).to_string();
        let key = Key::new(format!("W#{WRITE_KEY}"), "V");
        let write = Write::put(key, source, Condition::Any);
        services.ledger.write(vec![write]).await?;
        drop(services);
        Ok(Self(Server::start(INGEST, Some(folder)).await?))
    }

    /// A server that parses the same and keeps nothing.
    pub(crate) async fn on_baseline() -> Result<Self> {
        Ok(Self(Server::start(BASELINE, None).await?))
    }

    /// Posts so many events and waits for all answers.
    pub(crate) async fn run(self, events: usize) -> Result<Cost> {
        let process = self.0.process()?;
        let share = events / SENDERS;
        let mut work = Vec::new();
        for sender in 0..SENDERS {
            work.push(bodies(sender, share, PER_BATCH));
        }
        let url = Arc::new(format!("http://{}/v1/batch", self.0.addr()));
        let (before, start) = (processor_seconds(process)?, now());
        let mut senders = tokio::task::JoinSet::new();
        for bodies in work {
            senders.spawn(send(url.clone(), bodies));
        }
        while let Some(sent) = senders.join_next().await {
            sent??;
        }
        Ok(Cost {
            events: share * SENDERS,
            wall_s: start.elapsed().as_secs_f64(),
            processor_s: processor_seconds(process)? - before,
        })
    }
}

async fn send(url: Arc<String>, bodies: Vec<Vec<u8>>) -> Result<()> {
    let client = client()?;
    for body in bodies {
        let post = client.post(url.as_str()).basic_auth(WRITE_KEY, Some(""));
        let answer = post.body(body).send().await?;
        if !answer.status().is_success() {
            bail!("{}: {}", answer.status(), answer.text().await?);
        }
    }
    Ok(())
}

/// Batches as Segment's client for Node.js sends them, of so many events each.
pub(crate) fn bodies(sender: usize, events: usize, per_batch: usize) -> Vec<Vec<u8>> {
    let call = |index: usize| {
        json!({
            "type": "track",
            "event": "Product Viewed",
            "messageId": format!("node-next-1764000000000-{sender:04}-{index:032}"),
            "anonymousId": format!("shopper-{}", index % 997),
            "timestamp": "2026-05-01T10:00:00.000Z",
            "properties": {"product_id": format!("SKU-{}", index % 401), "name": "Enamel mug", "category": "kitchen", "price": 12.5, "currency": "EUR", "quantity": 1},
            "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
            "integrations": {},
        })
    };
    let indices: Vec<usize> = (0..events).collect();
    let batch = |indices: &[usize]| {
        let calls: Vec<Value> = indices.iter().map(|index| call(*index)).collect();
        json!({"batch": calls, "writeKey": WRITE_KEY})
            .to_string()
            .into_bytes()
    };
    indices.chunks(per_batch).map(batch).collect()
}

/// Serves posts by parsing them, until it is killed.
pub(crate) fn serve_baseline() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        println!("{}", json!({"ready": true, "addr": addr.to_string()}));
        let router = Router::new().route("/v1/batch", post(parse));
        Ok(axum::serve(listener, router).await?)
    })
}

async fn parse(body: Bytes) -> StatusCode {
    match serde_json::from_slice::<Value>(&body) {
        Ok(value) if std::hint::black_box(&value).is_object() => StatusCode::OK,
        _ => StatusCode::BAD_REQUEST,
    }
}
