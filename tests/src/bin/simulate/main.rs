//! Runs seeds of the simulation and prints what came of them: `cargo xtask simulate`.

mod races;

use aisle_tests::simulation::{Engines, Figures, Plan, Runner, Tally, Verdict, shrink};
use anyhow::{Context, Result, bail};
use std::time::Instant;

/// The most failing seeds that are told one by one.
const MAX_TOLD: usize = 5;

/// What is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Full,
    Short,
    Saturday,
}

impl Kind {
    fn plan(self, seed: u64) -> Plan {
        match self {
            Self::Full => Plan::draw(seed),
            Self::Short => Plan::short(seed),
            Self::Saturday => Plan::saturday(seed),
        }
    }
}

struct Options {
    from: u64,
    seeds: u64,
    in_words: bool,
    kind: Kind,
    races: bool,
    is_brief: bool,
}

fn main() -> Result<()> {
    let options = read(std::env::args().skip(1))?;
    let runner = Runner::new()?;
    let started = now();
    if options.races {
        return races::run(&runner, &options, started);
    }
    let (mut figures, mut failed, mut hash) = (Figures::default(), Vec::new(), 0_u64);
    for seed in options.from..options.from + options.seeds {
        let plan = options.kind.plan(seed);
        let verdict = runner
            .run(&plan, Engines::Model, options.in_words)
            .with_context(|| format!("seed {seed}"))?;
        figures.add(&verdict.figures);
        hash = hash.rotate_left(1) ^ verdict.hash;
        if options.in_words {
            verdict.lines.iter().for_each(|line| println!("{line}"));
        }
        if !verdict.violations.is_empty() {
            failed.push((plan, verdict));
            if options.is_brief {
                break;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    print(&options, &figures, seconds);
    println!("trace {hash:016x}");
    tell(&runner, &failed, options.is_brief)?;
    if failed.is_empty() {
        return Ok(());
    }
    bail!("{} of {} seeds failed", failed.len(), options.seeds)
}

fn read(arguments: impl Iterator<Item = String>) -> Result<Options> {
    let mut options = Options {
        from: 1,
        seeds: 100,
        in_words: false,
        kind: Kind::Full,
        races: false,
        is_brief: false,
    };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        let mut number = |what: &str| -> Result<u64> {
            let text = arguments
                .next()
                .with_context(|| format!("{what} needs a number"))?;
            text.parse()
                .with_context(|| format!("{what} {text} is not a number"))
        };
        match argument.as_str() {
            "--from" => options.from = number("--from")?,
            "--seeds" => options.seeds = number("--seeds")?,
            "--words" => options.in_words = true,
            "--brief" => options.is_brief = true,
            "--short" => options.kind = Kind::Short,
            "--saturday" => options.kind = Kind::Saturday,
            "--races" => options.races = true,
            other => {
                bail!(
                    "there is no option {other}, but --seeds N, --from S, --short, --races, --saturday, --words"
                )
            }
        }
    }
    if options.kind == Kind::Saturday {
        options.seeds = options.seeds.min(1);
    }
    Ok(options)
}

fn print(options: &Options, figures: &Figures, seconds: f64) {
    let last = options.from + options.seeds.saturating_sub(1);
    println!("seeds {} to {last} in {seconds:.1} s", options.from);
    let name = if options.races { "operations" } else { "steps" };
    let steps = figures.done.get(name).copied().unwrap_or(0);
    table("done", &figures.done);
    table("faults", &figures.faults);
    table("invariants looked at", &figures.checks);
    #[allow(clippy::cast_precision_loss, reason = "for people")]
    let rate = steps as f64 / seconds.max(0.001);
    println!("{steps} operations, {rate:.0} a second");
}

fn table(title: &str, tally: &Tally) {
    let total: u64 = tally.values().sum();
    println!("{title}: {total}");
    for (name, count) in tally {
        println!("  {count:>10}  {name}");
    }
}

/// Says what did not hold, and for the first the shortest run that still shows it.
fn tell(runner: &Runner, failed: &[(Plan, Verdict)], is_brief: bool) -> Result<()> {
    println!("violations: {}", failed.len());
    for (plan, verdict) in failed.iter().take(MAX_TOLD) {
        for violation in &verdict.violations {
            println!("  seed {}: {violation}", plan.seed);
        }
    }
    let Some((plan, verdict)) = failed.first().filter(|_| !is_brief) else {
        return Ok(());
    };
    let short = shrink(runner, plan, verdict)?;
    println!(
        "seed {} with {} of {} actions:",
        plan.seed,
        short.plan.len(),
        plan.len()
    );
    short
        .verdict
        .lines
        .iter()
        .for_each(|line| println!("  {line}"));
    println!("  network {:?}", short.plan.network);
    println!("  ledger {:?}", short.plan.ledger);
    short
        .verdict
        .violations
        .iter()
        .for_each(|violation| println!("  {violation}"));
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "how long it took is told to people"
)]
fn now() -> Instant {
    Instant::now()
}
