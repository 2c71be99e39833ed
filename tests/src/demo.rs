//! The demo store, laid out once for all scenarios of a run and copied for each.

use crate::paths;
use crate::program::Program;
use crate::stored::Stored;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use tokio::process::Command;
use tokio::sync::OnceCell;

/// The write key of the demo shop.
pub const WRITE_KEY: &str = "demo-shop";
/// An associate of store 1, and her PIN.
pub const ASSOCIATE: (&str, &str) = ("a102", "246810");
/// The manager of store 1, and her PIN.
pub const MANAGER: (&str, &str) = ("a101", "135790");

static LAID_OUT: OnceCell<PathBuf> = OnceCell::const_new();

/// Copies the demo store into a folder of a cloud.
///
/// # Errors
/// When it cannot be laid out or copied.
pub async fn copy_to(folder: &Path) -> Result<()> {
    let from = LAID_OUT.get_or_try_init(lay_out).await?;
    copy(from, folder)
}

/// Seeds the store, and lets a cloud serve it until every consumer knows its history.
async fn lay_out() -> Result<PathBuf> {
    let home = paths::root().join("target/tmp");
    forget_others(&home);
    let place = home.join(format!("demo-{}", std::process::id()));
    let folder = place.join("cloud");
    std::fs::create_dir_all(&folder)?;
    let mut seed = Command::new(paths::program("aisle-cloud")?);
    let output = seed
        .args(["seed", "--data"])
        .arg(&folder)
        .output()
        .await
        .context("seeding the demo store")?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("the demo store could not be seeded: {complaint}");
    }
    let data = folder.display().to_string();
    let args = ["serve", "--data", &data, "--listen", "127.0.0.1:0"];
    let cloud = Program::start("aisle-cloud", &args, &place.join("cloud.log")).await?;
    Stored::open(&folder)?.settle().await?;
    cloud.kill().await?;
    Ok(folder)
}

/// Removes what runs before this one have left.
fn forget_others(home: &Path) {
    let Ok(entries) = std::fs::read_dir(home) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let of = name.to_str().and_then(|name| name.strip_prefix("demo-"));
        if of.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
            // Whatever stays is in nobody's way.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}
