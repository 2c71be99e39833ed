//! `cargo xtask evaluate`: the recommender on public data sets, beside the methods that it is measured against.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::process;

/// `cargo xtask evaluate`.
#[derive(Args)]
pub(crate) struct Options {
    /// Which part; without a word, sessions and customers
    #[arg(value_enum)]
    part: Option<Part>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Part {
    /// What comes next in a session: static, daily and live
    Sessions,
    /// What a customer buys next
    Customers,
    /// What a request and an event cost
    Kernel,
    /// Search for parameters anew, on the train parts alone; takes hours
    Tune,
    /// The same for customers, on the baskets before the last ones
    TuneCustomers,
}

/// Builds the evaluation for speed and runs it. Data sets that are not there are named and left out.
///
/// # Errors
/// When it cannot be built or does not run.
pub(crate) fn evaluate(options: &Options) -> Result<()> {
    let (example, word) = match options.part {
        None => ("evaluate", None),
        Some(Part::Sessions) => ("evaluate", Some("sessions")),
        Some(Part::Customers) => ("evaluate", Some("customers")),
        Some(Part::Kernel) => ("kernel", Some("10000000")),
        Some(Part::Tune) => ("evaluate", Some("tune")),
        Some(Part::TuneCustomers) => ("evaluate", Some("tune-customers")),
    };
    let fixed = [
        "run",
        "--release",
        "-p",
        "recommend",
        "--example",
        example,
        "--",
    ];
    process::run(&mut process::cargo(fixed.into_iter().chain(word)))
}
