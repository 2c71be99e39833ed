//! Customer search over a million customers: the replica's own benchmark.

use anyhow::{Context as _, Result, bail};
use std::process::Command;

pub(crate) async fn measure() -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut search = Command::new(cargo);
    search.args(["run", "--quiet", "--release", "--package", "sync"]);
    let status = search
        .args(["--example", "search_bench"])
        .current_dir(aisle_tests::paths::root())
        .status()
        .context("starting the replica's benchmark")?;
    if !status.success() {
        bail!("the replica's benchmark failed");
    }
    Ok(())
}
