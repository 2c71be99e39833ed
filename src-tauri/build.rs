//! Prepares what the shell embeds: its configuration, its permissions, and the screens.

use std::path::Path;
use std::{fs, process};

/// Where `cargo xtask ui` puts the screens; `tauri.conf.json` names the same folder.
const SCREENS: &str = "../target/ui/app";
const NO_SCREENS: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Aisle</title>\
<p>The screens are not built yet: run <code>cargo xtask ui</code>, then build again.";

fn main() {
    // The screens are embedded: new screens make a new program.
    println!("cargo:rerun-if-changed={SCREENS}");
    if let Err(error) = have_screens(Path::new(SCREENS)) {
        fail(&format!(
            "no placeholder for the screens in {SCREENS}: {error}"
        ));
    }
    let commands = tauri_build::AppManifest::new().commands(&["call"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        fail(&format!("{error:#}"));
    }
}

/// A page that says what to do where the screens are not built: without one the program does not compile.
fn have_screens(folder: &Path) -> std::io::Result<()> {
    let page = folder.join("index.html");
    if page.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(page, NO_SCREENS)
}

fn fail(message: &str) -> ! {
    println!("cargo:warning={message}");
    process::exit(1)
}
