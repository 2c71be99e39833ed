//! `cargo xtask test`: every check and every test, the same here and in CI.
//!
//! All steps build the same selection of packages, so that cargo unifies
//! features once and nothing is compiled twice.

use anyhow::Result;
use clap::Args;

use crate::progress::Steps;
use crate::setup::{self, Need};
use crate::test_programs::{Count, TestPrograms};
use crate::{dependencies, node, process, python, ui};

/// `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Options {
    /// Without browsers, window and documentation: the libraries' own tests
    #[arg(long)]
    quick: bool,
}

/// Everything of ours but this program, whose dependencies are its own.
const WORKSPACE: [&str; 3] = ["--workspace", "--exclude", "xtask"];
/// What needs neither WebKit nor a browser.
const LIBRARIES: [&str; 12] = [
    "-p",
    "domain",
    "-p",
    "telemetry",
    "-p",
    "recommend",
    "-p",
    "sync",
    "-p",
    "device",
    "-p",
    "cloud-functions",
];
const NO_WARNINGS: [&str; 3] = ["--", "-D", "warnings"];

/// Runs the steps; the first that fails ends it.
///
/// # Errors
/// The failing step's.
pub(crate) fn test(options: &Options) -> Result<()> {
    let mut steps = Steps::new(if options.quick { 6 } else { 11 });
    let mut count = Count::default();
    let done = if options.quick {
        quick(&mut steps, &mut count)
    } else {
        full(&mut steps, &mut count)
    };
    println!("\n{}", steps.table());
    // Also what CI reads: its last line says how many tests ran.
    println!("{count}");
    done
}

fn quick(steps: &mut Steps, count: &mut Count) -> Result<()> {
    steps.step("Set up the machine", || setup::machine(Need::Build))?;
    steps.step("Check the format", format)?;
    steps.step("Check the dependencies", dependencies::check)?;
    steps.step("Lint", || lint(&LIBRARIES))?;
    let programs = steps.step("Build the tests", || TestPrograms::build(&LIBRARIES))?;
    steps.step("Test the libraries", || {
        programs.run_units(count)?;
        programs.run_examples(count)
    })
}

fn full(steps: &mut Steps, count: &mut Count) -> Result<()> {
    steps.step("Set up the machine", || {
        setup::machine(Need::Test)?;
        node::peers()?;
        python::fakes()
    })?;
    steps.step("Check the format", format)?;
    steps.step("Check the dependencies", dependencies::check)?;
    // The window's package embeds them, so they come before its lints.
    steps.step("Build the screens", || {
        let (release, out) = (false, None);
        ui::ui(&ui::Options { release, out })
    })?;
    steps.step("Lint", lint_all)?;
    steps.step("Build the documentation", document)?;
    steps.step("Build the programs", build_programs)?;
    let programs = steps.step("Build the tests", || TestPrograms::build(&WORKSPACE))?;
    steps.step("Test this tool", || {
        TestPrograms::build(&["-p", "xtask"])?.run_units(count)
    })?;
    steps.step("Test the packages", || {
        programs.run_units(count)?;
        programs.run_examples(count)
    })?;
    steps.step("Test end to end, browsers and window", || {
        programs.run_scenarios(count)
    })
}

fn format() -> Result<()> {
    process::run(&mut process::cargo(["fmt", "--all", "--check"]))
}

fn lint_all() -> Result<()> {
    // The screens are only ever built for the browser.
    let mut selection = WORKSPACE.to_vec();
    selection.extend(["--exclude", "ui"]);
    lint(&selection)?;
    lint(&["-p", "xtask"])?;
    let mut screens = process::cargo(["clippy", "-p", "ui", "--lib", "--bins"]);
    screens.args(["--target", "wasm32-unknown-unknown"]);
    process::run(screens.args(NO_WARNINGS))
}

fn lint(selection: &[&str]) -> Result<()> {
    let mut clippy = process::cargo(["clippy", "--all-targets"]);
    process::run(clippy.args(selection).args(NO_WARNINGS))
}

fn document() -> Result<()> {
    let mut doc = process::cargo(["doc", "--no-deps"]);
    doc.args(WORKSPACE).env("RUSTDOCFLAGS", "-D warnings");
    process::run(&mut doc)
}

/// Functions that scenarios run alone, as platforms do.
const FUNCTIONS: [&str; 4] = [
    "aisle-identity",
    "aisle-ingest",
    "aisle-profile",
    "aisle-sync",
];

/// The programs that the end-to-end tests start.
fn build_programs() -> Result<()> {
    let mut build = process::cargo(["build"]);
    build.args(WORKSPACE);
    let hosts = ["aisle-cloud", "aisle-device", "aisle"];
    for name in hosts.into_iter().chain(FUNCTIONS) {
        build.args(["--bin", name]);
    }
    process::run(&mut build)
}
