//! The first sync of a large store over a snapshot, into a real encrypted file with checksums and search, beside a
//! plain table without any of them.
//!
//! `cargo run --release -p sync --example load_bench -- [customers] [profiles in 100 customers] [zstd level]`. Prints one JSON line a
//! figure: `{"name", "ours", "baseline", "goal"}`.

mod parts;
mod people;

use domain::api::sync::{Manifest, Row};
use parts::Parts;
use rusqlite::Connection;
use serde_json::json;
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use sync::{Key, Replica};

const KEY: [u8; 32] = [7; 32];
const SCOPE: &str = "store/1/customers";
/// How hard the cloud compresses parts.
const LEVEL: u64 = 6;
/// Changes of the page that comes after the first sync.
const DELTA: u64 = 1_000;
/// Set to the folder in a process that measures, so that its memory is that of a fresh start; and what it measures.
const MEASURE: &str = "LOAD_BENCH_FOLDER";
const WHICH: &str = "LOAD_BENCH_WHICH";

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    if let Some(folder) = std::env::var_os(MEASURE) {
        let folder = Path::new(&folder);
        return match std::env::var(WHICH)?.as_str() {
            "ours" => load_ours(folder),
            _ => load_plain(folder),
        };
    }
    let number = |place, default| match std::env::args().nth(place) {
        Some(text) => text.parse::<u64>(),
        None => Ok(default),
    };
    let (customers, profiles) = (number(1, 1_000_000)?, number(2, 10)?);
    let level = i32::try_from(number(3, LEVEL)?)?;
    let folder = tempfile::tempdir()?;
    let manifest = make(folder.path(), customers, profiles, level)?;
    std::fs::write(
        folder.path().join("manifest"),
        serde_json::to_vec(&manifest)?,
    )?;
    let bytes: u64 = manifest.parts.iter().map(|part| part.bytes).sum();
    println!(
        "{}",
        json!({"name": format!("snapshot of {customers} customers and {} profiles", manifest.sum.rows - customers),
            "ours": format!("{:.2} MB in {} parts, {:.1} B a row", bytes as f64 / 1e6, manifest.parts.len(),
                bytes as f64 / manifest.sum.rows as f64), "baseline": "", "goal": "45 B a customer"})
    );
    let ours = measure(folder.path(), "ours")?;
    let plain = measure(folder.path(), "plain")?;
    for (index, (name, ours, goal)) in ours.iter().enumerate() {
        let baseline = plain.get(index).map_or("", |(_, figure, _)| figure);
        println!(
            "{}",
            json!({"name": name, "ours": ours, "baseline": baseline, "goal": goal})
        );
    }
    Ok(())
}

fn make(folder: &Path, customers: u64, profiles: u64, level: i32) -> Outcome<Manifest> {
    let mut parts = Parts::new(folder, level);
    for n in 0..customers {
        parts.push(people::customer(n, 1)?)?;
    }
    for n in (0..customers).filter(|n| n * 37 % 100 < profiles) {
        parts.push(people::profile(n)?)?;
    }
    parts.finish(SCOPE)
}

/// Name, figure and goal of what a process of its own measured.
fn measure(folder: &Path, which: &str) -> Outcome<Vec<(String, String, String)>> {
    let output = Command::new(std::env::current_exe()?)
        .env(MEASURE, folder)
        .env(WHICH, which)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("measuring {which} failed").into());
    }
    let lines = String::from_utf8(output.stdout)?;
    let figures = lines.lines().map(serde_json::from_str);
    Ok(figures.collect::<Result<_, _>>()?)
}

fn tell(name: &str, figure: &str, goal: &str) {
    println!("{}", json!([name, figure, goal]));
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}

fn manifest_in(folder: &Path) -> Outcome<Manifest> {
    let text = std::fs::read(folder.join("manifest"))?;
    Ok(serde_json::from_slice(&text)?)
}

fn load_ours(folder: &Path) -> Outcome {
    let manifest = manifest_in(folder)?;
    let path = folder.join("replica.db");
    let replica = Replica::open(&path, Key::new(KEY))?;
    grant(&replica)?;
    let start = now();
    replica.load_begin(&manifest)?;
    let mut longest = Duration::ZERO;
    for number in 0..manifest.parts.len() {
        let bytes = std::fs::read(parts::name(folder, number))?;
        let begun = now();
        replica.load_part(
            &manifest.scope,
            manifest.cursor,
            u32::try_from(number)?,
            &bytes,
        )?;
        longest = longest.max(begun.elapsed());
    }
    let spent = start.elapsed();
    let goal = "1 M: 20 s; 100,000: 1.5 s";
    tell_load(manifest.sum.rows, spent, goal);
    tell("memory at most", &memory(), "100 MB");
    tell("file", &megabytes(std::fs::metadata(&path)?.len()), "");
    let longest = format!("{:.0} ms", longest.as_secs_f64() * 1e3);
    tell("longest part", &longest, "");
    let first = now();
    replica.search_customers("ana", 20)?;
    let first = format!("{:.1} ms", first.elapsed().as_secs_f64() * 1e3);
    tell("first search", &first, "");
    delta(&replica, &manifest)
}

fn tell_load(rows: u64, spent: Duration, goal: &str) {
    let seconds = spent.as_secs_f64();
    let figure = format!("{seconds:.2} s, {:.0} rows/s", rows as f64 / seconds);
    tell("loading", &figure, goal);
    tell("processor time until here", &processor(), "");
}

/// What this process took of the processors, whatever else runs on them; empty where the system does not tell.
fn processor() -> String {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after_name.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    // The clock of these figures ticks 100 times a second on every Linux.
    format!("{:.2} s", ticks as f64 / 100.0)
}

fn grant(replica: &Replica) -> Outcome {
    let text = format!(
        "{}\n{}\n",
        json!({"grant": {"scope": SCOPE}}),
        json!({"checkpoint": {"cursors": {}, "last_cseq": 0, "server_time": "2026-05-17T10:00:00Z", "more": false}})
    );
    let answer = zstd::encode_all(text.as_bytes(), 1)?;
    replica.apply(&sync::read_page(sync::decode_answer(&answer)?)?)?;
    Ok(())
}

/// What changes on a usual day, as one answer.
fn delta(replica: &Replica, manifest: &Manifest) -> Outcome {
    let mut best = Duration::MAX;
    let mut bytes = 0;
    let mut seq = manifest.cursor.seq;
    for round in 0..5 {
        let mut text = String::new();
        for change in 0..DELTA {
            seq += 1;
            let n = (change * 7_919 + round * 31) % (manifest.sum.rows / 2).max(1);
            let row = people::customer(n, 2 + round)?;
            let line = json!({"change": {"scope": SCOPE, "seq": seq, "kind": row.kind, "id": row.id,
                "version": row.version, "op": "put", "body": row.body}});
            text.push_str(&format!("{line}\n"));
        }
        let end = json!({"checkpoint": {"cursors": {SCOPE: {"epoch": 1, "seq": seq}}, "last_cseq": 0,
            "server_time": "2026-05-17T10:00:00Z", "more": false}});
        text.push_str(&format!("{end}\n"));
        let answer = zstd::encode_all(text.as_bytes(), 3)?;
        bytes = answer.len();
        let start = now();
        replica.apply(&sync::read_page(sync::decode_answer(&answer)?)?)?;
        best = best.min(start.elapsed());
    }
    let figure = format!(
        "{:.1} ms, {:.0} B a change",
        best.as_secs_f64() * 1e3,
        bytes as f64 / DELTA as f64
    );
    tell(
        &format!("delta of {DELTA}, best of 5"),
        &figure,
        "50 ms, 40 B a change",
    );
    Ok(())
}

/// The same parts into a plain table: no encryption, no checksum, no look-ups, no search.
fn load_plain(folder: &Path) -> Outcome {
    let manifest = manifest_in(folder)?;
    let path = folder.join("plain.db");
    let mut plain = Connection::open(&path)?;
    plain.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    plain.pragma_update(None, "synchronous", "FULL")?;
    plain.execute_batch("CREATE TABLE entity (kind TEXT, id TEXT, version INTEGER, body TEXT, PRIMARY KEY (kind, id))")?;
    let start = now();
    for number in 0..manifest.parts.len() {
        let bytes = std::fs::read(parts::name(folder, number))?;
        let transaction = plain.transaction()?;
        let mut insert =
            transaction.prepare_cached("INSERT INTO entity VALUES (?1, ?2, ?3, ?4)")?;
        for line in BufReader::new(zstd::Decoder::new(&bytes[..])?).lines() {
            let row: Row = serde_json::from_str(&line?)?;
            insert.execute((row.kind, row.id, row.version, row.body.get()))?;
        }
        drop(insert);
        transaction.commit()?;
    }
    tell_load(manifest.sum.rows, start.elapsed(), "");
    tell("memory at most", &memory(), "");
    tell("file", &megabytes(std::fs::metadata(&path)?.len()), "");
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}

/// The most memory that this process had at once; empty where the system does not tell.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let bytes = kilobytes.and_then(|text| text.trim().parse::<u64>().ok());
    bytes.map_or_else(String::new, |kilobytes| megabytes(kilobytes * 1_024))
}
