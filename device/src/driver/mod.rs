//! Keeps the replica up to date: joins, then does what [`sync::Engine`] says, and fetches the recommendations' model,
//! for as long as it runs.
//!
//! Nothing is decided here: when to pull, push, wait, repair or give up is the machine's. This makes its calls, keeps its
//! timers and its stream of pokes, and tells it what came of them.

mod carts;
mod enrol;
mod errand;
mod hands;
mod model;
mod pokes;
mod trouble;

use crate::device::Device;
use hands::Hands;
use std::time::Duration;
use sync::{Engine, Event, View};
use tokio::task::JoinHandle;

/// How patient the driver is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The sync.
    pub sync: sync::Pace,
    /// How often the model is asked for.
    pub model_every: Duration,
    /// How often stock is asked for that this device alone may sell, at most.
    pub carts_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            sync: sync::Pace::default(),
            model_every: Duration::from_secs(180),
            carts_every: Duration::from_secs(5),
        }
    }
}

/// The driver's tasks. Dropping this stops them; whatever they were doing is done again at the next start.
#[derive(Debug)]
pub struct Running(JoinHandle<()>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Starts the driver on the runtime that this is called from. `code` joins a device that has not joined yet; a device
/// that has ignores it.
#[must_use]
pub fn start(device: &Device, code: Option<String>, pace: Pace) -> Running {
    let device = device.clone();
    Running(tokio::spawn(async move { run(&device, code, pace).await }))
}

async fn run(device: &Device, code: Option<String>, pace: Pace) {
    if device.shared().contact.is_revoked() {
        tracing::warn!("this device was revoked: it needs a new folder and a new code");
        return;
    }
    let joined = enrol::until_joined(device, code, pace.sync.backoff()).await;
    if joined.is_ok() {
        tokio::join!(
            drive(device, pace.sync),
            model::run(device, pace),
            carts::run(device, pace)
        );
    }
}

/// Tells the machine what happens, and does what it says.
async fn drive(device: &Device, pace: sync::Pace) {
    let shared = device.shared();
    let mut engine = Engine::new(pace);
    let mut hands = Hands::new(device.clone());
    let mut event = Event::Started;
    loop {
        trouble::log(&event, engine.view().online);
        let instructions = engine.handle(event);
        // First: a screen that is told something asks how things stand.
        turn(device, engine.view());
        for instruction in instructions {
            hands.carry_out(instruction).await;
        }
        event = tokio::select! {
            event = hands.next() => event,
            () = shared.queued.take() => Event::Queued,
        };
    }
}

/// The sync stands like this from now on.
fn turn(device: &Device, now: View) {
    let shared = device.shared();
    let before = shared.contact.stands(now);
    if now.online && !before.online {
        tracing::info!("the cloud answers");
        shared.model_wanted.notify_one();
    }
}

#[cfg(test)]
mod tests;
