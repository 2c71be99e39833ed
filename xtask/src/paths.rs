//! Where things lie in the repository and what cargo builds where.

use std::env;
use std::path::{Path, PathBuf};

/// The repository's root: the folder above this package.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A binary of ours as cargo built it; `profile` is the folder's name
/// (`debug`, `release`).
pub(crate) fn binary(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(name)
}

/// The folder that both web apps are built into.
pub(crate) fn ui() -> PathBuf {
    target().join("ui")
}

/// A tool from the npm registry that `node::tool` installed.
pub(crate) fn npm_tool(name: &str) -> PathBuf {
    tools().join("node_modules/.bin").join(name)
}

/// The folder of the tools that come from the npm registry.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}
