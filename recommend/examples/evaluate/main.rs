//! Prints the quality and the cost of the engine on public data sets, beside baselines.
//!
//! `cargo run --release -p recommend --example evaluate -- [sessions | customers | tune | trade | tune-customers]`; without a
//! word, sessions and customers. The data is read from `../shared/data`, and what is not there is left out.
//! Figures are printed, never asserted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for people at a terminal, which measures time"
)]

mod baselines;
mod clock;
mod customers;
#[allow(dead_code, reason = "shared with the test of quality")]
#[path = "../../tests/quality/dataset.rs"]
mod dataset;
mod figures;
mod sessions;
mod tune;

use recommend::sessions::Tuning;

fn main() {
    let word = std::env::args().nth(1).unwrap_or_default();
    let only = std::env::args().nth(2);
    println!(
        "Parameters were chosen on the train parts alone: learnt from all but the last thirteenth, asked the prefixes of that.\n\
         Each test part is asked once, every prefix of every session. More in recommend/MEASURED.md."
    );
    for (name, tuning, most) in [
        ("diginetica", Tuning::BROWSING, 1_500),
        ("yoochoose64", Tuning::REPEATING, 4_000),
    ] {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let Some(folder) = dataset::session_folder(name) else {
            println!("{name} is not there");
            continue;
        };
        match word.as_str() {
            "trade" => tune::trade(name, &folder, tuning),
            "tune" => tune::tune(name, &folder, tuning, most),
            "" | "sessions" => sessions::evaluate(name, &folder, tuning),
            _ => {}
        }
    }
    match word.as_str() {
        "" | "customers" => customers::evaluate(false),
        "tune-customers" => customers::evaluate(true),
        _ => {}
    }
}
