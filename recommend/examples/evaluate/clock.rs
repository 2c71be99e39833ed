//! Time that was spent, on a machine that does other things too.

use std::time::Instant;

/// CPU time of this thread in ns, where the system tells it.
fn cpu_ns() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// Runs `each` for all of `0..count`, `rounds` times. Mean CPU microseconds of one run, and the 99th percentile
/// of the least wall time of each: what an interruption adds is not the method's.
pub(crate) fn measure(count: usize, rounds: usize, mut each: impl FnMut(usize)) -> (f64, f64) {
    let mut least = vec![f64::MAX; count];
    let (started, started_cpu) = (Instant::now(), cpu_ns());
    for _ in 0..rounds {
        for (place, least) in least.iter_mut().enumerate() {
            let started = Instant::now();
            each(place);
            *least = least.min(started.elapsed().as_secs_f64() * 1e6);
        }
    }
    let wall = started.elapsed().as_secs_f64() * 1e6;
    let cpu = started_cpu
        .zip(cpu_ns())
        .map(|(from, to)| (to - from) as f64 / 1e3);
    least.sort_unstable_by(f64::total_cmp);
    let runs = (count * rounds).max(1) as f64;
    let p99 = least.get(count * 99 / 100).copied().unwrap_or(0.0);
    (cpu.unwrap_or(wall) / runs, p99)
}
