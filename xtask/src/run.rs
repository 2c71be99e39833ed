//! `cargo xtask run`: from a fresh clone to a store that one can walk into.

mod open;
mod welcome;

use std::net::TcpListener;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::progress::Steps;
use crate::setup::{self, Need};
use crate::supervise::Children;
use crate::{paths, process, ui};

/// `cargo xtask run`.
#[derive(Args)]
pub(crate) struct Options {
    /// Serve the app to a browser even where a window could be opened
    #[arg(long)]
    browser: bool,
    /// The folder that holds all data [default: data in the repository]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A retailer's own files to import first: product feeds, customers,
    /// orders, fences
    #[arg(long, value_name = "FILE", num_args = 1..)]
    import: Vec<PathBuf>,
    /// The first of three ports in a row
    #[arg(long, default_value_t = 4170, value_parser = clap::value_parser!(u16).range(1..=65533))]
    port: u16,
}

/// What is to be started where: all decided before anything is done.
struct Plan {
    data: PathBuf,
    import: Vec<PathBuf>,
    port: u16,
    window: bool,
}

/// Sets up, builds, starts and stays until Ctrl-C or until the window closes.
///
/// # Errors
/// When a file or a port is not to be had, a build fails or a program ends.
pub(crate) fn run(options: &Options) -> Result<()> {
    let plan = Plan::new(options)?;
    let mut children = Children::new()?;
    let mut steps = Steps::new(if plan.import.is_empty() { 4 } else { 5 });
    let need = if plan.window {
        Need::Window
    } else {
        Need::Build
    };
    steps.step("Set up the machine", || setup::machine(need))?;
    steps.step("Build the screens", || {
        let (release, out) = (true, None);
        ui::ui(&ui::Options { release, out })
    })?;
    steps.step("Build the programs", || plan.build())?;
    if !plan.import.is_empty() {
        steps.step("Import", || plan.import())?;
    }
    steps.step("Start", || plan.start(&mut children))?;
    children.wait(plan.window.then_some("the window"))?;
    println!("\nStopping.");
    Ok(())
}

impl Plan {
    fn new(options: &Options) -> Result<Self> {
        let data = options.data.clone();
        let data = data.unwrap_or_else(|| paths::root().join("data"));
        let plan = Self {
            data: absolute(data)?,
            import: readable(&options.import)?,
            port: options.port,
            window: !options.browser && process::has_display(),
        };
        for port in plan.port..=plan.port.saturating_add(2) {
            free(port)?;
        }
        Ok(plan)
    }

    fn build(&self) -> Result<()> {
        let mut build = process::cargo(["build", "--release"]);
        build.args(["--package", "cloud-functions", "--bin", "aisle-cloud"]);
        build.args(["--package", "device", "--bin", "aisle-device"]);
        if self.window {
            build.args(["--package", "aisle", "--bin", "aisle"]);
        }
        process::run(&mut build)
    }

    fn import(&self) -> Result<()> {
        // The demo store comes first: files without a store of their own join it.
        process::run(&mut program("aisle-cloud", "seed", &self.data))?;
        let mut import = program("aisle-cloud", "import", &self.data);
        process::run(import.args(&self.import))
    }
}

/// One of our programs with its sub-command and data folder.
fn program(name: &str, subcommand: &str, data: &Path) -> Command {
    let mut command = process::command(paths::binary("release", name));
    command.arg(subcommand).arg("--data").arg(data);
    command
}

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn readable(files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::with_capacity(files.len());
    for file in files {
        if !file.is_file() {
            bail!("there is no file {} to import", file.display());
        }
        found.push(absolute(file)?);
    }
    Ok(found)
}

fn free(port: u16) -> Result<()> {
    TcpListener::bind(address(port)).map(drop).with_context(|| {
        format!(
            "port {port} of this machine is not free. Stop the program that uses it, \
             or choose three other ports in a row with `--port N`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named_with_what_to_do() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let error = free(port).unwrap_err().to_string();
        assert!(error.contains(&format!("port {port} ")) && error.contains("--port"));
    }

    #[test]
    fn a_missing_import_is_named_before_anything_starts() {
        let error = readable(&[PathBuf::from("nowhere/orders.csv")]).unwrap_err();
        assert!(error.to_string().contains("nowhere/orders.csv"));
    }
}
