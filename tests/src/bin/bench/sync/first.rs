//! The first sync of a store: in a process of its own, so that its memory is that of a tablet that starts.

use super::counter::Counter;
use super::plain;
use super::pouch::Peer;
use super::store::BenchStore;
use super::tablet::{Identity, Tablet};
use super::{megabytes, tell};
use aisle_tests::figure::now;
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::Path;
use tokio::process::Command;

/// This program as a tablet that syncs for the first time and ends.
pub(crate) const TABLET: &str = "sync-for-the-first-time";

/// What a first sync took.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct First {
    pub(super) seconds: f64,
    pub(super) memory_kb: u64,
    pub(super) customers: u64,
}

/// The child's part: `TABLET <folder> <identity>`; prints what it took.
pub(crate) async fn measure_first(arguments: &[String]) -> Result<()> {
    let [folder, identity] = arguments else {
        bail!("{TABLET} takes a folder and an identity");
    };
    let identity: Identity = serde_json::from_str(identity)?;
    let start = now();
    let tablet = Tablet::open(Path::new(folder), identity)?;
    tablet.catch_up().await?;
    let first = First {
        seconds: start.elapsed().as_secs_f64(),
        memory_kb: memory_peak_kb()?,
        customers: tablet.replica.count_customers()?,
    };
    println!("{}", serde_json::to_string(&first)?);
    Ok(())
}

/// Of this process so far (`VmHWM`, proc(5)).
pub(super) fn memory_peak_kb() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let figure = line.context("no VmHWM")?.trim().trim_end_matches(" kB");
    Ok(figure.parse()?)
}

/// Runs this program again with arguments, and reads the JSON that it ends with.
pub(super) async fn in_a_process<T: for<'de> Deserialize<'de>>(arguments: &[&str]) -> Result<T> {
    let mut child = Command::new(std::env::current_exe()?);
    let output = child.args(arguments).output().await?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{arguments:?} failed: {complaint}");
    }
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().last().context("it said nothing")?;
    serde_json::from_str(line).with_context(|| line.to_owned())
}

async fn run(store: &BenchStore, url: &str) -> Result<First> {
    let identity = Identity {
        url: url.to_owned(),
        ..Identity::join(&store.url(), store.code().await?).await?
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().display().to_string();
    let first: First = in_a_process(&[TABLET, &path, &serde_json::to_string(&identity)?]).await?;
    if first.customers != store.customers {
        bail!(
            "{} of {} customers arrived",
            first.customers,
            store.customers
        );
    }
    Ok(first)
}

pub(super) async fn measure(store: &BenchStore, plain: &plain::Figures, peer: &Peer) -> Result<()> {
    until_offered(store).await?;
    let first = run(store, &store.url()).await?;
    let counter = Counter::to(&store.url()).await?;
    run(store, counter.url()).await?;
    let bytes = counter.take().sum();
    tell(
        &format!("first sync of {} customers", store.customers),
        &format!("{:.2} s, {}", first.seconds, megabytes(bytes)),
        &format!(
            "{:.2} s, {}",
            plain.first.seconds,
            megabytes(plain.first.bytes)
        ),
        peer.first.as_deref(),
        "1.5 s, 4.5 MB",
    );
    Ok(())
}

pub(super) async fn measure_million(store: &BenchStore, plain: &plain::First) -> Result<()> {
    until_offered(store).await?;
    let first = run(store, &store.url()).await?;
    let counter = Counter::to(&store.url()).await?;
    run(store, counter.url()).await?;
    let bytes = counter.take().sum();
    let memory = |kb: u64| format!("{:.0} MB of memory", kb as f64 / 1024.0);
    tell(
        &format!("first sync of {} customers", store.customers),
        &format!(
            "{:.1} s, {}, {}",
            first.seconds,
            megabytes(bytes),
            memory(first.memory_kb)
        ),
        &format!(
            "{:.1} s, {}, {}",
            plain.seconds,
            megabytes(plain.bytes),
            memory(plain.memory_kb)
        ),
        None,
        "20 s, 100 MB of memory",
    );
    Ok(())
}

/// Waits until the cloud has made its snapshot of the store, as it does in the background; or until it is clear that none
/// is made, which is told.
async fn until_offered(store: &BenchStore) -> Result<()> {
    const LOOKS: u32 = 600;
    let identity = Identity::join(&store.url(), store.code().await?).await?;
    for _ in 0..LOOKS {
        let folder = tempfile::tempdir()?;
        let tablet = Tablet::open(folder.path(), identity.clone())?;
        if !tablet.pull(0).await?.offers.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    println!("no snapshot was made: the first sync reads the feed");
    Ok(())
}
