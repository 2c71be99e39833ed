//! PouchDB with express-pouchdb, where somebody installed it: `npm ci` in `tests/peers/pouchdb`.

use aisle_tests::paths;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tokio::process::Command;

/// What the peer took, as it says; nothing where it is not here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Peer {
    pub(super) first: Option<String>,
    pub(super) delta: Option<String>,
    pub(super) nothing: Option<String>,
    pub(super) delta_bytes: Option<String>,
    pub(super) nothing_bytes: Option<String>,
    pub(super) live_p50: Option<String>,
    pub(super) live_p99: Option<String>,
}

pub(super) async fn measure() -> Result<Peer> {
    let folder = paths::root().join("tests/peers/pouchdb");
    if !folder.join("node_modules").is_dir() {
        println!("PouchDB is not beside the figures: `npm ci` in tests/peers/pouchdb installs it");
        return Ok(Peer::default());
    }
    println!("measuring PouchDB");
    let mut node = Command::new("node");
    let output = node.arg("measure.js").current_dir(&folder).output().await?;
    if !output.status.success() {
        bail!("PouchDB: {}", String::from_utf8_lossy(&output.stderr));
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().last().context("PouchDB said nothing")?;
    serde_json::from_str(line).with_context(|| line.to_owned())
}
