//! What a request and an event cost: on Diginetica, and on as many synthetic sessions as are asked for.
//!
//! `cargo run --release -p recommend --example kernel -- [SYNTHETIC_SESSIONS]`. The published figures of Serenade and those
//! of a rewriting of its semantics are printed beside ours.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for people at a terminal, which measures time"
)]

#[path = "../evaluate/clock.rs"]
mod clock;
#[allow(dead_code, reason = "shared with the evaluation")]
#[path = "../../tests/quality/dataset.rs"]
mod dataset;
mod synthetic;

use recommend::sessions::{Bounds, Reach, SessionIndex, Tuned, Tuning};
use std::hint::black_box;

fn main() {
    println!(
        "µs of CPU per request                      mean    p99   (p99: least wall time of three rounds)"
    );
    println!("Serenade m=500 k=100 l=9, Diginetica      25.80  76.70   published");
    println!("the same semantics, rewritten, Diginetica  3.48  11.40   published");
    println!("Serenade, 10 M sessions                   37.30  87.10   published");
    println!("the same semantics, rewritten, 10 M        6.57  14.70   published");
    if let Some(folder) = dataset::session_folder("diginetica") {
        diginetica(&folder);
    } else {
        println!("diginetica is not there");
    }
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok());
    if let Some(count) = count {
        synthetic::run(count);
    }
}

fn diginetica(folder: &std::path::Path) {
    let train = dataset::sessions(&folder.join("train.tsv.gz"));
    let test = dataset::sessions(&folder.join("test.tsv.gz"));
    let requests: Vec<Vec<u32>> = test
        .iter()
        .flat_map(|session| dataset::prefixes(session))
        .map(|example| example.session)
        .collect();
    let index = SessionIndex::build(&train, Bounds::SESSIONS);
    for length in 1..=9 {
        let some: Vec<Vec<u32>> = requests
            .iter()
            .filter(|request| request.len() == length)
            .cloned()
            .collect();
        report(&format!("ours, Diginetica, {length} items"), &index, &some);
    }
    report("ours, Diginetica, all prefixes", &index, &requests);
    let tuned = Tuned::new(Tuning::BROWSING);
    let (mean, p99) = clock::measure(requests.len(), 3, |place| {
        black_box(index.next_items_tuned(&requests[place], &tuned, 20));
    });
    println!("{:<41} {mean:>6.2} {p99:>6.2}", "ours, Diginetica, tuned");
}

fn report(what: &str, index: &SessionIndex, requests: &[Vec<u32>]) {
    let (mean, p99) = clock::measure(requests.len(), 3, |place| {
        black_box(index.next_items(&requests[place], Reach::VMIS, 20));
    });
    println!("{what:<41} {mean:>6.2} {p99:>6.2}");
}
