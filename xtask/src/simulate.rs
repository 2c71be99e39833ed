//! `cargo xtask simulate`: replays a chain of stores from seeds and looks at every invariant of the sync.
//!
//! Without seeds that fail it prints figures; the first failing seed is cut short and told in words.

use std::process::Child;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{paths, process};

/// `cargo xtask simulate`.
#[derive(Args)]
pub(crate) struct Options {
    /// How many seeds to run
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many processes share them
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    jobs: u64,
    /// Short runs, of which there may be many
    #[arg(long)]
    short: bool,
    /// A store with 200 devices on a Saturday, instead of seeds
    #[arg(long)]
    saturday: bool,
    /// Devices that race for carts, instead of stores that sync
    #[arg(long, conflicts_with_all = ["saturday", "short"])]
    races: bool,
    /// Tell everything that happens
    #[arg(long)]
    words: bool,
}

/// Builds the simulation for speed and runs it.
///
/// # Errors
/// When it cannot be built, or where an invariant does not hold.
pub(crate) fn simulate(options: &Options) -> Result<()> {
    let mut build = process::cargo([
        "build",
        "--release",
        "-p",
        "aisle-tests",
        "--bin",
        "simulate",
    ]);
    process::run(&mut build)?;
    if options.saturday {
        return process::run(&mut program(options, 1, options.from));
    }
    let mut running = Vec::new();
    for (from, seeds) in shares(options.from, options.seeds, options.jobs) {
        running.push(
            program(options, seeds, from)
                .spawn()
                .context("the simulation does not start")?,
        );
    }
    let failed = running
        .into_iter()
        .map(wait)
        .filter(|ended| ended.is_err())
        .count();
    match failed {
        0 => Ok(()),
        _ => bail!("an invariant does not hold: see above"),
    }
}

fn wait(mut child: Child) -> Result<()> {
    match child.wait()?.success() {
        true => Ok(()),
        false => bail!("failed"),
    }
}

fn program(options: &Options, seeds: u64, from: u64) -> std::process::Command {
    let mut program = process::command(paths::binary("release", "simulate"));
    program.args(["--seeds", &seeds.to_string(), "--from", &from.to_string()]);
    if options.saturday {
        program.arg("--saturday");
    }
    if options.short {
        program.arg("--short");
    }
    if options.races {
        program.arg("--races");
    }
    if options.words {
        program.arg("--words");
    }
    program
}

/// The first seed and the number of seeds of each job.
fn shares(from: u64, seeds: u64, jobs: u64) -> Vec<(u64, u64)> {
    let each = seeds.div_ceil(jobs.max(1)).max(1);
    let end = from.saturating_add(seeds);
    let starts = (0..jobs).map(|job| from.saturating_add(job.saturating_mul(each)));
    starts
        .filter(|start| *start < end)
        .map(|start| (start, each.min(end - start)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_run_once() {
        assert_eq!(shares(5, 10, 3), [(5, 4), (9, 4), (13, 2)]);
        assert_eq!(shares(1, 1, 4), [(1, 1)]);
        assert_eq!(shares(1, 0, 4), []);
    }
}
