//! How many events one core takes in: in one process without a network, and over HTTP.

use crate::load::{self, Load};
use aisle_tests::figure::{now, print, processor_seconds};
use anyhow::{Result, anyhow};
use cloud_functions::functions::ingest::{Catalogue, Posted, Source, ingest_batch};
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use domain::money::Currency;

/// Events that are taken in for one figure.
const EVENTS: usize = 200_000;
const GOAL: &str = "20,000 / s / core, ultimately 50,000";

pub(crate) async fn measure() -> Result<()> {
    for per_batch in [1, 20, 100] {
        in_process(per_batch).await?;
    }
    over_http().await
}

/// `ingest_batch` on SQLite, one batch after the other.
async fn in_process(per_batch: usize) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let services = wiring::open(&DataFolder::open(folder.path())?)?.services;
    let catalogue = Catalogue::default();
    let source = Source {
        source: "bench".to_owned(),
        currency: Currency::EUR,
        store: None,
    };
    let events = EVENTS.min(per_batch * 2_000);
    let bodies = load::bodies(0, events, per_batch);
    let (before, start) = (processor_seconds(std::process::id())?, now());
    let mut stored = 0;
    for body in &bodies {
        let posted = Posted {
            kind: None,
            body,
            opted_out: false,
            traceparent: None,
        };
        let outcome = ingest_batch(&services, &catalogue, &source, posted).await;
        stored += outcome.map_err(|error| anyhow!("{error:?}"))?.stored;
    }
    let wall = start.elapsed().as_secs_f64();
    let processor = processor_seconds(std::process::id())? - before;
    let rate = |seconds: f64| stored as f64 / seconds;
    print(
        &format!("ingest in process, batches of {per_batch}"),
        &format!("{:.0} / s / core ({:.0} / s)", rate(processor), rate(wall)),
        "",
        GOAL,
    );
    Ok(())
}

/// The function alone, as its own program, beside a server that parses the same JSON and keeps nothing.
async fn over_http() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let ours = Load::on_ingest(folder.path()).await?.run(EVENTS).await?;
    let baseline = Load::on_baseline().await?.run(EVENTS).await?;
    print(
        "ingest over HTTP, batches of 100",
        &ours.to_string(),
        &format!("{baseline} parsing alone"),
        GOAL,
    );
    Ok(())
}
