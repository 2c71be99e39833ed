//! One run: everything that happens is due at an instant of virtual time, and happens one after the other.

use super::calls::{CallId, Calls, Stand};
use super::chance::Chance;
use super::clock::{VirtualClock, instant};
use super::cloud::Cloud;
use super::counts::Counts;
use super::device::{Device, make_template};
use super::drive::Driver;
use super::ears::{Inbox, Said};
use super::flight::{Flight, FlightId, Heard, Letter};
use super::gate::Gate;
use super::history::{History, Status};
use super::ledger::{Model, SimulatedLedger, Store};
use super::plan::{Action, Plan, SECOND};
use super::scenery;
use super::sessions::Sessions;
use super::trace::Trace;
use super::violation::Violation;
use anyhow::{Context, Result};
use cloud_functions::feed::Move;
use cloud_functions::ports::poke::Poke;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use sync::Timer;
use tempfile::TempDir;

/// How long answers may be on their way, ms.
const HAUNTED_MS: u64 = 150_000;

/// Steps for each device after which a run is taken for one that never ends.
const MAX_STEPS: u64 = 80_000;

/// What is due.
#[derive(Debug)]
pub(super) enum Due {
    /// Something of the plan.
    Act(Action),
    /// A request arrives at an instance.
    Arrive(Letter),
    /// A call goes on.
    Go(CallId),
    /// A device hears of its request.
    Hear(FlightId, Heard),
    /// A timer of a device runs out.
    Fire {
        device: usize,
        life: u64,
        timer: Timer,
    },
    /// A device that was down starts.
    Start(usize),
    /// A device's disk has room again.
    Empty(usize),
    /// A device hears something of its stream of pokes.
    Ear {
        device: usize,
        life: u64,
        said: Said,
    },
    /// Only the time moves on: somebody in the cloud waits for it.
    Tick,
    /// Calm begins.
    Rest,
    /// Whether all is at rest by now.
    Look,
}

/// What a call of the cloud is for.
#[derive(Debug)]
pub(super) enum Work {
    /// For a device's request; `None` where nobody waits for the answer.
    Answer(Option<FlightId>),
    /// Another function changes something; it tries again until it is done.
    Change(Vec<Move>),
    /// A device listens.
    Ear { device: usize, life: u64 },
    /// Somebody who runs the system does something, once.
    Operate,
}

/// A run.
pub(super) struct World {
    pub(super) plan: Plan,
    pub(super) now: u64,
    due: BTreeMap<(u64, u64), Due>,
    tie: u64,
    pub(super) chance: Chance,
    pub(super) gate: Arc<Gate>,
    pub(super) counts: Arc<Counts>,
    pub(super) history: Arc<Mutex<History>>,
    clock: Arc<VirtualClock>,
    pub(super) cloud: Cloud,
    pub(super) calls: Calls,
    pub(super) work: BTreeMap<CallId, Work>,
    pub(super) next_call: CallId,
    pub(super) inbox: Inbox,
    pub(super) flights: BTreeMap<FlightId, Flight>,
    pub(super) next_flight: FlightId,
    pub(super) devices: Vec<Device>,
    pub(super) drivers: Vec<Driver>,
    pub(super) backup: Option<(Model, History)>,
    /// When the cloud's ledger was last put back, ms.
    pub(super) restored_at: Option<u64>,
    /// What the cloud decided and, put back, may know nothing of.
    pub(super) decided_before: BTreeMap<String, Status>,
    /// What people wrote and saw.
    pub(super) sessions: Sessions,
    /// Effects on devices so far.
    pub(super) effects: u64,
    pub(super) is_calm: bool,
    pub(super) rest_from: u64,
    pub(super) is_over: bool,
    pub(super) trace: Trace,
    pub(super) violations: Vec<Violation>,
    pub(super) template: PathBuf,
    /// Kept to the end: the devices' files.
    _folder: TempDir,
}

impl World {
    /// A world as the plan has it, on a ledger of a kind, before anything happened.
    pub(super) async fn new(plan: Plan, store: Store, trace: Trace) -> Result<Self> {
        let folder = folder()?;
        let template = make_template(folder.path())?;
        let (gate, counts) = (Arc::new(Gate::default()), Arc::new(Counts::default()));
        let history = Arc::new(Mutex::new(History::default()));
        let clock = Arc::new(VirtualClock::default());
        let ledger = SimulatedLedger::new(
            store,
            plan.seed,
            gate.clone(),
            counts.clone(),
            history.clone(),
        );
        let pokes = plan.shared_pokes.then(Poke::default);
        let cloud = Cloud::new(Arc::new(ledger), clock.clone(), plan.seed, pokes);
        let devices = plan.devices.iter().enumerate().map(|(index, cast)| {
            Device::new(
                &format!("d-{index}"),
                cast.is_kiosk,
                cast.store,
                folder.path(),
            )
        });
        let devices = devices.collect::<Result<Vec<_>>>()?;
        let mut world = Self {
            now: 0,
            due: BTreeMap::new(),
            tie: 0,
            chance: Chance::new(plan.seed),
            calls: Calls::new(gate.clone()),
            gate,
            counts,
            history,
            clock,
            cloud,
            work: BTreeMap::new(),
            next_call: 0,
            inbox: Inbox::default(),
            flights: BTreeMap::new(),
            next_flight: 0,
            drivers: devices.iter().map(|_| Driver::default()).collect(),
            devices,
            backup: None,
            restored_at: None,
            decided_before: BTreeMap::new(),
            sessions: Sessions::default(),
            effects: 0,
            is_calm: false,
            rest_from: 0,
            is_over: false,
            trace,
            violations: Vec::new(),
            template,
            _folder: folder,
            plan,
        };
        world.set_up().await?;
        world.back_up()?;
        Ok(world)
    }

    async fn set_up(&mut self) -> Result<()> {
        self.cloud.restart(self.plan.instances);
        self.gate.set_open(true);
        let services = self.cloud.services(0).context("there is an instance")?;
        scenery::open_stores(&services).await?;
        for device in &self.devices {
            let (id, store) = (&device.id, device.store);
            scenery::place_device(&services, id, device.is_kiosk, store, instant(0)).await?;
        }
        self.gate.set_open(false);
        self.cloud.ledger.set_rates(self.plan.ledger);
        for (index, cast) in self.plan.devices.clone().iter().enumerate() {
            self.at(cast.from_ms, Due::Start(index));
        }
        for (at, action) in self.plan.actions.clone() {
            self.at(at, Due::Act(action));
        }
        self.at(self.plan.until_ms, Due::Rest);
        Ok(())
    }

    /// Runs to the end.
    pub(super) async fn run(&mut self) -> Result<()> {
        while !self.is_over {
            let Some(((at, _), due)) = self.due.pop_first() else {
                break;
            };
            self.advance(at).await;
            self.step(due).await?;
            for call in self.calls.woken() {
                self.after(0, Due::Go(call));
            }
            self.take_violations();
            if self.trace.steps > MAX_STEPS * self.devices.len() as u64 {
                let what = format!("not at rest after {} steps", self.trace.steps);
                self.violations.push(Violation::new("i20", what));
            }
            self.is_over |= !self.violations.is_empty();
        }
        Ok(())
    }

    async fn advance(&mut self, at: u64) {
        let passed = at.saturating_sub(self.now);
        if passed > 0 {
            self.now = at;
            self.clock.set(at);
            tokio::time::advance(Duration::from_millis(passed)).await;
            for call in self.calls.woken() {
                self.after(0, Due::Go(call));
            }
        }
    }

    async fn step(&mut self, due: Due) -> Result<()> {
        match due {
            Due::Act(action) => self.act(action).await,
            Due::Arrive(letter) => self.arrive(letter),
            Due::Go(call) => self.go(call),
            Due::Hear(flight, heard) => self.hear(flight, heard),
            Due::Fire {
                device,
                life,
                timer,
            } => self.fire(device, life, timer),
            Due::Start(device) => self.start(device),
            Due::Empty(device) => self.set_full(device, false),
            Due::Ear { device, life, said } => self.hear_ear(device, life, said),
            Due::Tick => Ok(()),
            Due::Rest => self.rest().await,
            Due::Look => self.look().await,
        }
    }

    /// Something is due at an instant; what is due at the same comes in any order.
    pub(super) fn at(&mut self, at: u64, due: Due) {
        self.tie += 1;
        let tie = (self.chance.draw() << 32) | self.tie;
        self.due.insert((at.max(self.now), tie), due);
    }

    /// Something is due after so many milliseconds.
    pub(super) fn after(&mut self, ms: u64, due: Due) {
        self.at(self.now + ms, due);
    }

    /// A call of the cloud begins.
    pub(super) fn begin(
        &mut self,
        work: Work,
        call: impl Future<Output = super::calls::Answer> + Send + 'static,
    ) {
        self.next_call += 1;
        let id = self.next_call;
        self.calls.begin(id, call);
        self.work.insert(id, work);
        self.after(0, Due::Go(id));
    }

    fn go(&mut self, call: CallId) -> Result<()> {
        let stand = self.calls.poll(call);
        self.carry_pokes();
        let now = self.now;
        match stand {
            Stand::AtGate => {
                // Mostly a few milliseconds, now and then much more than others.
                let most = if self.chance.permille(50) { 900 } else { 12 };
                let ms = 1 + self.chance.below(most);
                self.after(ms, Due::Go(call));
            }
            Stand::Parked | Stand::Gone => {}
            Stand::Answered(answer) => {
                self.trace
                    .add(now, (1, call, answer.status, &answer.body), || {
                        format!(
                            "call {call} answers {} with {} bytes",
                            answer.status,
                            answer.body.len()
                        )
                    });
                match self.work.remove(&call) {
                    Some(Work::Answer(Some(flight))) => self.answered(flight, answer),
                    Some(Work::Change(moves)) if answer.status != 200 => {
                        self.change(moves)?;
                    }
                    Some(Work::Ear { device, life }) => {
                        let said = Said::Over;
                        self.after(5, Due::Ear { device, life, said });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Another function changes entities.
    pub(super) fn change(&mut self, moves: Vec<Move>) -> Result<()> {
        let instance = self.chance.index(self.cloud.instances());
        if let Some(call) = self.cloud.publish(instance, moves.clone()) {
            self.begin(Work::Change(moves), call);
        }
        Ok(())
    }

    /// The cloud's instances end and start anew.
    pub(super) fn restart_cloud(&mut self, instances: usize) -> Result<()> {
        let mut again = Vec::new();
        for call in self.calls.drop_all() {
            match self.work.remove(&call) {
                Some(Work::Answer(Some(flight))) => {
                    self.after(5, Due::Hear(flight, Heard::Nothing));
                }
                Some(Work::Change(moves)) => again.push(moves),
                Some(Work::Ear { device, life }) => {
                    let said = Said::Over;
                    self.after(5, Due::Ear { device, life, said });
                }
                _ => {}
            }
        }
        self.cloud.restart(instances);
        // Whatever sets other functions off comes again.
        again.into_iter().try_for_each(|moves| self.change(moves))
    }

    /// What was done so far, and how often what was written was looked at.
    pub(super) fn figures(&self) -> super::counts::Figures {
        let mut figures = self.counts.read();
        let looks = self.history().looks;
        for (name, looked) in ["i03", "i05", "i08", "i09", "i13"].into_iter().zip(looks) {
            *figures.checks.entry(name).or_default() += looked;
        }
        figures.done.insert("steps", self.trace.steps);
        figures
    }

    pub(super) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_violations(&mut self) {
        let found = std::mem::take(&mut self.history().violations);
        self.violations.extend(found);
    }

    /// An invariant does not hold.
    pub(super) fn violate(&mut self, invariant: &'static str, what: String) {
        self.violations.push(Violation::new(invariant, what));
    }

    /// Whether answers from before the cloud was put back may still be on their way.
    pub(super) fn is_haunted(&self) -> bool {
        self.restored_at
            .is_some_and(|at| self.now < at + HAUNTED_MS)
    }

    /// How long calm may take, ms: a device compares all that it holds each 32 pulls, and pulls each minute.
    pub(super) const fn patience() -> u64 {
        3_600 * SECOND
    }
}

/// In memory where the machine has a file system there: a run writes much and keeps nothing.
fn folder() -> Result<TempDir> {
    let shared = std::path::Path::new("/dev/shm");
    let builder = &mut tempfile::Builder::new();
    let builder = builder.prefix("aisle-simulation-");
    match builder.tempdir_in(shared) {
        Ok(folder) => Ok(folder),
        Err(_) => Ok(builder.tempdir()?),
    }
}
