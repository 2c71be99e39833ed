//! Does what the machine says: errands, timers and the stream of pokes, each a task of its own.

use super::{errand, pokes};
use crate::device::Device;
use crate::keepsakes::REVOKED;
use std::collections::BTreeMap;
use std::time::Duration;
use sync::{Event, Instruction, Replica, ReplicaError, Timer};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

/// Pokes that wait to be heard. One that finds no room says nothing that those before it do not.
const POKES: usize = 8;

/// What is under way. Dropping this stops it.
pub(super) struct Hands {
    device: Device,
    tasks: JoinSet<Option<Event>>,
    timers: BTreeMap<Timer, AbortHandle>,
    poke: mpsc::Sender<Event>,
    pokes: mpsc::Receiver<Event>,
}

impl Hands {
    pub(super) fn new(device: Device) -> Self {
        let (poke, pokes) = mpsc::channel(POKES);
        Self {
            device,
            tasks: JoinSet::new(),
            timers: BTreeMap::new(),
            poke,
            pokes,
        }
    }

    /// Begins what is said; what takes no time is done when this returns.
    pub(super) async fn carry_out(&mut self, instruction: Instruction) {
        let shared = self.device.shared();
        match instruction {
            Instruction::Run(errand) => {
                let device = self.device.clone();
                self.tasks
                    .spawn(async move { Some(errand::run(device, errand).await) });
            }
            Instruction::Wake { timer, after_ms } => self.set(timer, after_ms),
            Instruction::Listen => {
                let (device, poke) = (self.device.clone(), self.poke.clone());
                self.tasks.spawn(async move {
                    let chance = device.shared().ports.chance();
                    pokes::hear(&device, &poke).await;
                    // After the pokes that were heard.
                    let _ = poke.send(Event::Deaf { chance }).await;
                    None
                });
            }
            Instruction::Heard => shared.contact.heard(shared.now()),
            Instruction::Tell(signal) => shared.signals.send(signal),
            Instruction::Purge => purge(&self.device).await,
        }
    }

    fn set(&mut self, timer: Timer, after_ms: u64) {
        let fires = self.tasks.spawn(async move {
            tokio::time::sleep(Duration::from_millis(after_ms)).await;
            Some(Event::Fired(timer))
        });
        if let Some(earlier) = self.timers.insert(timer, fires) {
            earlier.abort();
        }
    }

    /// What happens next. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            tokio::select! {
                Some(event) = self.pokes.recv() => return event,
                Some(done) = self.tasks.join_next() => match done {
                    Ok(Some(event)) => return event,
                    Ok(None) => {}
                    // A timer that was set anew.
                    Err(error) if error.is_cancelled() => {}
                    Err(error) => tracing::error!(%error, "a task of the sync broke off"),
                },
                else => std::future::pending().await,
            }
        }
    }
}

/// Signs out and deletes every row that was granted.
async fn purge(device: &Device) {
    let shared = device.shared();
    tracing::warn!("this device was revoked: everything that it was granted is deleted");
    shared.session.clear();
    let purged: Result<(), ReplicaError> = device
        .replica(|replica: &Replica| {
            // First: a kill in between must not leave a device that goes on as if nothing had happened.
            REVOKED.keep(replica, &true)?;
            replica.purge()
        })
        .await;
    if let Err(error) = purged {
        tracing::error!(%error, "not everything could be deleted");
    }
}
