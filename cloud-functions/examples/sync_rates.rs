//! How quick the cloud's side of sync is, over the real router and an SQLite ledger in a temporary folder.
//!
//! `cargo run --release -p cloud-functions --example sync_rates [customers]`

#![allow(
    clippy::disallowed_methods,
    reason = "a program that measures reads the clock"
)]

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use cloud_functions::feed::{self, Move};
use cloud_functions::functions::{identity, sync};
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use cloud_functions::ports::ledger::Condition;
use cloud_functions::services::Services;
use domain::access::Principal;
use domain::api::identity::{CodeRequest, DeviceKind, EnrolRequest, Enrolment};
use domain::api::sync::{
    BUCKETS, Command, MAX_CHANGES, MAX_COMMANDS, Manifest, PullRequest, PushRequest, RepairRequest,
    SCHEMA, Scope, Sum, command, kind,
};
use domain::ids::{CommandId, StoreId};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;
use tower::ServiceExt;

const COMMANDS: u64 = 1_000;
const CUSTOMERS: u64 = 500;
/// As many as in the comparison with peers.
const MANY: u64 = 100_000;

/// A tablet of a store, and the routes that it calls.
struct Tablet {
    services: Services,
    router: Router,
    device: Enrolment,
    bearer: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wired = wiring::open(&DataFolder::open(folder.path())?)?;
    let tablet = Tablet::enrol(wired.services).await?;
    tablet.fill().await?;
    push(&tablet).await?;
    pull_nothing(&tablet).await?;
    let count = std::env::args()
        .nth(1)
        .map_or(Ok(MANY), |count| count.parse())?;
    first_sync(&tablet, count).await
}

impl Tablet {
    async fn enrol(services: Services) -> Result<Self> {
        let store = StoreId::parse("1")?;
        let body = json!({"id": store, "name": "Aisle", "country": "PT", "locale": "pt-PT", "zone": "Europe/Lisbon", "currency": "EUR"});
        let scope = Scope::inventory(&store);
        publish(&services, vec![moved(&scope, kind::STORE, "1", &body)?]).await?;
        let request = CodeRequest {
            store,
            kind: DeviceKind::Tablet,
        };
        let code = identity::create_code(&services, &request).await?.code;
        let nonce = "0123456789abcdef0123456789abcdef".to_owned();
        let device = identity::enrol(&services, &EnrolRequest { code, nonce }).await?;
        let role = device.kind.role();
        let principal = Principal {
            role,
            permissions: role.permissions().to_vec(),
            store: Some(device.store.clone()),
            device: Some(device.device.clone()),
            associate: None,
            customer: None,
        };
        let token = identity::mint(&services, &principal).await?.access_token;
        Ok(Self {
            router: sync::routes(services.clone()).build().0,
            services,
            device,
            bearer: format!("Bearer {token}"),
        })
    }

    async fn fill(&self) -> Result<()> {
        let store = &self.device.store;
        let body =
            json!({"id": "a", "name": "Rui", "role": "associate", "store": store, "pin_hash": ""});
        let team = moved(&Scope::team(store), kind::ASSOCIATE, "a", &body)?;
        publish(&self.services, vec![team]).await?;
        let scope = Scope::customers(store);
        let customers = (0..CUSTOMERS).map(|n| {
            let id = format!("c-{n}");
            let body = json!({"id": id, "name": {"given": "Ana"}, "home_store": store});
            moved(&scope, kind::CUSTOMER, &id, &body)
        });
        publish(&self.services, customers.collect::<Result<_>>()?).await
    }

    /// Posts what is packed; answers the bytes of the answer.
    async fn post(&self, path: &str, packed: Vec<u8>) -> Result<Vec<u8>> {
        let request = Request::post(path)
            .header("content-type", "application/json")
            .header("content-encoding", "zstd");
        self.send(request, Body::from(packed)).await
    }

    async fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.send(Request::get(path), Body::empty()).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body) -> Result<Vec<u8>> {
        let request = request
            .header("authorization", &self.bearer)
            .header("accept-encoding", "zstd")
            .body(body)?;
        let answer = self.router.clone().oneshot(request).await?;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 64 << 20).await?.to_vec();
        ensure!(
            status.is_success(),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }
}

fn moved(scope: &Scope, kind: &'static str, id: &str, body: &impl Serialize) -> Result<Move> {
    Ok(Move {
        scope: scope.clone(),
        kind,
        id: id.to_owned(),
        body: Some(serde_json::value::to_raw_value(body)?),
        command: None,
        condition: Condition::Any,
    })
}

async fn publish(services: &Services, moves: Vec<Move>) -> Result<()> {
    for chunk in moves.chunks(feed::MAX_PUBLISH) {
        feed::publish(&*services.ledger, &services.poke, chunk, &[]).await?;
    }
    Ok(())
}

fn pack(value: &impl Serialize) -> Result<Vec<u8>> {
    Ok(zstd::bulk::compress(&serde_json::to_vec(value)?, 3)?)
}

fn add(services: &Services, cseq: u64) -> Result<Command> {
    let id = || services.ids.uuid(services.clock.now()).to_string();
    let customer = format!("c-{}", cseq % CUSTOMERS);
    let note = json!({"id": id(), "customer": customer, "text": format!("Asked for the green one in size {}", cseq % 40), "author": "a", "written_at": services.clock.now(), "pinned": false});
    Ok(Command {
        cseq,
        id: CommandId::parse(id())?,
        kind: command::NOTE_ADD.to_owned(),
        version: 1,
        args: serde_json::value::to_raw_value(&note)?,
        issued_at_device: services.clock.now(),
    })
}

async fn push(tablet: &Tablet) -> Result<()> {
    let commands = (1..=COMMANDS).map(|cseq| add(&tablet.services, cseq));
    let commands: Vec<Command> = commands.collect::<Result<_>>()?;
    let (mut up, mut down) = (0, 0);
    let started = Instant::now();
    for chunk in commands.chunks(MAX_COMMANDS) {
        let packed = pack(&PushRequest {
            device: tablet.device.device.clone(),
            schema: SCHEMA,
            first_cseq: chunk.first().context("never empty")?.cseq,
            commands: chunk.to_vec(),
        })?;
        up += packed.len();
        down += tablet.post("/v1/sync/push", packed).await?.len();
    }
    let took = started.elapsed().as_millis();
    let each = |bytes: usize| bytes as u64 / COMMANDS;
    println!(
        "push of {COMMANDS}: {took} ms, {} B up and {} B down each",
        each(up),
        each(down)
    );
    Ok(())
}

async fn pull_nothing(tablet: &Tablet) -> Result<()> {
    let mut request = PullRequest {
        schema: SCHEMA,
        cursors: BTreeMap::new(),
        limit: MAX_CHANGES,
        wait_ms: 0,
        verify: false,
    };
    let services = &tablet.services;
    for scope in sync::granted(tablet.device.kind, &tablet.device.store) {
        let head = feed::read_head(&*services.ledger, &scope).await?;
        let at = domain::api::sync::Cursor {
            epoch: head.epoch,
            seq: head.seq,
        };
        request.cursors.insert(scope, at);
    }
    let packed = pack(&request)?;
    let up = packed.len();
    let started = Instant::now();
    let down = tablet.post("/v1/sync/pull", packed).await?.len();
    let took = started.elapsed().as_micros();
    println!("nothing to do: {took} µs, {up} B up and {down} B down");
    Ok(())
}

/// A scope of so many customers of some 270 bytes: built into a snapshot, then fetched whole.
async fn first_sync(tablet: &Tablet, count: u64) -> Result<()> {
    let scope = Scope::customers(&tablet.device.store);
    let started = Instant::now();
    for from in (0..count).step_by(feed::MAX_PUBLISH) {
        let numbers = from..count.min(from + feed::MAX_PUBLISH as u64);
        let customers = numbers.map(|n| customer(tablet, &scope, n));
        publish(&tablet.services, customers.collect::<Result<_>>()?).await?;
    }
    println!(
        "{count} customers told: {} ms",
        started.elapsed().as_millis()
    );
    let started = Instant::now();
    sync::compact(&tablet.services, &scope).await?;
    println!("compacted: {} ms", started.elapsed().as_millis());
    let head = feed::read_head(&*tablet.services.ledger, &scope).await?;
    let at = head.snapshot.context("it was due")?;
    let name = scope.as_str().replace('/', "%2F");
    let path = format!("/v1/sync/snapshot/{name}/{}/{}", head.epoch, at.seq);
    let started = Instant::now();
    let manifest = tablet.get(&path).await?;
    let mut bytes = manifest.len();
    let manifest: Manifest = serde_json::from_slice(&zstd::decode_all(&*manifest)?)?;
    let parts = manifest.parts.len();
    for part in 0..parts {
        bytes += tablet.get(&format!("{path}/{part}")).await?.len();
    }
    let took = started.elapsed().as_millis();
    println!(
        "{} rows in {parts} parts: {took} ms, {bytes} B",
        at.sum.rows
    );
    repair(tablet, manifest).await
}

fn customer(tablet: &Tablet, scope: &Scope, n: u64) -> Result<Move> {
    let id = tablet
        .services
        .ids
        .uuid(tablet.services.clock.now())
        .to_string();
    let body = json!({"id": id, "name": {"given": format!("Given{}", n % 997), "family": format!("Family{}", n % 7_919)}, "phone": format!("+3519{:08}", n * 7_919 % 100_000_000), "email": format!("person{n}@example.org"), "card": format!("{n:013}"), "home_store": tablet.device.store, "tier": "silver", "points": n % 5_000});
    moved(scope, kind::CUSTOMER, &id, &body)
}

/// A copy that holds nothing: the most that can be asked.
async fn repair(tablet: &Tablet, manifest: Manifest) -> Result<()> {
    let request = RepairRequest {
        schema: SCHEMA,
        scope: manifest.scope,
        cursor: manifest.cursor,
        sums: vec![Sum::default(); BUCKETS],
    };
    let started = Instant::now();
    let answered = tablet.post("/v1/sync/repair", pack(&request)?).await;
    let told = match answered {
        Ok(answer) => format!("{} B", answer.len()),
        Err(refused) => format!("refused, {refused:#}"),
    };
    println!(
        "repair of a copy that holds nothing: {} ms, {told}",
        started.elapsed().as_millis()
    );
    Ok(())
}
