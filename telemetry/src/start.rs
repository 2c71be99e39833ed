//! Whether a process has just been started.

use std::sync::atomic::{AtomicBool, Ordering};

static WARM: AtomicBool = AtomicBool::new(false);

/// Whether this is the first work of the process: true once (OpenTelemetry's `faas.coldstart`).
pub fn is_cold() -> bool {
    !WARM.swap(true, Ordering::Relaxed)
}
