//! `cargo xtask package`: the Debian package of the app.

use anyhow::{Context, Result, bail};

use crate::progress::Steps;
use crate::setup::{self, Need};
use crate::{node, paths, process, ui};

const TAURI_CLI: &str = "@tauri-apps/cli@2.12.5";

/// Builds the release window and packs it.
///
/// # Errors
/// When Node.js is missing or a build fails.
pub(crate) fn package() -> Result<()> {
    let mut steps = Steps::new(3);
    steps.step("Set up the machine", || {
        setup::machine(Need::Window)?;
        if !node::is_here() {
            bail!("packing needs Node.js 18 or newer and npm");
        }
        node::tool(TAURI_CLI, "tauri")
    })?;
    steps.step("Build the screens", || {
        let (release, out) = (true, None);
        ui::ui(&ui::Options { release, out })
    })?;
    steps.step("Build and pack the app", || {
        let mut tauri = process::command(paths::npm_tool("tauri"));
        tauri.args(["build", "--bundles", "deb"]);
        process::run(tauri.current_dir(paths::root().join("src-tauri")))
    })?;
    let folder = paths::target().join("release/bundle/deb");
    let files = std::fs::read_dir(&folder).context("the package was not written")?;
    for file in files {
        println!("{}", file?.path().display());
    }
    Ok(())
}
