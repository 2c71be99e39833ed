//! Tells everything in a process to finish what it has begun and begin nothing more.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Says when.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Hears when. Clones hear the same.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A stop that has not come.
#[must_use]
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Now.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Waits for it. A stopper that is gone stops too.
    pub async fn wait(&self) {
        let mut receiver = self.0.clone();
        let _ = receiver.wait_for(|stopped| *stopped).await;
    }

    /// Whether it has come.
    #[must_use]
    pub fn has_come(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// A stop that comes with SIGTERM or SIGINT.
///
/// # Errors
/// Where the process may not listen for signals.
pub fn on_signals() -> std::io::Result<Stop> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (stopper, stop) = stop();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: finishing"),
            _ = interrupt.recv() => tracing::info!("SIGINT: finishing"),
        }
        stopper.stop();
    });
    Ok(stop)
}
