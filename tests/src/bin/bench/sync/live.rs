//! From a change in the cloud until another device has it: a note that one tablet pushes, seen by the replica of another.

use super::plain;
use super::pouch::Peer;
use super::small::note;
use super::store::BenchStore;
use super::tablet::{Identity, Tablet};
use super::tell;
use aisle_tests::figure::{now, percentile};
use anyhow::{Context as _, Result};
use chrono::DateTime;
use domain::api::sync::{MAX_WAIT_MS, command, kind};
use domain::ids::CommandId;
use futures_util::StreamExt as _;
use serde_json::value::to_raw_value;
use std::time::{Duration, Instant};
use sync::NewCommand;

/// Notes that are measured, and those before them.
const NOTES: u64 = 300;
const WARM: u64 = 20;
/// Longer is a fault, not a figure.
const AT_MOST: Duration = Duration::from_secs(30);
/// Of ids that nothing else here makes.
const ROUND: u64 = 77;

pub(super) async fn measure(store: &BenchStore, plain: &plain::Figures, peer: &Peer) -> Result<()> {
    let writer = joined(store).await?;
    let reader = joined(store).await?;
    let mut pokes = match reader.1.listen().await {
        Ok(pokes) => Some(pokes),
        Err(error) => {
            println!("no pokes ({error}): the other tablet waits in its pull");
            None
        }
    };
    let mut times = Vec::new();
    for number in 0..WARM + NOTES {
        queue(&writer.1, number)?;
        let start = now();
        writer.1.push_all().await?;
        let seen = until_seen(&reader.1, pokes.as_mut(), number, start);
        let seen = tokio::time::timeout(AT_MOST, seen).await;
        let took = seen.with_context(|| format!("note {number}"))??;
        // The writer takes its own change in between, as devices do.
        writer.1.catch_up().await?;
        if number >= WARM {
            times.push(took);
        }
    }
    let show = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1_000.0);
    for (name, percent, plain, peer, goal) in [
        ("p50", 50, plain.live_p50, &peer.live_p50, "3 ms"),
        ("p99", 99, plain.live_p99, &peer.live_p99, "30 ms"),
    ] {
        tell(
            &format!("push to visible on another tablet, {name}"),
            &show(percentile(&mut times, percent)),
            &show(plain),
            peer.as_deref(),
            goal,
        );
    }
    Ok(())
}

async fn joined(store: &BenchStore) -> Result<(tempfile::TempDir, Tablet)> {
    let identity = Identity::join(&store.url(), store.code().await?).await?;
    let folder = tempfile::tempdir()?;
    let tablet = Tablet::open(folder.path(), identity)?;
    tablet.catch_up().await?;
    Ok((folder, tablet))
}

fn queue(tablet: &Tablet, number: u64) -> Result<()> {
    let note = note(ROUND, number);
    tablet.replica.queue(&NewCommand {
        id: &CommandId::parse(format!("live-{number}"))?,
        kind: command::NOTE_ADD,
        version: 2,
        args: &to_raw_value(&note)?,
        issued_at: DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default(),
    })?;
    Ok(())
}

/// Pulls at each poke, as a device does, or waits in the pull, until the note is here.
async fn until_seen(
    reader: &Tablet,
    mut pokes: Option<&mut (impl futures_util::Stream<Item = Result<()>> + Unpin)>,
    number: u64,
    start: Instant,
) -> Result<Duration> {
    let note = note(ROUND, number);
    let id = note.get("id").and_then(|id| id.as_str());
    loop {
        let mut wait_ms = MAX_WAIT_MS;
        if let Some(pokes) = pokes.as_mut() {
            let poke = pokes.next().await;
            poke.context("the stream of pokes ended")??;
            wait_ms = 0;
        }
        reader.pull(wait_ms).await?;
        let note = reader.replica.entity(kind::NOTE, id.unwrap_or_default())?;
        if note.is_some() {
            return Ok(start.elapsed());
        }
    }
}
