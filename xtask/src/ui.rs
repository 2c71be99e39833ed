//! Builds the screens: two WebAssembly programs, their glue and their pages.
//!
//! `wasm-bindgen` runs as a library at the version of the lock file, so that it
//! cannot drift from the crate of that name that the screens are built with.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use wasm_bindgen_cli_support::Bindgen;

use crate::{node, paths, process, site};

const TARGET: &str = "wasm32-unknown-unknown";
const BINARYEN: &str = "binaryen@132.0.0";

/// `cargo xtask ui`.
#[derive(Args)]
pub(crate) struct Options {
    /// Small rather than quickly built: what is shipped
    #[arg(long)]
    pub(crate) release: bool,
    /// The folder to build into [default: target/ui]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// One of the two web apps: a binary of package `ui`, and its page.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    /// Associate, kiosk and manager.
    App,
    /// The shopper's demo shop.
    Shop,
}

impl Entry {
    pub(crate) const ALL: [Self; 2] = [Self::App, Self::Shop];

    /// The binary's, the folder's and the script's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Shop => "shop",
        }
    }
}

/// Builds both web apps.
///
/// # Errors
/// When the screens do not compile or a file of the page is missing.
pub(crate) fn ui(options: &Options) -> Result<()> {
    let profile = if options.release {
        "wasm-release"
    } else {
        "wasm-test"
    };
    process::run(&mut process::cargo([
        "build",
        "--package",
        "ui",
        "--bins",
        "--target",
        TARGET,
        "--profile",
        profile,
    ]))?;
    let out = options.out.clone().unwrap_or_else(paths::ui);
    let optimise = options.release && optimiser()?;
    for entry in Entry::ALL {
        let wasm = paths::target().join(TARGET).join(profile);
        let wasm = wasm.join(entry.name()).with_extension("wasm");
        let folder = out.join(entry.name());
        bind(&wasm, &folder, entry, optimise)?;
        site::assemble(&paths::root(), entry, &folder)?;
    }
    println!("Screens: {}", out.display());
    Ok(())
}

/// Whether `wasm-opt` can be run; without Node.js the screens are larger.
fn optimiser() -> Result<bool> {
    if !node::is_here() {
        println!("No Node.js: the screens stay as the compiler left them, about twice the size.");
        return Ok(false);
    }
    node::tool(BINARYEN, "wasm-opt")?;
    Ok(true)
}

/// Writes `<entry>.js` and `<entry>_bg.wasm`, unless they were made from this
/// very `wasm` in this very way.
fn bind(wasm: &Path, folder: &Path, entry: Entry, optimise: bool) -> Result<()> {
    let stamp = folder.join(".made-from");
    let made_from = format!("{} optimised: {optimise}", fingerprint(wasm)?);
    if fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == made_from) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(entry.name())
        // As a library it leaves out where the program lies; the command line does not.
        .omit_default_module_path(false)
        .typescript(false);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(folder))
        .with_context(|| format!("wasm-bindgen failed on {}", wasm.display()))?;
    if optimise {
        shrink(&folder.join(format!("{}_bg.wasm", entry.name())))?;
    }
    fs::write(&stamp, made_from)?;
    Ok(())
}

/// The path, size in bytes and time of last change of a file.
fn fingerprint(file: &Path) -> Result<String> {
    let meta = file
        .metadata()
        .with_context(|| format!("{} was not built", file.display()))?;
    let changed_at = meta.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} {} {changed_at}", file.display(), meta.len()))
}

fn shrink(wasm: &Path) -> Result<()> {
    let before = wasm.metadata()?.len();
    let mut optimiser = process::command(paths::npm_tool("wasm-opt"));
    optimiser.args([
        "-Oz",
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ]);
    process::run(optimiser.arg(wasm).arg("-o").arg(wasm))?;
    let name = wasm.file_name().ok_or_else(|| anyhow!("no file name"))?;
    println!(
        "{}: {} kB, {} kB before wasm-opt",
        name.display(),
        wasm.metadata()?.len() / 1000,
        before / 1000
    );
    Ok(())
}
