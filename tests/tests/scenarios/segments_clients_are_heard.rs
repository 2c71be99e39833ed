//! Segment's own clients, unmodified, over a good network and over one that fails: every event is stored exactly once.

use aisle_tests::browser::Browser;
use aisle_tests::demo::WRITE_KEY;
use aisle_tests::faults::FaultyNetwork;
use aisle_tests::paths;
use aisle_tests::site::Site;
use aisle_tests::world::World;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;
use tokio::process::Command;

/// Of a hundred posts so many fail.
const FAULTS_PERCENT: u64 = 30;

#[derive(Deserialize)]
struct Sent {
    sent: Vec<String>,
    failed: Vec<String>,
}

#[tokio::test]
async fn from_node() -> Result<()> {
    let world = World::start().await?;
    let stored = world.stored()?;
    let from = stored.end().await?;
    let sent = send_from_node(&world.cloud_url(), 60).await?;
    assert_eq!((sent.sent.len(), sent.failed.len()), (60, 0));
    stored.expect_once(from, &sent.sent).await
}

#[tokio::test]
async fn from_node_over_a_network_that_fails() -> Result<()> {
    let world = World::start().await?;
    let stored = world.stored()?;
    let from = stored.end().await?;
    let network = FaultyNetwork::start(&world.cloud_url(), FAULTS_PERCENT, 1).await?;
    let sent = send_from_node(network.url(), 200).await?;
    assert_eq!((sent.sent.len(), sent.failed.len()), (200, 0));
    assert!(network.spoilt() > 0, "nothing failed");
    stored.expect_once(from, &sent.sent).await
}

#[tokio::test]
async fn from_a_browser() -> Result<()> {
    let world = World::start().await?;
    let page = send_from_browser(&world, &world.cloud_url(), 10).await?;
    page.check_console(&[]).await
}

#[tokio::test]
async fn from_a_browser_over_a_network_that_fails() -> Result<()> {
    let world = World::start().await?;
    let network = FaultyNetwork::start(&world.cloud_url(), FAULTS_PERCENT, 2).await?;
    send_from_browser(&world, network.url(), 30).await?;
    assert!(network.spoilt() > 0, "nothing failed");
    Ok(())
}

fn peers() -> Result<PathBuf> {
    let folder = paths::root().join("tests/peers");
    if !folder.join("node_modules/@segment").is_dir() {
        bail!("Segment's clients are not installed: `cargo xtask test` does it");
    }
    Ok(folder)
}

async fn send_from_node(host: &str, how_many: usize) -> Result<Sent> {
    let mut node = Command::new("node");
    node.args(["send.js", host, WRITE_KEY, &how_many.to_string()])
        .current_dir(peers()?)
        .kill_on_drop(true);
    let output = node.output().await.context("starting node")?;
    if !output.status.success() {
        bail!("node: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Sends from a page of another origin and waits until everything is stored once.
async fn send_from_browser(world: &World, host: &str, how_many: usize) -> Result<Browser> {
    let stored = world.stored()?;
    let from = stored.end().await?;
    let peers = peers()?;
    let umd = peers.join("node_modules/@segment/analytics-next/dist/umd");
    let site = Site::start(&peers.join("browser"), &[("/umd", &umd)]).await?;
    let page = Browser::chromium(800, 600).await?;
    let query = format!("host={host}&key={WRITE_KEY}&count={how_many}");
    page.open(&format!("{}/?{query}", site.url())).await?;
    page.wait_for_text("state", "handed over").await?;
    let sent: Vec<String> = serde_json::from_str(&page.read("sent").await?)?;
    assert_eq!(
        sent.len(),
        how_many + 2,
        "with the page and the identify call"
    );
    stored.expect_once(from, &sent).await?;
    Ok(page)
}
