//! Runs one errand: the replica before the call, the call, the replica after it.

use super::trouble::{not_enrolled, of_cloud};
use crate::cloud::CloudError;
use crate::device::Device;
use crate::telemetry;
use ::telemetry::{Causes, within};
use sync::{Errand, Event, Outcome, Prepared, ReplicaError, Request, Trouble};
use tracing::Instrument as _;

pub(super) async fn run(device: Device, errand: Errand) -> Event {
    let outcome = attempt(&device, &errand).await;
    Event::Done {
        errand,
        outcome,
        chance: device.shared().ports.chance(),
    }
}

async fn attempt(device: &Device, errand: &Errand) -> Result<Outcome, Trouble> {
    let shared = device.shared();
    let enrolment = shared.enrolment().ok_or_else(not_enrolled)?;
    let (before, id) = (errand.clone(), enrolment.device.clone());
    let prepared = device
        .replica(move |replica| Ok(before.prepare(replica, &id)))
        .await;
    let request = match prepared.map_err(local)?? {
        Prepared::Over(outcome) => return Ok(outcome),
        Prepared::Ask(request) => request,
    };
    let body = ask(device, &request).await;
    let body = body.map_err(|error| of_cloud(&request, &error))?;
    let after = errand.clone();
    let finished = device
        .replica(move |replica| Ok(after.finish(replica, &request, &body)))
        .await;
    finished.map_err(local)?
}

/// Asks the cloud, in the trace of the taps that it is asked for.
async fn ask(device: &Device, request: &Request) -> Result<Vec<u8>, CloudError> {
    let shared = device.shared();
    let span = telemetry::errand(request);
    let taps = match request {
        Request::Push(push) => shared.taps.of(push),
        _ => Causes::default(),
    };
    taps.put_on(&span);
    let asked = within(taps.only(), shared.cloud.sync(request));
    let body = asked.instrument(span).await?;
    if let Request::Push(push) = request {
        shared.taps.forget(push);
    }
    Ok(body)
}

fn local(error: ReplicaError) -> Trouble {
    error.into()
}
