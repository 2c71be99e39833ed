//! Fetches the recommendations' model: at the start, when the cloud is back, and every few minutes.

use super::backoff::Backoff;
use super::{Pace, StepError};
use crate::device::Device;
use std::sync::Arc;
use std::time::Duration;

pub(super) async fn run(device: &Device, pace: Pace) {
    let shared = device.shared();
    let mut backoff = Backoff::new(pace);
    loop {
        let pause: Duration = match refresh(device).await {
            Ok(()) => {
                backoff.reset();
                pace.model_every
            }
            Err(error) => {
                // The shelves of before still answer.
                tracing::debug!(%error, "no new model");
                backoff.next(shared.ports.random.bytes())
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.model_wanted.notified() => {}
        }
    }
}

async fn refresh(device: &Device) -> Result<(), StepError> {
    let shared = device.shared();
    let known = shared.model.read().and_then(|loaded| loaded.etag);
    let Some(fetched) = shared.cloud.recommend_snapshot(known.as_deref()).await? else {
        return Ok(());
    };
    let model = device.take_model(fetched).await??;
    tracing::info!(version = %model.version(), items = model.item_count(), "a new model for recommendations");
    shared.signals.everything();
    Ok(())
}

impl Device {
    /// Checks and keeps a model: reading one takes a core for a while.
    async fn take_model(
        &self,
        fetched: crate::cloud::Fetched,
    ) -> Result<Result<Arc<recommend::Model>, crate::model::ModelError>, tokio::task::JoinError>
    {
        let device = self.clone();
        tokio::task::spawn_blocking(move || device.shared().model.take(fetched)).await
    }
}
