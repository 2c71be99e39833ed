//! The race: who asks, who is polled, and what is heard.

use super::ask::{Ask, What};
use super::client::Client;
use super::provider::Provider;
use super::told::{Decision, Told};
use crate::simulation::calls::{Answer, CallId, Calls, Stand};
use crate::simulation::chance::Chance;
use crate::simulation::clock::{VirtualClock, instant};
use crate::simulation::cloud::Cloud;
use crate::simulation::counts::Counts;
use crate::simulation::gate::Gate;
use crate::simulation::ledger::{Rates, SimulatedLedger, Store};
use crate::simulation::run::Verdict;
use crate::simulation::scenery;
use crate::simulation::trace::Trace;
use crate::simulation::violation::Violation;
use anyhow::{Context, Result};
use cloud_functions::feed::{self, Move};
use cloud_functions::functions::cart;
use cloud_functions::ports::ledger::Condition;
use domain::api::cart::{
    BatchAnswer, CartView, CheckoutAnswer, ClaimAnswer, PayAnswer, ReturnAnswer,
};
use domain::api::sync::{Scope, kind};
use domain::cart::{Channel, Shown};
use domain::ids::DeviceId;
use serde_json::{Value, json, value::to_raw_value};
use std::sync::Arc;

/// Carts that everybody races for.
pub(super) const CARTS: u64 = 3;
/// Items, of each of which there are few.
pub(super) const SKUS: u64 = 4;
/// The store that they are in.
pub(super) const STORE: &str = "1";
/// Instances of the function.
const INSTANCES: usize = 2;
/// Devices; the last is a kiosk.
const DEVICES: usize = 4;
/// Calls that go on at a time.
const MAX_CALLS: usize = 8;

/// Four devices, two instances, one ledger.
pub(super) struct Races {
    /// Milliseconds of virtual time.
    pub now: u64,
    pub chance: Chance,
    pub clients: Vec<Client>,
    /// What is on offer: which cart, and what its device shows.
    pub codes: Vec<(String, Shown)>,
    pub told: Told,
    pub provider: Arc<Provider>,
    pub cloud: Cloud,
    pub violations: Vec<Violation>,
    pub counts: Arc<Counts>,
    pub gate: Arc<Gate>,
    /// Pieces of each item at the beginning.
    pub pieces: Vec<i64>,
    clock: Arc<VirtualClock>,
    trace: Trace,
    calls: Calls,
    running: Vec<(CallId, Option<usize>)>,
    next_call: CallId,
}

impl Races {
    /// Opens the store.
    pub(super) async fn new(store: Store, seed: u64, trace: Trace) -> Result<Self> {
        let (gate, clock) = (Arc::new(Gate::default()), Arc::new(VirtualClock::default()));
        let counts = Arc::new(Counts::default());
        gate.set_open(true);
        let ledger = SimulatedLedger::new(
            store,
            seed ^ 0x51ED,
            gate.clone(),
            counts.clone(),
            Arc::default(),
        );
        let provider = Arc::new(Provider::new(seed ^ 0xCA54, gate.clone(), counts.clone()));
        let mut cloud = Cloud::new(Arc::new(ledger), clock.clone(), seed, None);
        cloud.pay_with(provider.clone());
        cloud.restart(INSTANCES);
        let mut races = Self {
            now: 0,
            chance: Chance::new(seed),
            clients: Vec::new(),
            codes: Vec::new(),
            told: Told::default(),
            provider,
            cloud,
            violations: Vec::new(),
            counts,
            gate: gate.clone(),
            pieces: Vec::new(),
            clock,
            trace,
            calls: Calls::new(gate),
            running: Vec::new(),
            next_call: 0,
        };
        races.open_store().await?;
        Ok(races)
    }

    async fn open_store(&mut self) -> Result<()> {
        let services = self.cloud.services(0).context("there is an instance")?;
        scenery::open_stores(&services).await?;
        for number in 0..DEVICES {
            let id = DeviceId::parse(format!("d{number}"))?;
            let is_kiosk = number + 1 == DEVICES;
            scenery::place_device(&services, &id, is_kiosk, 0, instant(0)).await?;
            let channel = if is_kiosk {
                Channel::Kiosk
            } else {
                Channel::Tablet
            };
            self.clients.push(Client::new(id, channel));
        }
        for number in 0..SKUS {
            let pieces = i64::try_from(2 + self.chance.below(9))?;
            self.pieces.push(pieces);
            let sku = format!("s-{number}");
            let stock =
                json!({"sku": sku, "store": STORE, "on_hand": pieces, "counted_at": instant(0)});
            let moves = [
                price(&sku, 1_000 + 37 * i64::try_from(number)?)?,
                entity(
                    Scope::parse("store/1/inventory").context("a scope")?,
                    kind::STOCK,
                    &format!("{STORE}/{sku}"),
                    &stock,
                )?,
            ];
            feed::publish(&*services.ledger, &services.poke, &moves, &[]).await?;
        }
        Ok(())
    }

    /// Races, comes to rest, and looks.
    pub(super) async fn run(&mut self, operations: u64) -> Result<()> {
        self.gate.set_open(false);
        let rate = |chance: &mut Chance, most| chance.below(most);
        self.cloud.ledger.set_rates(Rates {
            throttled: rate(&mut self.chance, 15),
            done_untold: rate(&mut self.chance, 25),
            lost_untold: rate(&mut self.chance, 25),
            paged: rate(&mut self.chance, 100),
            slow: rate(&mut self.chance, 200),
        });
        let mut asked = 0;
        while asked < operations {
            let may_ask = self.running.len() < MAX_CALLS;
            if may_ask && (self.running.is_empty() || self.chance.permille(120)) {
                asked += u64::from(self.begin()?);
            } else {
                self.go_on()?;
            }
            self.pass();
        }
        self.come_to_rest().await?;
        self.check()
    }

    /// Time passes: mostly little, now and then as much as a lease or a reservation lasts.
    fn pass(&mut self) {
        self.now += match self.chance.below(2_000) {
            0 => 1_000 * self.chance.between(60, 1_200),
            1..=20 => 1_000 * self.chance.between(1, 40),
            _ => self.chance.below(30),
        };
        self.clock.set(self.now);
    }

    /// Time passes by so much.
    pub(super) fn pass_seconds(&mut self, seconds: u64) {
        self.now += 1_000 * seconds;
        self.clock.set(self.now);
    }

    /// Somebody asks something, a price moves, or the upkeep runs. Whether a device asked.
    fn begin(&mut self) -> Result<bool> {
        match self.chance.below(100) {
            0..=2 => return self.move_price().map(|()| false),
            3..=5 => return Ok(self.upkeep()),
            _ => {}
        }
        let client = self.chance.index(self.clients.len());
        let Some(who) = self.clients.get_mut(client) else {
            return Ok(false);
        };
        if let Some((_, ask)) = &who.waits {
            // A second tap, or the network repeats it: nobody hears this answer.
            let ask = ask.clone();
            if self.chance.permille(150) {
                self.counts.fault("request repeated");
                self.start(ask, None);
            }
            return Ok(false);
        }
        let ask = match who.again.take() {
            Some(again) => Some(again),
            None => self.next_ask(client)?,
        };
        let Some(ask) = ask else { return Ok(false) };
        self.counts.add(ask.what.name());
        self.counts.add("operations");
        let at = self.now;
        self.trace
            .add(at, (client, &ask.wire.path, &ask.wire.body), || {
                let body = String::from_utf8_lossy(&ask.wire.body).into_owned();
                format!("d{client} asks {}: {body}", ask.wire.path)
            });
        self.start(ask, Some(client));
        Ok(true)
    }

    pub(super) fn start(&mut self, ask: Ask, client: Option<usize>) {
        self.next_call += 1;
        let id = self.next_call;
        let instance = self.chance.index(INSTANCES);
        if let Some(work) = self.cloud.serve(instance, ask.wire.clone()) {
            self.calls.begin(id, work);
            self.running.push((id, client));
        }
        if let Some(who) = client.and_then(|client| self.clients.get_mut(client)) {
            who.waits = Some((id, ask));
        }
    }

    fn move_price(&mut self) -> Result<()> {
        let sku = format!("s-{}", self.chance.below(SKUS));
        let minor = i64::try_from(self.chance.between(500, 3_000))?;
        if let Some(work) = self.cloud.publish(0, vec![price(&sku, minor)?]) {
            self.next_call += 1;
            self.calls.begin(self.next_call, work);
            self.running.push((self.next_call, None));
        }
        Ok(())
    }

    fn upkeep(&mut self) -> bool {
        if let Some(services) = self.cloud.services(self.chance.index(INSTANCES)) {
            self.next_call += 1;
            self.calls.begin(self.next_call, async move {
                cart::upkeep(services).await;
                Answer {
                    status: 200,
                    body: Vec::new(),
                }
            });
            self.running.push((self.next_call, None));
        }
        false
    }

    /// One of the calls goes on by a turn, or is killed.
    fn go_on(&mut self) -> Result<()> {
        let place = self.chance.index(self.running.len());
        let Some((id, client)) = self.running.get(place).copied() else {
            return Ok(());
        };
        if self.chance.permille(3) {
            self.counts.fault("call killed");
            self.calls.drop_call(id);
            self.running.swap_remove(place);
            self.lose(client);
            return Ok(());
        }
        match self.calls.poll(id) {
            Stand::Answered(answer) => {
                self.running.swap_remove(place);
                let Some(client) = client else { return Ok(()) };
                if self.chance.permille(30) {
                    self.counts.fault("answer lost");
                    self.lose(Some(client));
                    return Ok(());
                }
                self.hear(client, &answer)?;
            }
            Stand::Gone => {
                self.running.swap_remove(place);
            }
            Stand::AtGate | Stand::Parked => {}
        }
        self.look();
        Ok(())
    }

    /// The device hears nothing: mostly it asks again, sometimes it forgets.
    fn lose(&mut self, client: Option<usize>) {
        let asks_again = self.chance.permille(850);
        if let Some(who) = client.and_then(|client| self.clients.get_mut(client)) {
            let ask = who.waits.take().map(|(_, ask)| ask);
            who.again = ask.filter(|_| asks_again);
        }
    }

    /// All calls end, without faults.
    pub(super) fn finish_calls(&mut self) -> Result<()> {
        while !self.running.is_empty() {
            self.go_on()?;
        }
        Ok(())
    }

    fn hear(&mut self, client: usize, answer: &Answer) -> Result<()> {
        let Some(who) = self.clients.get_mut(client) else {
            return Ok(());
        };
        let Some((_, ask)) = who.waits.take() else {
            return Ok(());
        };
        let status = answer.status;
        self.trace.add(self.now, (client, status), || {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            format!("d{client} hears {status} of {}: {body}", ask.wire.path)
        });
        match status {
            200 => {
                let told = self.read(client, &ask, &answer.body);
                let told = told.with_context(|| format!("the answer to {}", ask.wire.path))?;
                if let Err(what) = told {
                    self.violations.push(Violation::new("told", what));
                }
            }
            503 => who.again = Some(ask),
            400..=499 => {
                self.counts.add("refused");
                // How it stands now is what the device looks at next.
                who.views.remove(&ask.cart);
            }
            _ => {
                let what = format!("{status} for {}", ask.wire.path);
                self.violations.push(Violation::new("answer", what));
            }
        }
        Ok(())
    }

    /// Takes in what a 200 says; the inner error is what contradicts what was told before.
    fn read(&mut self, client: usize, ask: &Ask, body: &[u8]) -> Result<Result<(), String>> {
        let mut told = Ok(());
        let view: Option<CartView> = match &ask.what {
            What::Commands(batch) => {
                let answer: BatchAnswer = serde_json::from_slice(body)?;
                for (command, result) in batch.commands.iter().zip(answer.results) {
                    told = told.and(self.told.command(Decision {
                        cart: ask.cart.clone(),
                        command: command.clone(),
                        outcome: result.outcome,
                    }));
                }
                Some(answer.view)
            }
            What::Offer => {
                let shown: Shown = serde_json::from_slice(body)?;
                self.codes.push((ask.cart.clone(), shown));
                None
            }
            What::Claim(secret) => {
                let answer: ClaimAnswer = serde_json::from_slice(body)?;
                let devices = self.told.claims.entry(secret.clone()).or_default();
                devices.insert(ask.wire.token.clone());
                self.counts.add("carts taken over");
                Some(answer.view)
            }
            What::Checkout => self.read_checkout(client, ask, serde_json::from_slice(body)?),
            What::Pay | What::AskPayment => match serde_json::from_slice(body)? {
                PayAnswer::Ordered { order, view } => {
                    told = self.told.order(&order);
                    if let Some(who) = self.clients.get_mut(client) {
                        who.orders.push(*order);
                    }
                    Some(*view)
                }
                PayAnswer::Asked { view, .. }
                | PayAnswer::NotPaid { view }
                | PayAnswer::Refused { view, .. } => Some(*view),
            },
            What::Return => {
                let answer: ReturnAnswer = serde_json::from_slice(body)?;
                let refund = answer.refund;
                let told = (refund.order, refund.total.minor);
                self.told.refunds.insert(refund.id.to_string(), told);
                None
            }
            What::Allot => {
                self.read_allotment(client, serde_json::from_slice(body)?);
                None
            }
            What::Push => {
                told = self.read_push(client, &serde_json::from_slice(body)?)?;
                None
            }
            _ => Some(serde_json::from_slice(body)?),
        };
        if let (Some(view), Some(who)) = (view, self.clients.get_mut(client)) {
            who.see(view);
        }
        Ok(told)
    }

    fn read_checkout(
        &mut self,
        client: usize,
        ask: &Ask,
        answer: CheckoutAnswer,
    ) -> Option<CartView> {
        match answer {
            CheckoutAnswer::Begun { view } => {
                self.counts.add("checkouts begun");
                Some(*view)
            }
            CheckoutAnswer::TotalMoved { view } | CheckoutAnswer::Refused { view, .. } => {
                Some(*view)
            }
            CheckoutAnswer::PricesChanged { changes, version } => {
                let who = self.clients.get_mut(client)?;
                who.changed.insert(ask.cart.clone(), (version, changes));
                None
            }
            CheckoutAnswer::OutOfStock { .. } => {
                self.counts.add("out of stock");
                None
            }
        }
    }

    /// What came of it.
    pub(super) fn verdict(self) -> Verdict {
        Verdict {
            violations: self.violations,
            figures: self.counts.read(),
            steps: self.trace.steps,
            timeless: 0,
            hash: self.trace.hash(),
            lines: self.trace.lines().to_vec(),
        }
    }
}

fn price(sku: &str, minor: i64) -> Result<Move> {
    let body = json!({"sku": sku, "amount": {"minor": minor, "currency": "EUR"}, "valid_from": "2020-01-01T00:00:00Z"});
    entity(Scope::prices(), kind::PRICE, sku, &body)
}

fn entity(scope: Scope, kind: &'static str, id: &str, body: &Value) -> Result<Move> {
    Ok(Move {
        scope,
        kind,
        id: id.to_owned(),
        body: Some(to_raw_value(body)?),
        command: None,
        condition: Condition::Any,
    })
}
