//! Node.js and what we take from the npm registry: tools, and the programs of
//! others that tests let talk to us. Never part of what is shipped.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::{paths, process};

/// The lowest Node.js that the packages in tests/peers run on.
const MAJOR_MIN: u32 = 18;

/// Whether a Node.js that is new enough, and npm, are here.
pub(crate) fn is_here() -> bool {
    let version = process::command("node").arg("--version").output();
    let major = version.ok().and_then(|output| {
        let text = String::from_utf8(output.stdout).ok()?;
        self::major(&text)
    });
    major.is_some_and(|major| major >= MAJOR_MIN) && process::has("npm")
}

fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// Installs what tests/peers asks for: the programs of others that talk to us.
///
/// # Errors
/// When npm fails; its own message is printed above.
pub(crate) fn peers() -> Result<()> {
    let folder = paths::root().join("tests/peers");
    let lock = folder.join("package-lock.json");
    if !lock.is_file() {
        println!("Node.js packages: none are asked for.");
        return Ok(());
    }
    // npm writes this file last.
    let stamp = folder.join("node_modules/.package-lock.json");
    if modified(&stamp) >= modified(&lock) && stamp.is_file() {
        println!("Node.js packages of tests/peers: all are here.");
        return Ok(());
    }
    println!("Installing with npm: the packages of tests/peers");
    let mut npm = process::command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"]);
    process::run(npm.current_dir(&folder))
}

/// Installs one tool from the npm registry into target/tools.
///
/// # Errors
/// When npm fails or is not here.
pub(crate) fn tool(package: &str, program: &str) -> Result<()> {
    if paths::npm_tool(program).exists() {
        return Ok(());
    }
    println!("Installing with npm into target/tools: {package}");
    let folder = paths::tools();
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut npm = process::command("npm");
    npm.args(["install", "--save-exact", "--no-audit", "--no-fund"]);
    npm.args(["--loglevel", "error", package, "--prefix"])
        .arg(&folder);
    process::run(&mut npm)
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|meta| meta.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20"), None);
    }
}
