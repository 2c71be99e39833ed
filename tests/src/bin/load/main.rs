//! A flash sale against the embedded host, and the same against a server that says hello: `cargo xtask load`.
//!
//! Prints one JSON line a figure, as benchmarks do, and fails where the sale did not add up: a piece sold twice, a click
//! that was answered and is not in the log. How long things took is printed and never judged.

mod check;
mod crowd;
mod hello;
mod plan;
mod shopper;
mod tally;

use aisle_tests::figure::{millis, percentile_of, print, processor_seconds};
use aisle_tests::program::Program;
use aisle_tests::world::{World, client};
use anyhow::{Context as _, Result, bail};
use domain::api::content::CataloguePage;
use domain::api::shopper::{BecomeGuest, ShopperToken};
use domain::ids::{Sku, StoreId};
use plan::{Sale, Visit};
use shopper::Shop;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tally::Tally;

/// Items that the sale is about.
const ON_SALE: usize = 5;
/// Seconds of the sale that make one line.
const LINE_S: usize = 5;

/// What was asked for.
struct Options {
    seed: u64,
    peak: u32,
    seconds: u32,
}

/// A load, and what it cost the server.
struct Run {
    tally: Tally,
    wall: Duration,
    processor_s: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().map(String::as_str) == Some(hello::HELLO) {
        return hello::serve().await;
    }
    let options = read(&words)?;
    let world = World::start().await?;
    world.stored()?.settle().await?;
    let (shop, stock) = look_around(&world).await?;
    let sale = Sale {
        seed: options.seed,
        peak: options.peak,
        seconds: options.seconds,
        items: shop.skus.len(),
        on_sale: ON_SALE.min(shop.skus.len()),
    };
    let visits = sale.visits();
    println!(
        "{} visits in {} s from seed {}, at most about {} requests/s",
        visits.len(),
        sale.seconds,
        sale.seed,
        sale.peak
    );
    let from = world.stored()?.end().await?;
    let mut ours = run(shop, visits.clone(), world.cloud_process()?).await?;
    check::adds_up(&world, from, &stock, &ours.tally).await?;
    let log = world.folder().join("hello.log");
    let hello = Program::start("load", &[hello::HELLO], &log).await?;
    let (shop, _) = look_around(&world).await?;
    let shop = Shop {
        url: format!("http://{}", hello.addr()),
        is_real: false,
        ..shop
    };
    let process = hello.process().context("it ended")?;
    let mut bare = run(shop, visits, process).await?;
    tell(&mut ours, &mut bare);
    Ok(())
}

async fn run(shop: Shop, visits: Vec<Visit>, process: u32) -> Result<Run> {
    let before = processor_seconds(process)?;
    let (tally, wall) = crowd::come(Arc::new(shop), visits).await?;
    Ok(Run {
        tally,
        wall,
        processor_s: processor_seconds(process)? - before,
    })
}

/// The shop as its front page tells: what it sells, the items first of which there are most.
async fn look_around(world: &World) -> Result<(Shop, BTreeMap<Sku, i64>)> {
    let (client, url) = (client()?, world.cloud_url());
    let store = store_online(&client, &url).await?;
    let mut sold = Vec::new();
    let mut after: Option<Sku> = None;
    loop {
        let mut page = format!("{url}/v1/catalogue?store={store}");
        if let Some(after) = &after {
            page.push_str(&format!("&after={after}"));
        }
        let page = client.get(page).send().await?.error_for_status()?;
        let page: CataloguePage = serde_json::from_slice(&page.bytes().await?)?;
        sold.extend(page.items.into_iter().filter_map(|view| {
            let (price, on_hand) = (view.price?, view.on_hand?);
            Some((on_hand, view.item.sku, price.amount.currency))
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    sold.sort_by(|one, other| (other.0, &one.1).cmp(&(one.0, &other.1)));
    let (.., currency) = sold.first().context("nothing to sell")?;
    let shop = Shop {
        url,
        client,
        store,
        currency: *currency,
        skus: sold.iter().map(|(_, sku, _)| sku.clone()).collect(),
        is_real: true,
    };
    let stock = sold.into_iter().map(|(on_hand, sku, _)| (sku, on_hand));
    Ok((shop, stock.collect()))
}

/// The store that serves whoever comes without a name.
async fn store_online(client: &reqwest::Client, url: &str) -> Result<StoreId> {
    let guest = client.post(format!("{url}/v1/shopper/guest"));
    let guest = guest.json(&BecomeGuest { store: None }).send().await?;
    let guest = guest.error_for_status()?.bytes().await?;
    Ok(serde_json::from_slice::<ShopperToken>(&guest)?.store)
}

fn tell(ours: &mut Run, bare: &mut Run) {
    for (number, seconds) in ours.tally.seconds.chunks(LINE_S).enumerate() {
        let mut times: Vec<Duration> = seconds.iter().flatten().copied().collect();
        times.sort_unstable();
        println!(
            "from {:>3} s: {:>6.0} requests/s, p50 {}, p99 {}",
            number * LINE_S,
            times.len() as f64 / seconds.len() as f64,
            millis(percentile_of(&times, 0.5)),
            millis(percentile_of(&times, 0.99)),
        );
    }
    for [name, own, bare, goal] in ours.tally.lines(&mut bare.tally) {
        print(&name, &own, &bare, &goal);
    }
    print("all", &ours.tally.whole(), &bare.tally.whole(), "");
    print("throughput", &ours.throughput(), &bare.throughput(), "");
    print("processor", &ours.cost(), &bare.cost(), "");
    let sold = format!(
        "{} orders over {} in minor units, {} sold out, {} not paid",
        ours.tally.sold.len(),
        ours.tally.sold.iter().map(|sold| sold.total).sum::<i64>(),
        ours.tally.sold_out,
        ours.tally.not_paid
    );
    print("the sale", &sold, "", "");
    for (error, times) in ours.tally.errors.iter().chain(&bare.tally.errors) {
        println!("{times} times {error}");
    }
}

impl Run {
    fn throughput(&self) -> String {
        let mean = self.tally.requests() as f64 / self.wall.as_secs_f64();
        let busiest = self.tally.seconds.iter().map(Vec::len).max();
        format!(
            "{mean:.0} requests/s, {} in the busiest second",
            busiest.unwrap_or(0)
        )
    }

    fn cost(&self) -> String {
        let each = self.processor_s * 1e6 / self.tally.requests().max(1) as f64;
        format!(
            "{:.1} s of {:.1} s, {each:.0} us each",
            self.processor_s,
            self.wall.as_secs_f64()
        )
    }
}

fn read(words: &[String]) -> Result<Options> {
    let mut options = Options {
        seed: 1,
        peak: 1_000,
        seconds: 30,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} of what?"))?;
        match word.as_str() {
            "--seed" => options.seed = value.parse()?,
            "--peak" => options.peak = value.parse()?,
            "--seconds" => options.seconds = value.parse()?,
            _ => bail!("{word} is not known, but --seed, --peak and --seconds"),
        }
    }
    if options.peak == 0 || options.peak > 100_000 || !(3..=3_600).contains(&options.seconds) {
        bail!("a peak is 1 to 100000 requests/s, and a sale takes 3 to 3600 seconds");
    }
    Ok(options)
}
