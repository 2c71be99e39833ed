//! `cargo xtask screenshots`: pictures of every screen, for the README.

use anyhow::Result;
use clap::Args;

use crate::progress::Steps;
use crate::setup::{self, Need};
use crate::{process, ui};

/// `cargo xtask screenshots`.
#[derive(Args)]
pub(crate) struct Options {
    /// Passed on to the program that takes the pictures
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Builds the app and lets a browser walk through it.
///
/// # Errors
/// When a build fails or a screen does not appear.
pub(crate) fn screenshots(options: &Options) -> Result<()> {
    let mut steps = Steps::new(4);
    steps.step("Set up the machine", || setup::machine(Need::Test))?;
    steps.step("Build the screens", || {
        let (release, out) = (false, None);
        ui::ui(&ui::Options { release, out })
    })?;
    steps.step("Build the programs", || {
        let mut build = process::cargo(["build", "-p", "cloud-functions", "-p", "device"]);
        build.args([
            "-p",
            "aisle-tests",
            "--bin",
            "aisle-cloud",
            "--bin",
            "aisle-device",
        ]);
        process::run(build.args(["--bin", "screenshots"]))
    })?;
    steps.step("Take the pictures", || {
        let mut take = process::command(crate::paths::binary("debug", "screenshots"));
        process::run(take.args(&options.arguments))
    })
}
