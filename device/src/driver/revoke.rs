//! What a device does that was told that it is revoked: it signs out and deletes every row.

use super::StepError;
use crate::device::Device;
use crate::keepsakes::REVOKED;
use domain::api::sync::{Checkpoint, PullLine};
use std::collections::BTreeMap;
use sync::{Replica, read_page};

/// Waits until a call was told.
pub(super) async fn told(device: &Device) {
    device.shared().revoked.notified().await;
}

pub(super) async fn purge(device: &Device) {
    let shared = device.shared();
    tracing::warn!("this device was revoked: everything that it was granted is deleted");
    shared.session.clear();
    let server_time = shared.now();
    let work = move |replica: &Replica| {
        // First: a kill in between must not leave a device that goes on as if nothing had happened.
        REVOKED.keep(replica, &true)?;
        let revoked = replica.cursors()?.into_keys();
        let mut lines: Vec<_> = revoked.map(|scope| PullLine::Revoke { scope }).collect();
        lines.push(PullLine::Checkpoint(Checkpoint {
            cursors: BTreeMap::new(),
            sums: BTreeMap::new(),
            last_cseq: 0,
            server_time,
            more: false,
        }));
        Ok(read_page(lines).map(|page| replica.apply(&page)))
    };
    let purged: Result<(), StepError> = async {
        device.replica(work).await???;
        Ok(())
    }
    .await;
    if let Err(error) = purged {
        tracing::error!(%error, "not everything could be deleted");
    }
    shared.signals.everything();
    shared.signals.status();
}
