//! What a tablet that is up to date asks for: a delta, nothing, and its own commands.

use super::counter::Counter;
use super::plain;
use super::pouch::Peer;
use super::store::{AUTHOR, BenchStore, id};
use super::tablet::{Identity, Tablet};
use super::{tell, timed};
use aisle_tests::figure::{millis, percentile};
use anyhow::Result;
use chrono::DateTime;
use domain::api::sync::command;
use domain::ids::CommandId;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::time::Duration;
use sync::NewCommand;

/// Changes of a delta, and commands of a push.
pub(super) const MANY: u64 = 1_000;
/// How often each is measured; the middle one is told.
const TIMES: u64 = 5;
/// How often a tablet asks and there is nothing.
const NOTHINGS: u64 = 200;

pub(super) async fn measure(store: &BenchStore, plain: &plain::Figures, peer: &Peer) -> Result<()> {
    let counter = Counter::to(&store.url()).await?;
    let identity = Identity::join(&store.url(), store.code().await?).await?;
    let counted = Identity {
        url: counter.url().to_owned(),
        ..identity.clone()
    };
    let folder = tempfile::tempdir()?;
    let tablet = Tablet::open(folder.path(), identity)?;
    tablet.catch_up().await?;
    delta(store, &tablet, plain, peer).await?;
    nothing(&tablet, plain, peer).await?;
    push(&tablet, plain).await?;
    drop(tablet);
    let tablet = Tablet::open(folder.path(), counted)?;
    bytes(store, &tablet, &counter, plain, peer).await
}

async fn delta(
    store: &BenchStore,
    tablet: &Tablet,
    plain: &plain::Figures,
    peer: &Peer,
) -> Result<()> {
    let mut times = Vec::new();
    for round in 1..=TIMES {
        store.change(MANY, round).await?;
        times.push(timed(tablet.catch_up()).await?.1);
    }
    tell(
        &format!("delta of {MANY}"),
        &millis(percentile(&mut times, 50)),
        &millis(plain.delta),
        peer.delta.as_deref(),
        "50 ms",
    );
    Ok(())
}

async fn nothing(tablet: &Tablet, plain: &plain::Figures, peer: &Peer) -> Result<()> {
    let mut times = Vec::new();
    for _ in 0..NOTHINGS {
        times.push(timed(tablet.pull(0)).await?.1);
    }
    tell(
        "nothing to do",
        &precise(percentile(&mut times, 50)),
        &precise(plain.nothing),
        peer.nothing.as_deref(),
        "1 ms",
    );
    Ok(())
}

async fn push(tablet: &Tablet, plain: &plain::Figures) -> Result<()> {
    let mut times = Vec::new();
    for round in 0..TIMES {
        queue(tablet, round)?;
        times.push(timed(tablet.push_all()).await?.1);
    }
    tell(
        &format!("push of {MANY} commands"),
        &millis(percentile(&mut times, 50)),
        &millis(plain.push),
        None,
        "300 ms",
    );
    Ok(())
}

/// The same once more, over a connection whose bytes are counted.
async fn bytes(
    store: &BenchStore,
    tablet: &Tablet,
    counter: &Counter,
    plain: &plain::Figures,
    peer: &Peer,
) -> Result<()> {
    tablet.catch_up().await?;
    counter.take();
    tablet.pull(0).await?;
    let nothing = counter.take().sum();
    store.change(MANY, TIMES + 1).await?;
    tablet.catch_up().await?;
    let delta = counter.take();
    queue(tablet, TIMES)?;
    tablet.push_all().await?;
    let push = counter.take();
    let each = |bytes: u64| format!("{:.0} B each", bytes as f64 / MANY as f64);
    tell(
        "nothing to do, on the wire",
        &format!("{nothing} B"),
        &format!("{} B", plain.nothing_bytes),
        peer.nothing_bytes.as_deref(),
        "500 B",
    );
    tell(
        &format!("delta of {MANY}, on the wire"),
        &each(delta.sum()),
        &each(plain.delta_bytes),
        peer.delta_bytes.as_deref(),
        "40 B each",
    );
    tell(
        &format!("push of {MANY} commands, on the wire"),
        &format!(
            "{} ({} up, {} down)",
            each(push.sum()),
            each(push.up),
            each(push.down)
        ),
        &each(plain.push_bytes),
        None,
        "120 B each",
    );
    Ok(())
}

/// Notes on customers all over the store, each with ids as devices make them.
fn queue(tablet: &Tablet, round: u64) -> Result<()> {
    let issued_at = DateTime::from_timestamp(1_780_000_000, 0).unwrap_or_default();
    for number in 0..MANY {
        let note = note(round, number);
        let args = to_raw_value(&note)?;
        tablet.replica.queue(&NewCommand {
            id: &CommandId::parse(uuid(round, 1 << 32 | number))?,
            kind: command::NOTE_ADD,
            version: 2,
            args: &args,
            issued_at,
        })?;
    }
    Ok(())
}

pub(super) fn note(round: u64, number: u64) -> serde_json::Value {
    json!({
        "id": uuid(round, number),
        "customer": id(number * 97 % 100_000),
        "text": format!("Asked for size {} of the green tent, call her when it is here", number % 60),
        "author": AUTHOR,
        "written_at": "2026-05-28T20:26:40Z",
        "pinned": false,
    })
}

/// As random as ids are: they do not compress.
fn uuid(round: u64, number: u64) -> String {
    let mixed = |salt: u64| {
        let mixed = (round << 48 ^ number ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 29)
    };
    let bits = u128::from(mixed(1)) << 64 | u128::from(mixed(2));
    uuid::Uuid::from_u128(bits).to_string()
}

fn precise(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}
