//! Keeps the replica up to date: joins, pulls, pushes, and fetches the recommendations' model, for as long as it runs.
//!
//! Each loop waits for the cloud and never for a screen. None of them needs a new local write to go on: what is queued
//! is sent as soon as the cloud answers again.

mod backoff;
mod enrol;
mod model;
mod pull;
mod push;
mod revoke;
mod tally;

use crate::cloud::CloudError;
use crate::contact::Turn;
use crate::device::{Device, Shared};
use backoff::Backoff;
use domain::api::sync::MAX_WAIT_MS;
use std::time::Duration;
use sync::{ReplicaError, WireError};
use tokio::task::JoinHandle;

/// How patient the driver is.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The first wait after a failure; doubled after each further one.
    pub first_retry: Duration,
    /// The longest wait between tries.
    pub longest_retry: Duration,
    /// How long a pull waits in the cloud for a change, in milliseconds.
    pub wait_ms: u64,
    /// How often the model is asked for.
    pub model_every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first_retry: Duration::from_millis(500),
            longest_retry: Duration::from_secs(30),
            wait_ms: MAX_WAIT_MS,
            model_every: Duration::from_secs(180),
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
    if device.shared().contact.read().revoked {
        tracing::warn!("this device was revoked: it needs a new folder and a new code");
        return;
    }
    if enrol::until_joined(device, code, Backoff::new(pace))
        .await
        .is_err()
    {
        return;
    }
    let work = async {
        tokio::join!(
            pull::run(device, pace),
            push::run(device, pace),
            model::run(device, pace),
        )
    };
    tokio::select! {
        _ = work => {}
        () = revoke::told(device) => revoke::purge(device).await,
    }
}

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
enum StepError {
    #[error(transparent)]
    Cloud(#[from] CloudError),
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Model(#[from] crate::model::ModelError),
    #[error("the step broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
    #[error("the cloud's answer decides on nothing that was sent")]
    NoProgress,
}

impl Shared {
    /// The cloud answered.
    fn heard(&self) -> Turn {
        let turn = self.contact.heard(self.now());
        if turn == Turn::Online {
            tracing::info!("the cloud answers");
            self.signals.status();
            self.push_wanted.notify_one();
            self.model_wanted.notify_one();
        }
        turn
    }

    /// A step failed: what it says about the cloud, logged once for each turn.
    fn failed(&self, step: &'static str, error: &StepError) {
        match error {
            StepError::Cloud(CloudError::Revoked) => {
                self.contact.set_revoked();
                self.revoked.notify_one();
            }
            StepError::Cloud(cloud) => {
                if self.contact.lost() == Turn::Offline {
                    tracing::warn!(step, error = %cloud, "the cloud does not answer");
                    self.signals.status();
                } else {
                    tracing::debug!(step, error = %cloud, "still no answer");
                }
            }
            other => tracing::error!(step, error = %other, "a step of the sync failed"),
        }
    }
}

#[cfg(test)]
mod tests;
