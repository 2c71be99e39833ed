//! A tap is followed through everything that it causes, over the wire and the event log, by what an operator's collector
//! is told.

use aisle_tests::collector::{Collector, Span, place};
use aisle_tests::demo::{ASSOCIATE, WRITE_KEY};
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::{Context as _, Result, bail};
use domain::api::cart::{CheckoutAnswer, PayAnswer};
use domain::api::device::{AddNote, BeginCheckout, DeviceCall, PayCart, ReadStatus};
use domain::cart::PaymentMethod;
use domain::ids::CartId;
use domain::trace::TraceContext;
use serde_json::json;

const CLOUD: &str = "aisle-cloud";
const DEVICE: &str = "aisle-device";
/// Who hears of what happened.
const CONSUMERS: [&str; 4] = ["profile", "purchases", "analytics", "recommend"];

/// A tap of the screen, with a trace of its own.
fn tap(number: u8) -> TraceContext {
    TraceContext::begin([number; 16], [number; 8])
}

async fn observed() -> Result<(Collector, World)> {
    let collector = Collector::start().await?;
    let mut world = World::laid_out().await?;
    world.set_variables(collector.variables());
    world.start_cloud().await?;
    Ok((collector, world))
}

#[tokio::test]
async fn from_the_tablet_through_five_functions() -> Result<()> {
    let (collector, world) = observed().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let cart = to_pay(&tablet).await?;
    let pay = PayCart {
        cart,
        method: PaymentMethod::Cash,
        attempt: 1,
    };
    let tap = tap(0x51);
    let PayAnswer::Ordered { .. } = tablet.tap(&pay, tap).await? else {
        bail!("not bought");
    };

    let call = collector.find(tap, DEVICE, PayCart::NAME).await?;
    assert_eq!(
        (&call.place.0, &call.parent),
        (&place(tap).0, &place(tap).1)
    );
    let ask = collector.find(tap, DEVICE, "POST").await?;
    assert_eq!(ask.parent, call.place.1, "the call asks the cloud");
    let route = "POST /v1/carts/{cart}/checkout/pay";
    let request = collector.find(tap, CLOUD, route).await?;
    assert_eq!(request.parent, ask.place.1, "over the wire");
    assert_eq!(request.attributes["http.response.status_code"], "200");
    let money = collector.find(tap, CLOUD, "payment charge").await?;
    assert_eq!(money.parent, request.place.1);
    let write = collector.find(tap, CLOUD, "ledger write").await?;
    assert_eq!(write.place.0, request.place.0);
    consumed(&collector, tap, &request).await
}

#[tokio::test]
async fn from_the_shop_through_five_functions() -> Result<()> {
    let (collector, world) = observed().await?;
    let click = json!({
        "type": "track", "event": "Product Viewed", "messageId": "one-tap", "anonymousId": "somebody",
        "properties": {"sku": "AI-1"}, "context": {"store": "1"},
    });
    let tap = tap(0x52);
    let posted = client()?
        .post(format!("{}/v1/track", world.cloud_url()))
        .basic_auth(WRITE_KEY, Some(""))
        .header("traceparent", tap.to_string())
        .json(&click);
    posted.send().await?.error_for_status()?;
    let request = collector.find(tap, CLOUD, "POST /v1/track").await?;
    assert_eq!(
        (&request.place.0, &request.parent),
        (&place(tap).0, &place(tap).1)
    );
    consumed(&collector, tap, &request).await?;
    cold_starts(&collector)
}

#[tokio::test]
async fn what_waited_for_the_network_is_linked_to_its_taps() -> Result<()> {
    let (collector, mut world) = observed().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer.id;
    world.kill_cloud().await?;
    let taps = [tap(0x53), tap(0x54)];
    for tap in taps {
        let note = AddNote {
            customer: customer.clone(),
            text: "Likes to be asked".to_owned(),
            pinned: false,
        };
        tablet.tap(&note, tap).await?;
    }
    world.start_cloud().await?;
    until("the notes to be sent", || async {
        let unsent = tablet.call(&ReadStatus {}).await?.sync.unsent;
        Ok((unsent == 0).then_some(()))
    })
    .await?;
    for tap in taps {
        let kept = collector.find(tap, DEVICE, AddNote::NAME).await?;
        let sent = until("the push that sent it", || async {
            let spans = collector.spans()?;
            let pushes = spans.iter().filter(|span| span.name == "sync push");
            // Pushes failed while the network was down: it is the one that the cloud heard.
            let mut heard = pushes.filter(|push| request_of(&spans, push).is_some());
            Ok(heard.find(|push| push.links.contains(&kept.place)).cloned())
        });
        sent.await.context("no push is linked to the tap")?;
        let request = collector.find(tap, CLOUD, "POST /v1/sync/push").await?;
        assert_eq!(request.attributes["http.response.status_code"], "200");
    }
    Ok(())
}

/// The request that a push came to.
fn request_of<'a>(spans: &'a [Span], push: &Span) -> Option<&'a Span> {
    let asks = spans.iter().filter(|span| span.parent == push.place.1);
    let mut requests = asks.filter_map(|ask| {
        let mut answers = spans.iter().filter(|span| span.service == CLOUD);
        answers.find(|span| span.parent == ask.place.1)
    });
    requests.next()
}

/// Every consumer took what a request appended.
async fn consumed(collector: &Collector, tap: TraceContext, request: &Span) -> Result<()> {
    let append = collector.find(tap, CLOUD, "append events").await?;
    assert_eq!(append.parent, request.place.1);
    for consumer in CONSUMERS {
        let name = format!("process {consumer}");
        let span = collector.find(tap, CLOUD, &name).await?;
        assert_eq!(span.attributes["messaging.consumer.group.name"], consumer);
        assert!(
            span.links.contains(&append.place),
            "{consumer} is linked to what it took: {:?}",
            span.links
        );
        // A batch with events of others has a trace of its own.
        if span.place.0 == append.place.0 {
            assert_eq!(span.parent, append.place.1, "{consumer}");
        }
    }
    Ok(())
}

/// The first work of a program says so, and no other.
fn cold_starts(collector: &Collector) -> Result<()> {
    let spans = collector.spans()?;
    let cold = |span: &&Span| {
        span.attributes
            .get("faas.coldstart")
            .is_some_and(|v| v == "true")
    };
    let cold: Vec<&str> = spans
        .iter()
        .filter(cold)
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(cold.len(), 1, "{cold:?}");
    Ok(())
}

/// A cart whose checkout has begun.
async fn to_pay(tablet: &DeviceProgram) -> Result<CartId> {
    let sku = tablet.sold_items(4).await?.remove(0);
    let cart = tablet.fill_cart(&sku, 1).await?;
    until("the cart to be known to the cloud", || async {
        let page = tablet.read_cart(&cart).await?;
        Ok((page.unsent == 0 && page.totals.is_some()).then_some(()))
    })
    .await?;
    let page = tablet.read_cart(&cart).await?;
    let begin = BeginCheckout {
        cart: cart.clone(),
        version: page.cart.version,
        total: page.totals.context("a sum")?.total,
    };
    match tablet.call(&begin).await? {
        CheckoutAnswer::Begun { .. } => Ok(cart),
        other => bail!("no checkout: {other:?}"),
    }
}
