//! Customer search over a million customers, encrypted: what a keystroke costs, beside a `LIKE` scan of the same file.
//!
//! `cargo run --release -p sync --example search_bench -- [customers]`. Prints one JSON line a figure:
//! `{"name", "ours", "baseline", "goal"}`.

mod people;
mod typing;

use people::People;
use serde_json::json;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use sync::{Key, Replica};
use typing::Times;

/// Loading stops here, and the figures are for as many as were loaded.
const LOADING_AT_MOST: Duration = Duration::from_secs(240);
const PAGE: u64 = 5_000;
const KEY: [u8; 32] = [7; 32];
/// Searches that are typed, letter by letter.
const TYPED: u64 = 400;
/// Keystrokes that the scan is asked for too.
const SCANNED: usize = 60;
/// How often each keystroke is searched.
const REPEATS: usize = 3;
const GOAL: &str = "p99 < 5 ms";
/// Rows of the screen's list.
const ROWS: usize = 20;
/// Set to the file in the process that measures, so that its memory is that of a fresh start.
const MEASURE: &str = "SEARCH_BENCH_FILE";

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    if let Some(path) = std::env::var_os(MEASURE) {
        return measure(Path::new(&path));
    }
    let customers = match std::env::args().nth(1) {
        Some(count) => count.parse()?,
        None => 1_000_000,
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("replica.db");
    load(&path, customers)?;
    let status = Command::new(std::env::current_exe()?)
        .env(MEASURE, &path)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("measuring failed".into())
    }
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn print(name: &str, ours: &str, baseline: &str, goal: &str) {
    println!(
        "{}",
        json!({"name": name, "ours": ours, "baseline": baseline, "goal": goal})
    );
}

/// The first sync: pages through the whole way, from compressed bytes to rows and index.
fn load(path: &Path, customers: u64) -> Outcome {
    let replica = Replica::open(path, Key::new(KEY))?;
    let people = People::new();
    let (begun, mut spent, mut bytes, mut loaded) = (now(), Duration::ZERO, 0, 0);
    let mut first_100k = None;
    while loaded < customers && begun.elapsed() < LOADING_AT_MOST {
        let until = (loaded + PAGE).min(customers);
        let answer = people.answer(loaded..until, until < customers)?;
        bytes += answer.len();
        let start = now();
        let page = sync::read_page(sync::decode_answer(&answer)?)?;
        replica.apply(&page)?;
        spent += start.elapsed();
        loaded = until;
        if loaded == 100_000 {
            first_100k = Some(spent);
        }
    }
    if let Some(spent) = first_100k {
        print(
            "first sync of 100,000 customers",
            &format!("{:.2} s", spent.as_secs_f64()),
            "",
            "2 s",
        );
    }
    let ours = format!(
        "{:.1} s, {:.1} MB sent",
        spent.as_secs_f64(),
        megabytes(bytes as u64)
    );
    print(
        &format!("first sync of {loaded} customers"),
        &ours,
        "",
        "20 s",
    );
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn measure(path: &Path) -> Outcome {
    let before = resident_bytes();
    let start = now();
    let replica = Replica::open(path, Key::new(KEY))?;
    let opened = start.elapsed();
    let memory = resident_bytes().saturating_sub(before);
    let customers = replica.count_customers()?;
    let size = std::fs::metadata(path)?.len();
    print("customers searched", &customers.to_string(), "", "1000000");
    print(
        "size on disk",
        &format!("{:.0} MB", megabytes(size)),
        "",
        "",
    );
    print(
        "memory, index and caches",
        &format!("{:.0} MB", megabytes(memory)),
        "",
        "100 MB",
    );
    print(
        "open, index loaded",
        &format!("{:.0} ms", millis(opened)),
        "",
        "",
    );
    measure_typing(&replica, path, customers)
}

fn measure_typing(replica: &Replica, path: &Path, customers: u64) -> Outcome {
    let scan = typing::Scan::open(path, &KEY)?;
    let people = People::new();
    let (mut all, mut best, mut scans) = (Times::default(), Times::default(), Times::default());
    for style in typing::STYLES {
        let searches = TYPED / typing::STYLES.len() as u64;
        let typed = (0..searches).map(|n| people.typed(*style, n * 7_919 % customers));
        let strokes: Vec<String> = typed.flat_map(|typed| typing::keystrokes(&typed)).collect();
        let mut first = Times::default();
        for typed in &strokes {
            let times = search(replica, typed)?;
            first.push(times.first().copied().unwrap_or_default(), typed);
            best.push(times.into_iter().min().unwrap_or_default(), typed);
        }
        let every = (strokes.len() * typing::STYLES.len())
            .div_ceil(SCANNED)
            .max(1);
        let mut scanned = Times::default();
        for typed in strokes.iter().step_by(every) {
            let start = now();
            scan.search(typed, ROWS)?;
            scanned.push(start.elapsed(), typed);
        }
        print(
            &format!("keystroke, {style:?}"),
            &first.summary(),
            &scanned.summary(),
            GOAL,
        );
        all.extend(first);
        scans.extend(scanned);
    }
    print("keystroke, all", &all.summary(), &scans.summary(), GOAL);
    let slowest = |times: &Times| {
        let (time, typed) = times.worst();
        format!("{:.2} ms for `{typed}`", millis(time))
    };
    print(
        "keystroke, the slowest",
        &slowest(&all),
        &slowest(&scans),
        "",
    );
    print(
        &format!("keystroke, best of {REPEATS}"),
        &best.summary(),
        "",
        GOAL,
    );
    print(
        &format!("keystroke, best of {REPEATS}, the slowest"),
        &slowest(&best),
        "",
        "",
    );
    Ok(())
}

/// How long a search took, several times over: the first time reads rows that are not in memory, and on a busy machine
/// only the best says what the search itself costs.
fn search(replica: &Replica, typed: &str) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut times = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        let start = now();
        std::hint::black_box(replica.search_customers(typed, ROWS)?);
        times.push(start.elapsed());
    }
    Ok(times)
}

/// Memory of this process that is resident, in bytes; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0);
    pages * 4_096
}
