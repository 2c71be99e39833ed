//! Joins a store by a one-time code, once in a device's life.

use crate::cloud::CloudError;
use crate::device::Device;
use crate::keepsakes::{ENROLLING, ENROLMENT};
use domain::api::identity::{EnrolRequest, Enrolment};
use std::time::Duration;
use sync::{Backoff, ReplicaError};

/// The device has not joined and will not before the next start.
pub(super) struct NotJoined;

/// Random bytes of a nonce.
const NONCE_BYTES: usize = 16;

/// Tries until the device belongs to a store.
pub(super) async fn until_joined(
    device: &Device,
    code: Option<String>,
    mut backoff: Backoff,
) -> Result<(), NotJoined> {
    let shared = device.shared();
    if shared.enrolment().is_some() {
        return Ok(());
    }
    let request = prepare(device, code).await?;
    loop {
        match shared.cloud.enrol(&request).await {
            Ok(enrolment) => return joined(device, enrolment).await,
            Err(error) if error.is_offline() || matches!(error, CloudError::BadAnswer(_)) => {
                tracing::warn!(%error, "not enrolled yet");
                let told = error.retry_after().unwrap_or_default();
                let ours = Duration::from_millis(backoff.next(shared.ports.chance()));
                tokio::time::sleep(told.max(ours)).await;
            }
            Err(error) => {
                tracing::error!(%error, "the enrolment was refused: start again with a new code");
                return Err(NotJoined);
            }
        }
    }
}

/// The code with its nonce, durable before it is first shown: if the answer is lost, asking again with the same nonce is
/// the same enrolment.
async fn prepare(device: &Device, code: Option<String>) -> Result<EnrolRequest, NotJoined> {
    let nonce = device.shared().ports.hex(NONCE_BYTES);
    let prepared = device
        .replica(move |replica| {
            let kept = ENROLLING.read(replica)?;
            let request = match (kept, code) {
                (Some(kept), Some(code)) if kept.code != code => EnrolRequest { code, nonce },
                (Some(kept), _) => return Ok(Some(kept)),
                (None, Some(code)) => EnrolRequest { code, nonce },
                (None, None) => return Ok(None),
            };
            ENROLLING.keep(replica, &request)?;
            Ok(Some(request))
        })
        .await;
    let none = "this device is not enrolled: start it with `--code` and a code that a manager made";
    prepared.map_err(|error| not_kept(&error))?.ok_or_else(|| {
        tracing::warn!("{none}");
        NotJoined
    })
}

async fn joined(device: &Device, enrolment: Enrolment) -> Result<(), NotJoined> {
    let keep = enrolment.clone();
    let kept = device
        .replica(move |replica| {
            ENROLMENT.keep(replica, &keep)?;
            ENROLLING.forget(replica)
        })
        .await;
    kept.map_err(|error| not_kept(&error))?;
    tracing::info!(device = %enrolment.device, store = %enrolment.store, "enrolled");
    device.shared().join(enrolment);
    let shared = device.shared();
    shared.contact.heard(shared.now());
    shared.signals.status();
    Ok(())
}

fn not_kept(error: &ReplicaError) -> NotJoined {
    tracing::error!(%error, "the enrolment cannot be kept");
    NotJoined
}
