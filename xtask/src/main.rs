//! `cargo xtask`: sets the machine up, builds, runs, tests and measures Aisle.
//!
//! Never part of the product: nothing of ours depends on it, and it depends on
//! none of our crates, so that it compiles first and quickly.

mod bench;
mod dependencies;
mod deploy;
mod evaluate;
mod functions;
mod licence;
mod load;
mod node;
mod package;
mod paths;
mod planted;
mod process;
mod progress;
mod python;
mod run;
mod screenshots;
mod setup;
mod simulate;
mod site;
mod supervise;
mod template;
mod test;
mod test_programs;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Sets the machine up, builds, runs and tests Aisle.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up, build and start the demo store, the app and the shop
    Run(run::Options),
    /// Set up, then run every check and every test
    Test(test::Options),
    /// Build the screens into target/ui
    Ui(ui::Options),
    /// Measure, and print one table
    Bench(bench::Options),
    /// Hold a flash sale against the embedded host, and print what became of it
    Load(load::Options),
    /// Make the pictures of every screen that the README shows
    Screenshots(screenshots::Options),
    /// Replay a chain of stores from seeds and look at every invariant of the sync
    Simulate(simulate::Options),
    /// Plant mistakes of the sync in a copy, and show what catches each
    Planted(planted::Options),
    /// Measure the recommender on public data sets, beside other methods
    Evaluate(evaluate::Options),
    /// Look at the template for Amazon's services
    Template,
    /// Deploy to Amazon's services, or print what that would do and cost
    Deploy(deploy::Options),
    /// Build the Debian package of the app
    Package,
    /// Build every function for Lambda into target/lambda, and print what they weigh
    Functions(functions::Options),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::test(&options),
        Task::Ui(options) => ui::ui(&options),
        Task::Bench(options) => bench::bench(&options),
        Task::Load(options) => load::load(&options),
        Task::Screenshots(options) => screenshots::screenshots(&options),
        Task::Simulate(options) => simulate::simulate(&options),
        Task::Planted(options) => planted::planted(&options),
        Task::Evaluate(options) => evaluate::evaluate(&options),
        Task::Template => template::template(),
        Task::Deploy(options) => deploy::deploy(&options),
        Task::Package => package::package(),
        Task::Functions(options) => functions::functions(&options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
