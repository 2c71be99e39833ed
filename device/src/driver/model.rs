//! Fetches the recommendations' model: at the start, when the cloud is back, and every few minutes.

use super::Pace;
use crate::cloud::CloudError;
use crate::device::Device;
use crate::model::ModelError;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinError;

/// The most that is fetched in one go: in a busy shop there is always something newer.
const ROUNDS: usize = 3;

/// Why there is no new model.
#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("reading it broke off: {0}")]
    Broken(#[from] JoinError),
}

/// Does so until the device is revoked.
pub(super) async fn run(device: &Device, pace: Pace) {
    let shared = device.shared();
    let mut backoff = pace.sync.backoff();
    while !shared.contact.is_revoked() {
        let pause = match refresh(device).await {
            Ok(()) => {
                backoff.reset();
                pace.model_every
            }
            Err(error) => {
                // The shelves of before still answer.
                tracing::debug!(%error, "no new model");
                Duration::from_millis(backoff.next(shared.ports.chance()))
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.model_wanted.notified() => {}
        }
    }
}

/// Asks until the cloud has nothing newer: after a whole model comes what was learnt since.
async fn refresh(device: &Device) -> Result<(), RefreshError> {
    let shared = device.shared();
    for _ in 0..ROUNDS {
        let known = shared.model.read().and_then(|loaded| loaded.etag);
        let Some(fetched) = shared.cloud.recommend_snapshot(known.as_deref()).await? else {
            break;
        };
        let has_version = fetched.etag.is_some();
        let model = device.take_model(fetched).await??;
        tracing::info!(version = %model.version(), items = model.item_count(), "a new model for recommendations");
        shared.signals.everything();
        if !has_version {
            break;
        }
    }
    Ok(())
}

impl Device {
    /// Checks and keeps a model: reading one takes a core for a while.
    async fn take_model(
        &self,
        fetched: crate::cloud::Fetched,
    ) -> Result<Result<Arc<recommend::Model>, ModelError>, JoinError> {
        let device = self.clone();
        tokio::task::spawn_blocking(move || device.shared().model.take(fetched)).await
    }
}
