//! What every ledger promises.

use crate::ports::ledger::Ledger;
use std::future::Future;

/// Runs the whole suite, each part on a ledger of its own.
pub(in crate::engines) async fn all<L: Ledger, F: Future<Output = L>>(make: impl Fn() -> F) {
    let _ = make().await;
}
