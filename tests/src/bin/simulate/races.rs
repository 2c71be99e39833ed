//! `--races`: devices that race for carts.

use super::{Options, print};
use aisle_tests::simulation::{Figures, RACE_OPERATIONS, Runner, Verdict};
use anyhow::{Context, Result, bail};
use std::time::Instant;

/// The most failing seeds that are told one by one.
const MAX_TOLD: usize = 5;

/// Runs the races of all seeds; the first that fails is told in words.
pub(super) fn run(runner: &Runner, options: &Options, started: Instant) -> Result<()> {
    let (mut figures, mut failed) = (Figures::default(), Vec::new());
    for seed in options.from..options.from + options.seeds {
        let verdict = runner
            .race(seed, RACE_OPERATIONS, options.in_words)
            .with_context(|| format!("seed {seed}"))?;
        figures.add(&verdict.figures);
        verdict.lines.iter().for_each(|line| println!("{line}"));
        if !verdict.violations.is_empty() {
            failed.push((seed, verdict));
            if options.is_brief {
                break;
            }
        }
    }
    print(options, &figures, started.elapsed().as_secs_f64());
    println!("violations: {}", failed.len());
    tell(runner, &failed, options.is_brief)?;
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{} of {} seeds failed", failed.len(), options.seeds)
}

fn tell(runner: &Runner, failed: &[(u64, Verdict)], is_brief: bool) -> Result<()> {
    for (seed, verdict) in failed.iter().take(MAX_TOLD) {
        for violation in &verdict.violations {
            println!("  seed {seed}: {violation}");
        }
    }
    let Some((seed, verdict)) = failed.first().filter(|_| !is_brief) else {
        return Ok(());
    };
    let short = shortest(runner, *seed, verdict)?;
    short.lines.iter().for_each(|line| println!("  {line}"));
    Ok(())
}

/// The race with the fewest requests that fails in the same way: one more and one more, until it does.
fn shortest(runner: &Runner, seed: u64, verdict: &Verdict) -> Result<Verdict> {
    let names = |verdict: &Verdict| -> Vec<&'static str> {
        let violations = verdict.violations.iter();
        violations.map(|violation| violation.invariant).collect()
    };
    let wanted = names(verdict);
    for operations in 1..RACE_OPERATIONS {
        let shorter = runner.race(seed, operations, true)?;
        if names(&shorter) == wanted {
            return Ok(shorter);
        }
    }
    runner.race(seed, RACE_OPERATIONS, true)
}
