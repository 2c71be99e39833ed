//! Python, and what we take from its package index: the fakes of clouds that tests talk to, and tools that look at files
//! for a cloud. Never part of what is shipped.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{paths, process};

/// Where the fakes are, as tests are told in `AISLE_FAKES`.
pub(crate) fn fakes_folder() -> PathBuf {
    paths::tools().join("python")
}

/// Installs the fakes that tests/peers asks for.
///
/// # Errors
/// When Python has no virtual environments, or the index is not reached.
pub(crate) fn fakes() -> Result<()> {
    environment(
        &fakes_folder(),
        &paths::root().join("tests/peers/requirements.txt"),
    )
}

/// A virtual environment that has what a file of requirements asks for. Where it has that already, nothing is asked.
///
/// # Errors
/// When it cannot be made or filled.
pub(crate) fn environment(folder: &Path, requirements: &Path) -> Result<()> {
    let wanted = std::fs::read_to_string(requirements)
        .with_context(|| format!("reading {}", requirements.display()))?;
    // Written last: a half-filled folder is filled anew.
    let stamp = folder.join("requirements.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        println!("Python packages of {}: all are here.", name(requirements));
        return Ok(());
    }
    println!(
        "Installing with pip: the packages of {}",
        name(requirements)
    );
    let mut venv = process::command("python3");
    process::run(venv.args(["-m", "venv", "--clear"]).arg(folder))
        .context("python3 makes no virtual environment: is the package python3-venv here?")?;
    let mut pip = process::command(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
    process::run(pip.arg(requirements)).context("the Python packages could not be installed")?;
    std::fs::write(&stamp, wanted).with_context(|| format!("writing {}", stamp.display()))
}

fn name(requirements: &Path) -> String {
    let root = paths::root();
    let short = requirements.strip_prefix(&root).unwrap_or(requirements);
    short.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned() {
        let file = paths::root().join("tests/peers/requirements.txt");
        let text = std::fs::read_to_string(file).unwrap();
        let packages = text.lines().filter(|line| !line.starts_with('#'));
        let packages: Vec<&str> = packages.filter(|line| !line.trim().is_empty()).collect();
        assert!(!packages.is_empty());
        assert!(
            packages.iter().all(|line| line.contains("==")),
            "{packages:?}"
        );
    }
}
