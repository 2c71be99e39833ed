//! Tells whoever shows something that it changed.

use domain::api::device::Signal;
use domain::ids::{CartId, CustomerId};
use tokio::sync::broadcast;

/// Signals that a slow listener may be behind; then it is told to ask for everything again.
const BEHIND_MAX: usize = 256;

/// Sends signals to all listeners.
#[derive(Debug, Clone)]
pub(crate) struct Signals(broadcast::Sender<Signal>);

/// Receives signals.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Signal>);

impl Default for Signals {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND_MAX).0)
    }
}

impl Signals {
    /// Listens from now on.
    #[must_use]
    pub(crate) fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }

    /// Sends a signal.
    pub(crate) fn send(&self, signal: Signal) {
        // Nobody listens: nobody shows anything that could be old.
        let _ = self.0.send(signal);
    }

    /// The status changed.
    pub(crate) fn status(&self) {
        self.send(Signal::Status);
    }

    /// Something of a customer changed.
    pub(crate) fn customer(&self, customer: CustomerId) {
        self.send(Signal::Customer { customer });
    }

    /// Something of a cart changed.
    pub(crate) fn cart(&self, cart: CartId) {
        self.send(Signal::Cart { cart });
    }

    /// So much changed that a screen asks for everything again.
    pub(crate) fn everything(&self) {
        self.send(Signal::Everything);
    }
}

impl Listener {
    /// The next signal; `None` when the device is gone.
    pub async fn next(&mut self) -> Option<Signal> {
        match self.0.recv().await {
            Ok(signal) => Some(signal),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Signal::Everything),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_is_too_slow_asks_for_everything() {
        let signals = Signals::default();
        let mut listener = signals.listen();
        for _ in 0..=BEHIND_MAX {
            signals.status();
        }
        assert_eq!(listener.next().await, Some(Signal::Everything));
        assert_eq!(listener.next().await, Some(Signal::Status));
    }
}
