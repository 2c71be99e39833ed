//! Prints the quality and the cost of the engine on public data sets, beside the popular baseline.
//!
//! `cargo run --release -p recommend --example evaluate [EXAMPLES | tuning]`; the data is read from
//! `../shared/data`. Figures are printed, never asserted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for people at a terminal, which measures time"
)]

mod customers;
#[path = "../../tests/quality/dataset.rs"]
mod dataset;

use dataset::{Example, Tally};
use recommend::sessions::{Bounds, Reach, SessionIndex};
use std::time::{Duration, Instant};

fn main() {
    let tuning = std::env::args().nth(1).is_some_and(|text| text == "tuning");
    let limit = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(usize::MAX);
    println!("data set      method                         HR@20  MRR@20  mean µs  p99 µs");
    for name in ["diginetica", "yoochoose64"] {
        match dataset::session_folder(name) {
            Some(folder) => {
                let sessions = dataset::train_sessions(&folder);
                evaluate_sessions(name, &sessions, &dataset::examples(&folder, limit));
            }
            None => println!("{name:<13} is not there"),
        }
    }
    customers::evaluate(tuning);
}

fn evaluate_sessions(name: &str, sessions: &[Vec<u32>], examples: &[Example]) {
    let popular = dataset::popular(sessions, 21);
    measure(name, "popular", examples, true, |_| popular.clone());
    let started = Instant::now();
    let index = SessionIndex::build(sessions, Bounds::SESSIONS);
    let built = started.elapsed();
    let next = |session: &[u32]| -> Vec<u32> {
        index
            .next_items(session, Reach::VMIS, 21)
            .iter()
            .map(|scored| scored.item)
            .collect()
    };
    measure(name, "VMIS, current item excluded", examples, true, next);
    measure(name, "VMIS, current item allowed", examples, false, next);
    let appended = append_all(sessions);
    println!(
        "{name:<13} built in {built:.0?}; a live event takes {appended:.2} µs on average, folds included"
    );
}

fn measure(
    name: &str,
    method: &str,
    examples: &[Example],
    without_current: bool,
    answer: impl Fn(&[u32]) -> Vec<u32>,
) {
    let mut tally = Tally::default();
    let mut times: Vec<Duration> = Vec::with_capacity(examples.len());
    for example in examples {
        let started = Instant::now();
        let items = answer(&example.session);
        times.push(started.elapsed());
        tally.count(
            items,
            example.label,
            example.session.first().copied().filter(|_| without_current),
        );
    }
    times.sort_unstable();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let mean = micros(times.iter().sum()) / times.len().max(1) as f64;
    let p99 = times
        .get(times.len() * 99 / 100)
        .copied()
        .map_or(0.0, micros);
    let (hit_rate, mrr) = tally.rates();
    println!("{name:<13} {method:<29} {hit_rate:.4}  {mrr:.4} {mean:>8.2} {p99:>7.2}");
}

/// Microseconds per event when the newest half of the sessions arrives click by click.
fn append_all(sessions: &[Vec<u32>]) -> f64 {
    let (old, new) = sessions.split_at(sessions.len() / 2);
    let mut index = SessionIndex::build(old, Bounds::SESSIONS);
    let started = Instant::now();
    let mut events = 0_u32;
    for session in new {
        let number = index.append(session.get(..1).unwrap_or_default());
        for item in session.iter().skip(1) {
            index.extend(number, *item);
        }
        events += u32::try_from(session.len()).unwrap_or(u32::MAX);
    }
    started.elapsed().as_secs_f64() * 1e6 / f64::from(events.max(1))
}
