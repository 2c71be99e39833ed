//! The same requests, one after the other, to a cloud on any engine: what it answers, to the byte.
//!
//! Without faults and without anybody beside, nothing but the engine can make a difference.

use super::calls::Answer;
use super::chance::Chance;
use super::clock::{VirtualClock, instant};
use super::cloud::{Cloud, Wire};
use super::counts::Counts;
use super::gate::Gate;
use super::ledger::{SimulatedLedger, Store};
use super::scenery;
use anyhow::{Context, Result};
use cloud_functions::feed::snapshot::{build, tidy};
use domain::api::sync::{BUCKETS, PushResponse, SCHEMA, Scope, Sum};
use domain::ids::DeviceId;
use serde_json::{Value, json};
use std::sync::Arc;

/// Tablets; both of the first store.
const TABLETS: usize = 2;
/// Between two requests, ms.
const STEP_MS: u64 = 1_000;

/// Asks `requests` times on the engine behind `store`, as the seed has it; the statuses and bodies of the answers.
pub(super) async fn answers(
    store: Store,
    seed: u64,
    requests: usize,
) -> Result<Vec<(u16, Vec<u8>)>> {
    let mut asker = Asker::new(store, seed).await?;
    let mut answers = Vec::with_capacity(requests);
    for number in 0..requests {
        asker.clock.set(STEP_MS * (number as u64 + 1));
        let answer = asker.step().await?;
        answers.push((answer.status, answer.body));
    }
    Ok(answers)
}

struct Asker {
    cloud: Cloud,
    clock: Arc<VirtualClock>,
    chance: Chance,
    tablets: Vec<(DeviceId, u64)>,
}

impl Asker {
    async fn new(store: Store, seed: u64) -> Result<Self> {
        let (gate, clock) = (Arc::new(Gate::default()), Arc::new(VirtualClock::default()));
        gate.set_open(true);
        let counts = Arc::new(Counts::default());
        let ledger = SimulatedLedger::new(store, seed, gate, counts, Arc::default());
        let mut cloud = Cloud::new(Arc::new(ledger), clock.clone(), seed, None);
        cloud.restart(1);
        let services = cloud.services(0).context("there is an instance")?;
        scenery::open_stores(&services).await?;
        let mut tablets = Vec::new();
        for number in 0..TABLETS {
            let id = DeviceId::parse(format!("d-{number}"))?;
            scenery::place_device(&services, &id, false, 0, instant(0)).await?;
            tablets.push((id, 0));
        }
        let chance = Chance::new(seed);
        Ok(Self {
            cloud,
            clock,
            chance,
            tablets,
        })
    }

    async fn step(&mut self) -> Result<Answer> {
        match self.chance.below(10) {
            0..=3 => self.push().await,
            4..=6 => self.pull().await,
            7 => self.change().await,
            8 => self.repair().await,
            _ => self.compact().await,
        }
    }

    async fn ask(&self, tablet: usize, path: &str, body: &Value) -> Result<Answer> {
        let (id, _) = self.tablets.get(tablet).context("a tablet")?;
        let wire = Wire {
            method: "POST",
            path: path.to_owned(),
            token: id.to_string(),
            body: body.to_string().into_bytes(),
        };
        Ok(self.cloud.serve(0, wire).context("an instance")?.await)
    }

    /// Some commands: mostly the next ones, at times repeated or too early.
    async fn push(&mut self) -> Result<Answer> {
        let tablet = self.chance.index(TABLETS);
        let (id, last) = self.tablets.get(tablet).context("a tablet")?.clone();
        let first = match self.chance.below(8) {
            0 => last.max(1),
            1 => last + 2,
            _ => last + 1,
        };
        let until = first + 1 + self.chance.below(4);
        let commands: Vec<Value> = (first..until)
            .map(|cseq| Self::command(tablet, cseq))
            .collect();
        let body =
            json!({"device": id, "schema": SCHEMA, "first_cseq": first, "commands": commands});
        let answer = self.ask(tablet, "/v1/sync/push", &body).await?;
        if answer.status == 200 {
            let decided: PushResponse = serde_json::from_slice(&answer.body)?;
            self.tablets.get_mut(tablet).context("a tablet")?.1 = decided.last_cseq;
        }
        Ok(answer)
    }

    /// A command on a few notes that everybody changes; the same number is the same command.
    fn command(tablet: usize, cseq: u64) -> Value {
        let mut of = Chance::new((tablet as u64) << 32 | cseq);
        let (note, base) = (format!("n-{}", of.below(12)), 1 + of.below(3));
        let (customer, author) = (scenery::customer(0, of.below(4)), scenery::associate(0));
        let at = instant(of.below(1_000_000));
        let (kind, version, args) = match of.below(4) {
            0 => (
                "note.add",
                1,
                json!({"id": note, "customer": customer, "text": "old", "author": author, "written_at": at}),
            ),
            1 => (
                "note.change",
                1,
                json!({"id": note, "customer": customer, "base": base, "text": "new", "pinned": true, "author": author}),
            ),
            2 => (
                "note.remove",
                1,
                json!({"id": note, "customer": customer, "base": base, "author": author}),
            ),
            _ => (
                "note.add",
                2,
                json!({"id": note, "customer": customer, "text": "x", "pinned": false, "author": author, "written_at": at}),
            ),
        };
        json!({"cseq": cseq, "id": format!("k-{tablet}-{cseq}"), "kind": kind, "version": version, "args": args, "issued_at_device": at})
    }

    async fn pull(&mut self) -> Result<Answer> {
        let mut cursors = serde_json::Map::new();
        for scope in scopes()? {
            if self.chance.permille(700) {
                let cursor = json!({"epoch": 1, "seq": self.chance.below(30)});
                cursors.insert(scope.to_string(), cursor);
            }
        }
        let (limit, verify) = (1 + self.chance.below(40), self.chance.permille(300));
        let body = json!({"schema": SCHEMA, "cursors": cursors, "limit": limit, "wait_ms": 0, "verify": verify});
        self.ask(0, "/v1/sync/pull", &body).await
    }

    async fn change(&mut self) -> Result<Answer> {
        let (what, pick) = (self.chance.below(6), self.chance.below(1_000));
        let moved = if self.chance.permille(200) {
            scenery::delete(0, what, pick)?
        } else {
            scenery::change(0, what, pick, self.chance.below(1_000_000))?
        };
        let changed = self.cloud.publish(0, vec![moved]);
        Ok(changed.context("an instance")?.await)
    }

    /// The bucket sums of somebody who holds nothing, at some cursor.
    async fn repair(&mut self) -> Result<Answer> {
        let scopes = scopes()?;
        let scope = scopes.get(self.chance.index(scopes.len()));
        let cursor = json!({"epoch": 1, "seq": self.chance.below(40)});
        let sums = vec![Sum::default(); BUCKETS];
        let body = json!({"schema": SCHEMA, "scope": scope, "cursor": cursor, "sums": sums});
        self.ask(1, "/v1/sync/repair", &body).await
    }

    async fn compact(&mut self) -> Result<Answer> {
        let services = self.cloud.services(0).context("an instance")?;
        let mut body = Vec::new();
        for scope in scopes()? {
            let built = build(&*services.ledger, &scope).await?;
            tidy(&*services.ledger, &scope).await?;
            body.extend(format!("{built:?}\n").into_bytes());
        }
        Ok(Answer { status: 200, body })
    }
}

/// The scopes that are asked for.
fn scopes() -> Result<Vec<Scope>> {
    let store = scenery::store_id(0)?;
    Ok(vec![
        Scope::customers(&store),
        Scope::inventory(&store),
        Scope::team(&store),
        Scope::prices(),
    ])
}
