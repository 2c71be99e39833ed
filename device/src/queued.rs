//! How many commands were queued that the driver has not heard of.

use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::Notify;

/// Counts commands for the driver.
#[derive(Debug, Default)]
pub(crate) struct Queued {
    commands: AtomicU32,
    more: Notify,
}

impl Queued {
    /// One more was queued.
    pub(crate) fn add(&self) {
        self.commands.fetch_add(1, Ordering::AcqRel);
        self.more.notify_one();
    }

    /// Waits until there is one, and takes it.
    pub(crate) async fn take(&self) {
        let one_less = |commands: u32| commands.checked_sub(1);
        while self
            .commands
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less)
            .is_err()
        {
            self.more.notified().await;
        }
    }
}
