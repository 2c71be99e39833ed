//! Pulls: asks for what is new, waits in the cloud where nothing is, applies what comes.

use super::backoff::Backoff;
use super::{Pace, StepError};
use crate::contact::Turn;
use crate::device::{Device, Shared};
use chrono::TimeDelta;
use std::time::Duration;
use sync::{Applied, decode_answer, read_page};

/// A cloud that answers "nothing" sooner than it was asked to is asked again after this pause only.
const PAUSE: Duration = Duration::from_millis(500);
/// What counts as sooner.
const SOON: TimeDelta = TimeDelta::milliseconds(500);

pub(super) async fn run(device: &Device, pace: Pace) {
    let shared = device.shared();
    let mut backoff = Backoff::new(pace);
    // The first answer is wanted at once, to know whether the cloud is there.
    let mut wait_ms = 0;
    let mut held = Applied::default();
    loop {
        let asked_at = shared.now();
        match pull(device, wait_ms).await {
            Ok(applied) => {
                backoff.reset();
                let turn = shared.heard();
                let idle = applied.changes == 0 && !applied.more;
                let soon = shared.now() - asked_at < SOON;
                let waited_ms =
                    std::mem::replace(&mut wait_ms, if applied.more { 0 } else { pace.wait_ms });
                tell(shared, &mut held, applied, turn);
                if idle && soon && waited_ms > 0 {
                    tokio::time::sleep(PAUSE.min(Duration::from_millis(waited_ms))).await;
                }
            }
            Err(error) => {
                shared.failed("pull", &error);
                wait_ms = 0;
                tokio::time::sleep(backoff.next(shared.ports.random.bytes())).await;
            }
        }
    }
}

async fn pull(device: &Device, wait_ms: u64) -> Result<Applied, StepError> {
    let request = device
        .replica(move |replica| replica.next_pull(wait_ms))
        .await?;
    let bytes = device.shared().cloud.pull(&request).await?;
    let page = tokio::task::spawn_blocking(move || read_page(decode_answer(&bytes)?)).await??;
    Ok(device.replica(move |replica| replica.apply(&page)).await?)
}

/// Tells screens what changed; while more is to come, only that something does.
fn tell(shared: &Shared, held: &mut Applied, applied: Applied, turn: Turn) {
    let moved = applied.changes > 0 || applied.confirmed > 0 || !applied.purged.is_empty();
    let more = applied.more;
    held.everything |= applied.everything;
    held.customers.extend(applied.customers);
    if !more {
        let held = std::mem::take(held);
        if held.everything {
            shared.signals.everything();
        } else {
            for customer in held.customers {
                shared.signals.customer(customer);
            }
        }
    }
    // The age on every screen moved, too: it is told with each answer that a long poll gave, and not more often.
    if turn == Turn::Same && (moved || !more) {
        shared.signals.status();
    }
}
