//! Lets calls of functions do one ledger operation at a time, when the scheduler says so.
//!
//! A call that comes to the ledger stands still until it is given its turn; in between other calls have theirs. So the
//! scheduler alone decides how calls of several instances interleave.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// The one door to the ledger.
#[derive(Debug, Default)]
pub(super) struct Gate(Mutex<Door>);

#[derive(Debug, Default)]
struct Door {
    /// Nobody is asked: the world is being set up or looked at.
    open: bool,
    granted: bool,
    asked: bool,
    inside: bool,
}

impl Gate {
    fn door(&self) -> MutexGuard<'_, Door> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets everybody through (`true`), or asks again (`false`).
    pub(super) fn set_open(&self, open: bool) {
        self.door().open = open;
    }

    /// The call that is polled next may do one operation.
    pub(super) fn grant(&self) {
        self.door().granted = true;
    }

    /// Whether the call that was just polled stands at the door. Takes back a grant that it did not use.
    pub(super) fn is_asked(&self) -> bool {
        let mut door = self.door();
        door.granted = false;
        std::mem::take(&mut door.asked)
    }

    /// Whether the call that was just polled is in the middle of an operation of a real engine.
    pub(super) fn is_inside(&self) -> bool {
        self.door().inside
    }

    /// Waits for the call's turn.
    pub(super) async fn turn(&self) {
        std::future::poll_fn(|_| {
            let mut door = self.door();
            if door.open || std::mem::take(&mut door.granted) {
                return Poll::Ready(());
            }
            door.asked = true;
            Poll::Pending
        })
        .await;
    }

    /// Marks an operation of a real engine, whose answer comes from another thread.
    pub(super) async fn inside<T>(&self, operation: impl Future<Output = T>) -> T {
        self.door().inside = true;
        let done = operation.await;
        self.door().inside = false;
        done
    }
}
