//! Pushes: sends what is queued, oldest first, until nothing is.

use super::backoff::Backoff;
use super::tally::Tally;
use super::{Pace, StepError};
use crate::cloud::CloudError;
use crate::device::{Device, Shared};
use domain::api::device::Notice;
use domain::api::sync::{MAX_COMMANDS, PushRequest, command};
use domain::ids::CustomerId;
use domain::note::Note;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use sync::Settled;

pub(super) async fn run(device: &Device, pace: Pace) {
    let shared = device.shared();
    let mut backoff = Backoff::new(pace);
    let mut tally = Tally::default();
    loop {
        match drain(device, &mut tally).await {
            Ok(()) => {
                backoff.reset();
                if shared.queued_offline.swap(false, Ordering::AcqRel) {
                    tally.held_up();
                }
                if let Some(commands) = tally.drained() {
                    shared.signals.notice(Notice::Sent { commands });
                }
                shared.push_wanted.notified().await;
            }
            Err(error) => {
                shared.failed("push", &error);
                tally.held_up();
                let wait = backoff.next(shared.ports.random.bytes());
                // Whatever comes first: its own patience needs nobody to write anything (I20).
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = shared.push_wanted.notified() => {}
                }
            }
        }
    }
}

/// Sends until the queue is empty.
async fn drain(device: &Device, tally: &mut Tally) -> Result<(), StepError> {
    let shared = device.shared();
    let Some(enrolment) = shared.enrolment() else {
        return Err(CloudError::NotEnrolled.into());
    };
    let (mut limit, mut decided) = (MAX_COMMANDS, 0);
    loop {
        let id = enrolment.device.clone();
        let next = device
            .replica(move |replica| replica.next_push(&id, limit))
            .await?;
        let Some(request) = next else {
            return Ok(());
        };
        if request.first_cseq <= decided {
            return Err(StepError::NoProgress);
        }
        tally.sending(&request);
        let response = match shared.cloud.push(&request).await {
            // One that cannot be read may be among them: alone, the others pass it by.
            Err(CloudError::Refused(problem)) if problem.status != 409 && limit > 1 => {
                limit = 1;
                continue;
            }
            answer => answer?,
        };
        shared.heard();
        decided = request.first_cseq;
        let settled = device
            .replica(move |replica| replica.settle(&response))
            .await?;
        tally.refused(settled.rejected);
        tell(device, &request, settled).await?;
    }
}

/// The badge, and the cards whose notes have come further.
async fn tell(device: &Device, request: &PushRequest, settled: Settled) -> Result<(), StepError> {
    let shared = device.shared();
    shared.signals.status();
    for customer in customers(request) {
        shared.signals.customer(customer);
    }
    if settled.rejected > 0 {
        needs_attention(device, shared).await?;
    }
    Ok(())
}

async fn needs_attention(device: &Device, shared: &Shared) -> Result<(), StepError> {
    let standing = device.replica(sync::Replica::standing).await?;
    shared.signals.notice(Notice::NeedsAttention {
        commands: standing.needs_attention,
    });
    Ok(())
}

fn customers(request: &PushRequest) -> BTreeSet<CustomerId> {
    let notes = request
        .commands
        .iter()
        .filter(|sent| sent.kind == command::NOTE_ADD);
    notes
        .filter_map(|sent| serde_json::from_str::<Note>(sent.args.get()).ok())
        .map(|note| note.customer)
        .collect()
}
