//! How long a function on Lambda takes from its start to its first answer, and from then on; and how much memory.
//!
//! The program is the one that `cargo xtask functions` built, or that `AISLE_COLD_START` names; the request reads one item
//! of the ledger. Which ledger the environment says (`AISLE_TABLE`, `AISLE_POSTGRES`); else a folder, where the program
//! can.

use aisle_tests::figure::{millis, now, percentile, print};
use aisle_tests::lambda::{Outcome, RuntimeApi, http_event};
use aisle_tests::paths;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

const STARTS: usize = 60;
const WARM_CALLS: usize = 2_000;
/// What the request is told that it may take.
const TIME: Duration = Duration::from_secs(30);
const COLD_GOAL: &str = "p50 <= 10 ms";
const WARM_GOAL: &str = "p99 <= 2 ms";
const ENGINES: [&str; 3] = ["AISLE_TABLE", "AISLE_POSTGRES", "AISLE_DATA"];

/// Measures, one program after the other.
pub(crate) async fn measure() -> Result<()> {
    let Some(program) = program() else {
        println!("skipped: `cargo xtask functions` has not built the programs");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let mut cold = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        cold.push(start(&program, folder.path(), 0).await?.cold);
    }
    let mut run = start(&program, folder.path(), WARM_CALLS).await?;
    let p50 = millis(percentile(&mut cold, 50));
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let spread = format!("p90 {}, n={STARTS}", millis(percentile(&mut cold, 90)));
    print(&format!("{name}, cold start p50"), &p50, &spread, COLD_GOAL);
    let median = format!("p50 {}", micros(percentile(&mut run.warm, 50)));
    let p99 = micros(percentile(&mut run.warm, 99));
    print(&format!("{name}, warm p99"), &p99, &median, WARM_GOAL);
    let peak = format!("{:.1} MB", run.peak_kb as f64 / 1_000.0);
    print(&format!("{name}, peak memory"), &peak, "", "");
    Ok(())
}

fn program() -> Option<PathBuf> {
    let named = std::env::var_os("AISLE_COLD_START").map(PathBuf::from);
    let built = || paths::root().join("target/lambda/lambda/aisle-cart");
    let program = named.unwrap_or_else(built);
    program.is_file().then_some(program)
}

struct Run {
    cold: Duration,
    warm: Vec<Duration>,
    /// Its largest resident set, in thousands of bytes.
    peak_kb: u64,
}

/// Starts the program, and calls it once and then as often as it is said.
async fn start(program: &Path, folder: &Path, warm_calls: usize) -> Result<Run> {
    let api = RuntimeApi::start().await?;
    let event = http_event("GET", "/healthz", &json!({}), None);
    let mut command = api.command(program);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    if ENGINES
        .iter()
        .all(|engine| std::env::var_os(engine).is_none())
    {
        command.env("AISLE_DATA", folder);
    }
    let started_at = now();
    let child = command.spawn().context("starting the program")?;
    answered(&api.invoke(&event, TIME).await?)?;
    let cold = started_at.elapsed();
    let mut warm = Vec::with_capacity(warm_calls);
    for _ in 0..warm_calls {
        let called_at = now();
        answered(&api.invoke(&event, TIME).await?)?;
        warm.push(called_at.elapsed());
    }
    let peak_kb = peak(child.id().context("it has ended")?)?;
    Ok(Run {
        cold,
        warm,
        peak_kb,
    })
}

fn answered(outcome: &Outcome) -> Result<()> {
    let well = matches!(outcome, Outcome::Answer(answer) if answer["statusCode"] == 200);
    ensure!(well, "it answered {outcome:?}");
    Ok(())
}

/// The largest resident set of a process so far (proc(5), `VmHWM`).
fn peak(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: u64 = kib.context("no VmHWM")?.trim().parse()?;
    Ok(kib * 1_024 / 1_000)
}

fn micros(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
