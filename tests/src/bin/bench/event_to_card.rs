//! From a click that is posted until an open customer card shows it: over HTTP, with cloud and tablet as programs.

use aisle_tests::demo::{ASSOCIATE, WRITE_KEY};
use aisle_tests::figure::{millis, now, percentile, print};
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::{Context as _, Result, bail};
use domain::api::device::{MAX_ROWS, SearchItems, Signal};
use domain::ids::{CustomerId, Sku};
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use std::time::Duration;

/// Clicks that are measured, one after the other.
const CLICKS: usize = 400;
/// Clicks before that, so that everything has run once.
const WARM: usize = 20;
/// A click that takes longer than this is a fault, not a figure.
const AT_MOST: Duration = Duration::from_secs(30);

pub(crate) async fn measure() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer.id;
    let skus = some_items(&tablet).await?;
    let mut signals = std::pin::pin!(signals(&tablet).await?);
    let mut times = Vec::with_capacity(CLICKS);
    let mut baseline = Vec::with_capacity(CLICKS);
    for (index, sku) in skus.iter().cycle().take(WARM + CLICKS).enumerate() {
        let start = now();
        click(&world, &customer, sku, index).await?;
        let posted = start.elapsed();
        let shown = until_shown(&tablet, &customer, sku, &mut signals);
        tokio::time::timeout(AT_MOST, shown)
            .await
            .with_context(|| format!("click {index}"))??;
        if index >= WARM {
            times.push(start.elapsed());
            baseline.push(posted);
        }
    }
    for (name, percent, goal) in [("p50", 50, ""), ("p99", 99, "< 250 ms")] {
        print(
            &format!("event to open card, {name}"),
            &millis(percentile(&mut times, percent)),
            &format!(
                "{} for the post alone",
                millis(percentile(&mut baseline, percent))
            ),
            goal,
        );
    }
    Ok(())
}

async fn some_items(tablet: &DeviceProgram) -> Result<Vec<Sku>> {
    let search = SearchItems {
        query: String::new(),
        department: None,
        offset: 0,
        limit: MAX_ROWS,
    };
    let hits = tablet.call(&search).await?.value.hits;
    Ok(hits.into_iter().map(|hit| hit.item.sku).collect())
}

async fn click(world: &World, customer: &CustomerId, sku: &Sku, index: usize) -> Result<()> {
    let call = json!({
        "type": "track",
        "event": "Product Viewed",
        "messageId": format!("bench-{index}"),
        "userId": customer,
        "properties": {"product_id": sku},
    });
    let url = format!("{}/v1/track", world.cloud_url());
    let post = client()?.post(url).basic_auth(WRITE_KEY, Some(""));
    post.json(&call).send().await?.error_for_status()?;
    Ok(())
}

/// The device's signals, as its screens hear them.
pub(crate) async fn signals(
    tablet: &DeviceProgram,
) -> Result<impl Stream<Item = Result<Signal>> + use<>> {
    let url = format!("{}/device/events", tablet.url());
    let asked = client()?.get(url).header("x-aisle", "1");
    let response = asked.send().await?.error_for_status()?;
    let mut rest = String::new();
    let lines = response
        .bytes_stream()
        .map(move |bytes| -> Result<Vec<Signal>> {
            rest.push_str(std::str::from_utf8(&bytes?)?);
            let mut signals = Vec::new();
            while let Some((line, after)) = rest.split_once('\n') {
                if let Some(text) = line.strip_prefix("data:") {
                    signals.push(serde_json::from_str(text.trim())?);
                }
                rest = after.to_owned();
            }
            Ok(signals)
        });
    Ok(lines.flat_map(|signals| {
        let signals = match signals {
            Ok(signals) => signals.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        futures_util::stream::iter(signals)
    }))
}

/// Opens the card again at each signal about her, as a screen does, until the newest view is this item.
async fn until_shown(
    tablet: &DeviceProgram,
    customer: &CustomerId,
    sku: &Sku,
    signals: &mut (impl Stream<Item = Result<Signal>> + Unpin),
) -> Result<()> {
    while let Some(signal) = signals.next().await {
        let hers = match signal? {
            Signal::Customer { customer: moved } => moved == *customer,
            Signal::Everything => true,
            Signal::Status | Signal::Help | Signal::Cart { .. } | Signal::Notice { .. } => false,
        };
        if hers {
            let profile = tablet.card(customer).await?.value.profile;
            if profile.views.first().is_some_and(|view| view.sku == *sku) {
                return Ok(());
            }
        }
    }
    bail!("the device tells nothing any more")
}
