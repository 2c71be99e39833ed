//! `cargo xtask load`: a flash sale against the embedded host, built for speed, beside a server that says hello.

use anyhow::Result;
use clap::Args;

use crate::progress::Steps;
use crate::{bench, paths, process};

/// `cargo xtask load`.
#[derive(Args)]
pub(crate) struct Options {
    /// What the sale is drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests a second where it is busiest
    #[arg(long, default_value_t = 1_000)]
    peak: u32,
    /// How long people come, in seconds
    #[arg(long, default_value_t = 30)]
    seconds: u32,
}

/// Builds the programs, lets the crowd in, prints one table.
///
/// # Errors
/// When a build fails, or the sale did not add up.
pub(crate) fn load(options: &Options) -> Result<()> {
    let mut steps = Steps::new(2);
    steps.step("Build the programs", build)?;
    let figures = steps.step("Hold the sale", || {
        let mut program = process::command(paths::binary("release", "load"));
        program.args(["--seed", &options.seed.to_string()]);
        program.args(["--peak", &options.peak.to_string()]);
        program.args(["--seconds", &options.seconds.to_string()]);
        Ok(bench::read(&process::output(&mut program)?))
    })?;
    println!("\n{}", bench::table(&figures));
    Ok(())
}

fn build() -> Result<()> {
    let mut build = process::cargo(["build", "--release", "-p", "aisle-tests"]);
    build.args(["-p", "cloud-functions", "--bin", "load"]);
    process::run(build.args(["--bin", "aisle-cloud"]))
}
