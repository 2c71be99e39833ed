//! Sync over HTTP with the shipped cloud and a real encrypted replica: the first sync of a store, a delta, nothing to do,
//! a push, and how long a change takes to be on another device. Beside it a plain numbered feed without sums, grants,
//! encryption or tokens ([`plain`]), and PouchDB where somebody installed it ([`pouch`]).

mod counter;
mod first;
mod live;
mod plain;
mod pouch;
mod small;
mod store;
mod tablet;

pub(crate) use first::{TABLET, measure_first};
pub(crate) use plain::{FIRST as PLAIN_FIRST, measure_first as measure_plain_first};
pub(crate) use plain::{SERVE as SERVE_PLAIN, serve as serve_plain};

use aisle_tests::figure::{now, print};
use anyhow::Result;
use std::future::Future;
use std::time::Duration;
use store::BenchStore;

/// Customers of the store on which everything but the first sync of a million is measured.
const CUSTOMERS: u64 = 100_000;
const MILLION: u64 = 1_000_000;

/// Everything on a store of 100,000 customers.
pub(crate) async fn measure() -> Result<()> {
    let peer = pouch::measure().await?;
    let plain = plain::Figures::measure(CUSTOMERS).await?;
    let store = BenchStore::start(CUSTOMERS).await?;
    first::measure(&store, &plain, &peer).await?;
    small::measure(&store, &plain, &peer).await?;
    live::measure(&store, &plain, &peer).await
}

/// The first sync of a million customers.
pub(crate) async fn measure_million() -> Result<()> {
    let plain = plain::First::measure(MILLION).await?;
    let store = BenchStore::start(MILLION).await?;
    first::measure_million(&store, &plain).await
}

/// How long something takes.
async fn timed<T>(work: impl Future<Output = Result<T>>) -> Result<(T, Duration)> {
    let start = now();
    let done = work.await?;
    Ok((done, start.elapsed()))
}

/// A figure beside that of the plain feed and of the peer, where it was measured.
fn tell(name: &str, ours: &str, plain: &str, peer: Option<&str>, goal: &str) {
    let baseline = match peer {
        Some(peer) => format!("{plain} plain feed; {peer} PouchDB"),
        None => format!("{plain} plain feed"),
    };
    print(name, ours, &baseline, goal);
}

fn megabytes(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}
