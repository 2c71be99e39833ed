//! Aisle in a window: the shell around the device.
//!
//! It opens the device, shows its screens, hands their calls over, and tells people beside the screen. It decides
//! nothing: every rule is behind [`device::Device::call`].

mod ipc;
mod keychain;
mod notices;
mod window;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use device::cloud::CloudAddress;
use device::driver::{self, Pace};
use device::folder::Folder;
use device::key::find_key;
use device::ports::Ports;
use device::{Device, Setup};
use domain::api::identity::DeviceKind;
use keychain::SystemKeychain;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(name = "aisle", version, about = "Aisle: a store's tablet or kiosk")]
struct Arguments {
    /// The folder of the device's data
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The cloud's address
    #[arg(long, value_name = "URL")]
    cloud: String,
    /// A one-time code that joins the device to a store; not needed again
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// What the device is for
    #[arg(long, value_enum, default_value = "tablet")]
    kind: Kind,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Tablet,
    Kiosk,
}

impl From<Kind> for DeviceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Tablet => Self::Tablet,
            Kind::Kiosk => Self::Kiosk,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("aisle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Opens the device, then the window, and stays until it closes.
fn run(arguments: Arguments) -> Result<()> {
    check_display()?;
    let device = open(&arguments)?;
    let runtime = tokio::runtime::Runtime::new().context("no threads to run on")?;
    tauri::async_runtime::set(runtime.handle().clone());
    let running = {
        let _inside = runtime.enter();
        driver::start(&device, arguments.code, Pace::default())
    };
    let shown = window::show(device);
    drop(running);
    // A thread that still waits for the disk or the cloud has nothing that a kill would lose.
    runtime.shutdown_background();
    shown
}

fn open(arguments: &Arguments) -> Result<Device> {
    let ports = Ports::system();
    let folder = Folder::take(&arguments.data)?;
    let key = find_key(&folder, Some(&SystemKeychain), &ports)?;
    Ok(Device::open(Setup {
        folder,
        key,
        cloud: CloudAddress::parse(&arguments.cloud)?,
        kind: arguments.kind.into(),
        ports,
    })?)
}

/// A sentence instead of the toolkit's panic.
fn check_display() -> Result<()> {
    let shows = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !shows("DISPLAY") && !shows("WAYLAND_DISPLAY") {
        bail!("there is no display to open a window on: run `aisle-device` and a browser instead");
    }
    Ok(())
}
