//! Where things lie.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

/// The project's root.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// A program that was built beside this test.
///
/// # Errors
/// When it was not built.
pub fn program(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe().context("where is this test")?;
    let folders = test.ancestors().skip(1).take(2);
    let found = folders
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    match found {
        Some(path) => Ok(path),
        None => bail!("{name} is not built: `cargo xtask test` builds it before the scenarios"),
    }
}

/// The screens, as built for tests.
///
/// # Errors
/// When they were not built.
pub fn screens(entry: &str) -> Result<PathBuf> {
    let folder = root().join("target/ui").join(entry);
    if !folder.join("index.html").is_file() {
        bail!("the screens are not built: run `cargo xtask ui`");
    }
    Ok(folder)
}

/// Real data beside the project, where the machine has it.
#[must_use]
pub fn data(path: &str) -> Option<PathBuf> {
    let file = root().join("../shared/data").join(path);
    if file.exists() {
        return Some(file);
    }
    println!("skipped: {path} is not beside the project");
    None
}
