//! The baseline: a plain numbered feed over SQLite and zstd. One table, one cursor, no sums, no grants, no encryption, no
//! tokens, no search: what the same data costs when nothing is promised.

mod client;
mod server;

pub(crate) use client::measure_first;
pub(crate) use server::serve;

use super::counter::Counter;
use super::first::in_a_process;
use super::small::{MANY, note};
use super::store::customer;
use super::timed;
use aisle_tests::figure::{now, percentile};
use anyhow::{Context as _, Result};
use client::Client;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// This program as the feed's server: `SERVE <customers>`.
pub(crate) const SERVE: &str = "serve-plain-feed";
/// This program as a client that syncs for the first time: `FIRST <url> <folder>`.
pub(crate) const FIRST: &str = "plain-for-the-first-time";
const TIMES: u64 = 5;
const NOTHINGS: u64 = 200;
const LIVE: u64 = 300;

/// What a first sync took.
pub(super) struct First {
    pub(super) seconds: f64,
    pub(super) bytes: u64,
    pub(super) memory_kb: u64,
}

pub(super) struct Figures {
    pub(super) first: First,
    pub(super) delta: Duration,
    pub(super) nothing: Duration,
    pub(super) push: Duration,
    pub(super) delta_bytes: u64,
    pub(super) nothing_bytes: u64,
    pub(super) push_bytes: u64,
    pub(super) live_p50: Duration,
    pub(super) live_p99: Duration,
}

/// The server's program. Dropped, it is killed.
struct Server {
    url: String,
    _child: Child,
}

impl Server {
    async fn start(customers: u64) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([SERVE, &customers.to_string()]);
        command.stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().context("its output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        let ready: Value = serde_json::from_str(&line.context("no ready line")?)?;
        let addr = ready.get("addr").and_then(Value::as_str);
        let url = format!("http://{}", addr.context("no address")?);
        Ok(Self { url, _child: child })
    }

    async fn first(&self) -> Result<First> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().display().to_string();
        let took: super::first::First = in_a_process(&[FIRST, &self.url, &path]).await?;
        let counter = Counter::to(&self.url).await?;
        let folder = tempfile::tempdir()?;
        Client::open(folder.path(), counter.url())?
            .catch_up()
            .await?;
        Ok(First {
            seconds: took.seconds,
            bytes: counter.take().sum(),
            memory_kb: took.memory_kb,
        })
    }
}

impl First {
    pub(super) async fn measure(customers: u64) -> Result<Self> {
        Server::start(customers).await?.first().await
    }
}

impl Figures {
    pub(super) async fn measure(customers: u64) -> Result<Self> {
        let server = Server::start(customers).await?;
        let first = server.first().await?;
        let folder = tempfile::tempdir()?;
        let mut client = Client::open(folder.path(), &server.url)?;
        client.catch_up().await?;
        let (mut delta, mut nothing, mut push) = (Vec::new(), Vec::new(), Vec::new());
        for round in 1..=TIMES {
            client.put(&changed(round)).await?;
            delta.push(timed(client.catch_up()).await?.1);
            push.push(timed(client.put(&notes(round))).await?.1);
            client.catch_up().await?;
        }
        for _ in 0..NOTHINGS {
            nothing.push(timed(client.catch_up()).await?.1);
        }
        let mut live = live(&server, &mut client).await?;
        let counter = Counter::to(&server.url).await?;
        client.go_to(counter.url());
        client.catch_up().await?;
        counter.take();
        client.catch_up().await?;
        let nothing_bytes = counter.take().sum();
        client.put(&notes(TIMES + 1)).await?;
        let push_bytes = counter.take().sum();
        client.catch_up().await?;
        client.put(&changed(TIMES + 1)).await?;
        counter.take();
        client.catch_up().await?;
        Ok(Self {
            first,
            delta: percentile(&mut delta, 50),
            nothing: percentile(&mut nothing, 50),
            push: percentile(&mut push, 50),
            delta_bytes: counter.take().sum(),
            nothing_bytes,
            push_bytes,
            live_p50: percentile(&mut live, 50),
            live_p99: percentile(&mut live, 99),
        })
    }
}

/// Puts one change after the other, and waits for each in another client.
async fn live(server: &Server, writer: &mut Client) -> Result<Vec<Duration>> {
    let folder = tempfile::tempdir()?;
    let mut reader = Client::open(folder.path(), &server.url)?;
    reader.catch_up().await?;
    let mut times = Vec::new();
    for number in 0..LIVE {
        let start = now();
        let (_, seen) = tokio::try_join!(writer.put_one(note(99, number)), reader.wait())?;
        anyhow::ensure!(seen > 0, "nothing came");
        times.push(start.elapsed());
    }
    Ok(times)
}

fn changed(round: u64) -> Vec<Value> {
    (0..MANY)
        .map(|n| customer(n * 97 % 100_000, round))
        .collect()
}

fn notes(round: u64) -> Vec<Value> {
    (0..MANY).map(|number| note(round, number)).collect()
}
