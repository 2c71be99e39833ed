//! How figures are taken and printed, for programs that measure.

use anyhow::{Context as _, Result};
use serde_json::json;
use std::time::{Duration, Instant};

/// Linux counts processor time in hundredths of a second, whatever its own clock does (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Prints a figure.
pub fn print(name: &str, ours: &str, baseline: &str, goal: &str) {
    println!(
        "{}",
        json!({"name": name, "ours": ours, "baseline": baseline, "goal": goal})
    );
}

/// The machine's clock, that never goes back.
#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// The processor time of a process so far, in seconds: its own and the system's on its behalf.
pub fn processor_seconds(process: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program may hold anything, and ends with the last parenthesis (proc(5)).
    let (_, fields) = stat.rsplit_once(')').context("/proc/…/stat")?;
    let ticks = |index: usize| -> Result<f64> {
        let field = fields.split_whitespace().nth(index);
        Ok(field.context("too few fields in /proc/…/stat")?.parse()?)
    };
    // Of all fields the 14th and 15th; the first two are before the parenthesis.
    Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// The value below which `percent` of a hundred lie; zero of nothing.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    percentile_of(times, percent as f64 / 100.0)
}

/// The value below which a share of sorted values lies, of one; zero of nothing.
#[must_use]
pub fn percentile_of(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let index = ((sorted.len() as f64 * share) as usize).min(last);
    sorted.get(index).copied().unwrap_or_default()
}

/// Milliseconds with one digit.
#[must_use]
pub fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
