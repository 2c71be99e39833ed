//! Aisle in a window: the shell around the device.
//!
//! It opens the device, shows its screens, hands their calls over, and tells people beside the screen. It decides
//! nothing: every rule is behind [`device::Device::call`].

mod ipc;
mod keychain;
mod notices;
mod window;

use anyhow::{Context, Result, bail};
use clap::Parser;
use device::driver::{self, Pace};
use device::{Options, telemetry};
use keychain::SystemKeychain;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "aisle", version, about = "Aisle: a store's tablet or kiosk")]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    telemetry::start("aisle");
    let ran = run(arguments.options);
    telemetry::finish();
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aisle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Opens the device, then the window, and stays until it closes.
fn run(options: Options) -> Result<()> {
    check_display()?;
    let device = options.open(Some(&SystemKeychain))?;
    let runtime = tokio::runtime::Runtime::new().context("no threads to run on")?;
    tauri::async_runtime::set(runtime.handle().clone());
    let running = {
        let _inside = runtime.enter();
        driver::start(&device, options.code, Pace::default())
    };
    let shown = window::show(device);
    drop(running);
    // A thread that still waits for the disk or the cloud has nothing that a kill would lose.
    runtime.shutdown_background();
    shown
}

/// A sentence instead of the toolkit's panic.
fn check_display() -> Result<()> {
    let shows = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !shows("DISPLAY") && !shows("WAYLAND_DISPLAY") {
        bail!("there is no display to open a window on: run `aisle-device` and a browser instead");
    }
    Ok(())
}
