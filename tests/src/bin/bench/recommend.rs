//! What a recommendation costs over HTTP: the function alone, as its own program on the demo store, beside a server that
//! says hello, both asked over 16 connections that never rest.

use crate::load::Server;
use aisle_tests::demo;
use aisle_tests::figure::{now, percentile, print, processor_seconds};
use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::routing::post;
use cloud_functions::functions::identity;
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use cloud_functions::services::Services;
use domain::access::{Principal, Role};
use domain::api::identity::{CodeRequest, DeviceKind, EnrolRequest};
use domain::ids::{DeviceId, Sku, StoreId};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// This program as the recommend function.
pub(crate) const RECOMMEND: &str = "serve-recommend";
/// This program as a server that says hello.
pub(crate) const HELLO: &str = "serve-hello";
/// Connections that ask, each as soon as it was answered.
const CONNECTIONS: usize = 16;
/// Requests of one figure.
const REQUESTS: usize = 100_000;
/// Requests before that, so that everything has run once.
const WARM: usize = 10_000;
/// Items that are asked about in turn.
const ITEMS: usize = 64;
/// Customers who are asked about in turn; of every store one in three is another's, who is passed over.
const CUSTOMERS: usize = 256;
const STORE: &str = "1";
const GOAL: &str = "12 us, p99 300 us";

pub(crate) async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    demo::copy_to(folder.path()).await?;
    let services = wiring::open(&DataFolder::open(folder.path())?)?.services;
    let asked = Asked::of(&services).await?;
    drop(services);
    let hello = Server::start(HELLO, None).await?;
    let ours = Server::start(RECOMMEND, Some(folder.path())).await?;
    for (name, bodies) in &asked.bodies {
        let path = format!("/v1/recommend/{name}");
        let baseline = cost(&hello, &asked.requests("/", bodies)).await?;
        let cost = cost(&ours, &asked.requests(&path, bodies)).await?;
        let name = format!("recommend {name} over HTTP, {CONNECTIONS} connections");
        print(&name, &cost, &format!("{baseline} hello"), GOAL);
    }
    Ok(())
}

/// Serves a greeting, until it is killed.
pub(crate) fn serve_hello() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let addr = listener.local_addr()?;
        println!("{}", json!({"ready": true, "addr": addr.to_string()}));
        let router = Router::new().route("/", post(|_body: axum::body::Bytes| async { "Hello!" }));
        Ok(axum::serve(listener, router).await?)
    })
}

/// What is asked, and who asks.
struct Asked {
    token: String,
    bodies: Vec<(&'static str, Vec<Value>)>,
}

impl Asked {
    async fn of(services: &Services) -> Result<Self> {
        let store = StoreId::parse(STORE)?;
        let shown = services.memory.storefront.show(services, &store).await?;
        let skus: Vec<&Sku> = shown.items().map(|item| &item.sku).take(ITEMS).collect();
        let next = skus.windows(3);
        let next = next.map(|session| json!({"session": session, "store": STORE, "limit": 20}));
        let similar = skus.iter();
        let similar = similar.map(|sku| json!({"sku": sku, "store": STORE, "limit": 20}));
        let for_you = customers(services, &store).await?;
        let for_you = for_you.into_iter();
        let for_you = for_you.map(|id| json!({"customer": id, "store": STORE, "limit": 20}));
        Ok(Self {
            token: token(services, &store).await?,
            bodies: vec![
                ("next", next.collect()),
                ("similar", similar.collect()),
                ("for-you", for_you.collect()),
            ],
        })
    }

    /// The bytes of each request.
    fn requests(&self, path: &str, bodies: &[Value]) -> Arc<Vec<Vec<u8>>> {
        let request = |body: &Value| {
            let body = body.to_string();
            let (token, length) = (&self.token, body.len());
            format!(
                "POST {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            )
        };
        Arc::new(
            bodies
                .iter()
                .map(|body| request(body).into_bytes())
                .collect(),
        )
    }
}

/// Customers of the store.
async fn customers(services: &Services, store: &StoreId) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for number in 1..=CUSTOMERS {
        let id = domain::ids::CustomerId::parse(format!("C-{number:05}"))?;
        let known = cloud_functions::people::Known::customer(&*services.ledger, &id).await?;
        let customer = known.and_then(|known| known.customer);
        if customer.is_some_and(|customer| customer.home_store == *store) {
            found.push(id.to_string());
        }
    }
    Ok(found)
}

/// A tablet's.
async fn token(services: &Services, store: &StoreId) -> Result<String> {
    let request = CodeRequest {
        store: store.clone(),
        kind: DeviceKind::Tablet,
    };
    let code = identity::create_code(services, &request).await?.code;
    let nonce = "5eed".repeat(8);
    let joined = identity::enrol(services, &EnrolRequest { code, nonce }).await?;
    let tablet = Principal {
        role: Role::Tablet,
        permissions: Role::Tablet.permissions().to_vec(),
        store: Some(store.clone()),
        device: Some(DeviceId::parse(joined.device.to_string())?),
        associate: None,
        customer: None,
    };
    Ok(identity::mint(services, &tablet).await?.access_token)
}

/// Asks until there are enough answers; what a request cost the server's processor, and how long it took.
async fn cost(server: &Server, requests: &Arc<Vec<Vec<u8>>>) -> Result<String> {
    ask(server, requests, WARM).await?;
    let (before, start) = (processor_seconds(server.process()?)?, now());
    let mut times = ask(server, requests, REQUESTS).await?;
    let (wall, cost) = (
        start.elapsed(),
        processor_seconds(server.process()?)? - before,
    );
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let p99 = percentile(&mut times, 99);
    let p50 = percentile(&mut times, 50);
    Ok(format!(
        "{:.1} us of CPU, p50 {:.0} us, p99 {:.0} us, {:.0} / s",
        cost * 1e6 / REQUESTS as f64,
        micros(p50),
        micros(p99),
        REQUESTS as f64 / wall.as_secs_f64(),
    ))
}

async fn ask(server: &Server, requests: &Arc<Vec<Vec<u8>>>, count: usize) -> Result<Vec<Duration>> {
    let mut connections = JoinSet::new();
    for number in 0..CONNECTIONS {
        let stream = TcpStream::connect(server.addr()).await?;
        stream.set_nodelay(true)?;
        let share = count / CONNECTIONS;
        connections.spawn(converse(stream, requests.clone(), number, share));
    }
    let mut times = Vec::with_capacity(count);
    while let Some(taken) = connections.join_next().await {
        times.extend(taken??);
    }
    Ok(times)
}

async fn converse(
    mut stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    first: usize,
    count: usize,
) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(count);
    let mut buffer = Vec::with_capacity(64 * 1024);
    for request in requests.iter().cycle().skip(first).take(count) {
        let start = now();
        stream.write_all(request).await?;
        buffer.clear();
        while !is_whole(&buffer)? {
            if stream.read_buf(&mut buffer).await? == 0 {
                bail!("the server hung up");
            }
        }
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Whether an answer has come whole; it has to be a 200 that tells its length.
fn is_whole(answer: &[u8]) -> Result<bool> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let Some(end) = end else {
        return Ok(false);
    };
    let (head, body) = answer.split_at(end + 4);
    let head = std::str::from_utf8(head)?;
    if !head.starts_with("HTTP/1.1 200") {
        bail!("{head}{}", String::from_utf8_lossy(body));
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.context("no content-length")?.parse()?;
    Ok(body.len() >= length)
}
