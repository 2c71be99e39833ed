//! The whole cloud in one program: every function, the event pump and the demo shop on one folder.

mod compact;
mod dead_letters;
mod enrol;
mod import;
mod seed;
mod serve;

use clap::{Args, Parser, Subcommand};
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::log;
use cloud_functions::host::wiring::{self, Wired};
use std::path::PathBuf;
use std::process::ExitCode;

/// The whole cloud in one program: every function, the event pump and the demo shop on one folder.
#[derive(Parser)]
#[command(name = "aisle-cloud", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves until it is stopped.
    Serve(serve::Options),
    /// Lays out the demo store.
    Seed(seed::Options),
    /// Reads the files that a retailer already has.
    Import(import::Options),
    /// Makes a one-time code with which a device joins a store.
    Enrol(enrol::Options),
    /// Builds snapshots of feeds that have grown long. A cloud that serves does so by itself.
    Compact(compact::Options),
    /// Lists or replays events that a consumer was given up on.
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
}

/// Which folder a command works on.
#[derive(Args)]
struct Folder {
    /// The folder that everything is kept in; made where it is missing.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl Folder {
    /// Opens the engines beside whatever else uses the folder.
    fn open(&self) -> anyhow::Result<Wired> {
        Ok(wiring::open(&DataFolder::open(&self.data)?)?)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    log::start();
    let ran = match Cli::parse().command {
        Command::Serve(options) => serve::serve(options).await,
        Command::Seed(options) => seed::seed(options).await,
        Command::Import(options) => import::import(options).await,
        Command::Enrol(options) => enrol::enrol(options).await,
        Command::Compact(options) => compact::compact(options).await,
        Command::DeadLetters(command) => dead_letters::dead_letters(command).await,
    };
    log::finish();
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aisle-cloud: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints an answer as one line of JSON.
fn print(answer: &impl serde::Serialize) -> anyhow::Result<()> {
    use std::io::Write;
    let line = serde_json::to_string(answer)?;
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
