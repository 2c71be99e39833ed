//! `aisle-device`: hosts a tablet's or kiosk's calls and screens for a browser on this machine.

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use device::driver::{self, Pace};
use device::{Options, host, telemetry};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(
    name = "aisle-device",
    version,
    about = "A tablet or kiosk of Aisle, for a browser on this machine"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the device's calls and screens on loopback
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    #[command(flatten)]
    options: Options,
    /// Where to listen; an address of this machine alone
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4171")]
    listen: SocketAddr,
    /// The folder of the built screens
    #[arg(long, value_name = "DIR")]
    ui: PathBuf,
}

fn main() -> ExitCode {
    let Command::Serve(serve) = Arguments::parse().command;
    telemetry::start("aisle-device");
    let ran = run(serve);
    telemetry::finish();
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aisle-device: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(serve: Serve) -> Result<()> {
    let device = serve.options.open(None)?;
    let runtime = tokio::runtime::Runtime::new().context("no threads to run on")?;
    let served = runtime.block_on(async {
        let listener = host::listen(serve.listen).await?;
        let _running = driver::start(&device, serve.options.code, Pace::default());
        say_ready(listener.local_addr()?)?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            served = host::serve(device, listener, &serve.ui) => Ok(served?),
            _ = tokio::signal::ctrl_c() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
    });
    // A thread that still waits for the disk or the cloud has nothing that a kill would lose.
    runtime.shutdown_background();
    served
}

/// One line for whoever started this: it serves, and where.
fn say_ready(addr: SocketAddr) -> Result<()> {
    let line = serde_json::json!({"ready": true, "addr": addr.to_string()});
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
