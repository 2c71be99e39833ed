//! How long something is tried again: a few times, with growing pauses.

use std::time::Duration;

/// The first pause.
const FIRST: Duration = Duration::from_millis(8);
/// The longest.
const LONGEST: Duration = Duration::from_millis(500);
/// Pauses before it is given up: some two seconds in all.
const PAUSES: u32 = 10;

/// How often it was tried.
#[derive(Debug, Default)]
pub(super) struct Patience {
    pauses: u32,
}

impl Patience {
    /// Waits a while. False where it was tried often enough.
    pub(super) async fn wait(&mut self) -> bool {
        if self.pauses >= PAUSES {
            return false;
        }
        let pause = FIRST.saturating_mul(1 << self.pauses.min(16)).min(LONGEST);
        self.pauses += 1;
        tokio::time::sleep(pause).await;
        true
    }
}
