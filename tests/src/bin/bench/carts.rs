//! Carts with cloud and tablets as programs: a handoff from the tap on one tablet until the screens of both show it, a
//! checkout, and how many carts become orders in a second of one core, on SQLite.

use crate::event_to_card::signals;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::figure::{millis, now, percentile, print, processor_seconds};
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::{Context as _, Result, bail};
use domain::api::cart::{CheckoutAnswer, PayAnswer};
use domain::api::device::{
    BeginCheckout, ClaimCart, ConfirmPrices, LeaseView, OfferCart, Offered, PayCart, Signal,
};
use domain::cart::{LinePrice, PaymentMethod};
use domain::ids::CartId;
use futures_util::{Stream, StreamExt as _};
use std::time::Duration;

/// Carts that are measured, one after the other.
const CARTS: usize = 200;
/// Carts before that, so that everything has run once.
const WARM: usize = 10;
/// Longer is a fault, not a figure.
const AT_MOST: Duration = Duration::from_secs(30);

pub(crate) async fn measure() -> Result<()> {
    let world = World::start().await?;
    let (one, two) = (
        world.device("one", "tablet").await?,
        world.device("two", "tablet").await?,
    );
    for tablet in [&one, &two] {
        tablet.sign_in(ASSOCIATE).await?;
    }
    // A cart takes one piece, and tablets are allotted some.
    let skus = one.sold_items(20).await?;
    let mut seen = std::pin::pin!(signals(&one).await?);
    let mut times = Times::default();
    let mut cost = 0.0;
    for number in 0..WARM + CARTS {
        let sku = skus.get(number % skus.len()).context("an item")?;
        let cart = one.fill_cart(sku, 1).await?;
        let before = processor_seconds(world.cloud_process()?)?;
        let handed = hand_over(&one, &two, &cart, &mut seen);
        let (claimed, shown) = tokio::time::timeout(AT_MOST, handed).await??;
        let start = now();
        check_out(&two, &cart).await?;
        let sold = start.elapsed();
        let start = now();
        health(&world).await?;
        let bare = start.elapsed();
        if number >= WARM {
            cost += processor_seconds(world.cloud_process()?)? - before;
            times.claimed.push(claimed);
            times.shown.push(shown);
            times.sold.push(sold);
            times.bare.push(bare);
        }
    }
    times.tell();
    let per_core = CARTS as f64 / cost;
    print(
        "carts handed over, checked out and paid, SQLite",
        &format!("{per_core:.0} / s / core"),
        "",
        "",
    );
    Ok(())
}

#[derive(Default)]
struct Times {
    claimed: Vec<Duration>,
    shown: Vec<Duration>,
    sold: Vec<Duration>,
    bare: Vec<Duration>,
}

impl Times {
    fn tell(&mut self) {
        let mut each = [
            ("claim to the claimant's screen", &mut self.claimed, ""),
            ("claim to the other screen", &mut self.shown, "150 ms"),
            ("checkout and payment", &mut self.sold, ""),
        ];
        for (name, times, goal) in &mut each {
            for (label, percent) in [("p50", 50), ("p99", 99)] {
                let bare = percentile(&mut self.bare, percent);
                let goal = if percent == 99 { *goal } else { "" };
                print(
                    &format!("{name}, {label}"),
                    &millis(percentile(times, percent)),
                    &format!("{} for one bare request", millis(bare)),
                    goal,
                );
            }
        }
    }
}

/// From the tap on `two` until it has the cart, and until `one` shows that it is there.
async fn hand_over(
    one: &DeviceProgram,
    two: &DeviceProgram,
    cart: &CartId,
    seen: &mut (impl Stream<Item = Result<Signal>> + Unpin),
) -> Result<(Duration, Duration)> {
    let offer = OfferCart {
        cart: cart.clone(),
        capsule: false,
    };
    let Offered::Code { shown, .. } = one.call(&offer).await? else {
        bail!("no code is offered");
    };
    let start = now();
    let claim = ClaimCart { proof: shown.code };
    let waiting = async {
        loop {
            let page = one.read_cart(cart).await?;
            if matches!(page.lease, LeaseView::Elsewhere { .. }) {
                return anyhow::Ok(start.elapsed());
            }
            until_told(cart, seen).await?;
        }
    };
    let claiming = async {
        two.call(&claim).await?;
        anyhow::Ok(start.elapsed())
    };
    tokio::try_join!(claiming, waiting)
}

async fn until_told(
    cart: &CartId,
    seen: &mut (impl Stream<Item = Result<Signal>> + Unpin),
) -> Result<()> {
    while let Some(signal) = seen.next().await {
        match signal? {
            Signal::Cart { cart: moved } if moved == *cart => return Ok(()),
            Signal::Everything => return Ok(()),
            _ => {}
        }
    }
    bail!("the device tells nothing any more")
}

/// Checks out and pays in cash, with prices confirmed where they changed.
async fn check_out(tablet: &DeviceProgram, cart: &CartId) -> Result<()> {
    for _ in 0..3 {
        let page = tablet.read_cart(cart).await?;
        let total = page.totals.context("a sum")?.total;
        let begin = BeginCheckout {
            cart: cart.clone(),
            version: page.cart.version,
            total,
        };
        match tablet.call(&begin).await? {
            CheckoutAnswer::Begun { .. } => return pay(tablet, cart).await,
            CheckoutAnswer::PricesChanged { changes, version } => {
                let prices = changes.into_iter().filter_map(|change| {
                    let line_id = change.line_id;
                    change.now.map(|price| LinePrice { line_id, price })
                });
                let confirm = ConfirmPrices {
                    cart: cart.clone(),
                    version,
                    prices: prices.collect(),
                };
                tablet.call(&confirm).await?;
            }
            CheckoutAnswer::TotalMoved { .. } => {}
            other => bail!("no checkout: {other:?}"),
        }
    }
    bail!("the cart does not come to rest")
}

async fn pay(tablet: &DeviceProgram, cart: &CartId) -> Result<()> {
    let pay = PayCart {
        cart: cart.clone(),
        method: PaymentMethod::Cash,
        attempt: 1,
    };
    match tablet.call(&pay).await? {
        PayAnswer::Ordered { .. } => Ok(()),
        other => bail!("not paid: {other:?}"),
    }
}

async fn health(world: &World) -> Result<()> {
    let url = format!("{}/healthz", world.cloud_url());
    client()?.get(url).send().await?.error_for_status()?;
    Ok(())
}
