//! A cart begins on a tablet without a network, goes to another by a typed code, and becomes one order, however often and
//! from wherever it is checked out and paid.

use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::{Context as _, Result, bail, ensure};
use domain::api::cart::{CheckoutAnswer, PayAnswer};
use domain::api::device::{
    BeginCheckout, CartPage, ClaimCart, LeaseView, OfferCart, Offered, PayCart,
};
use domain::cart::{PaymentMethod, Status};
use domain::ids::{CartId, OrderId};

#[tokio::test]
async fn from_a_tablet_without_a_network_to_one_order_on_another() -> Result<()> {
    let mut world = World::start().await?;
    let one = world.device("one", "tablet").await?;
    let two = world.device("two", "tablet").await?;
    for tablet in [&one, &two] {
        tablet.sign_in(ASSOCIATE).await?;
    }
    let sku = one.sold_items(4).await?.remove(0);

    world.kill_cloud().await?;
    let cart = one.fill_cart(&sku, 2).await?;
    let kept = one.read_cart(&cart).await?;
    ensure!(kept.unsent > 0 && pieces(&kept) == 2, "not kept: {kept:?}");
    world.start_cloud().await?;
    until_page(&one, &cart, |page| page.unsent == 0).await?;

    let offer = OfferCart {
        cart: cart.clone(),
        capsule: false,
    };
    let Offered::Code { shown, .. } = one.call(&offer).await? else {
        bail!("no code is offered");
    };
    let claim = ClaimCart { proof: shown.code };
    let claimed = two.call(&claim).await?.value;
    ensure!(pieces(&claimed) == 2, "pieces were lost: {claimed:?}");
    let elsewhere = |page: &CartPage| matches!(page.lease, LeaseView::Elsewhere { .. });
    until_page(&one, &cart, elsewhere).await?;

    let total = claimed.totals.as_ref().context("a sum")?.total;
    let begin = BeginCheckout {
        cart: cart.clone(),
        version: claimed.cart.version,
        total,
    };
    let (mine, theirs) = tokio::join!(two.call(&begin), one.call(&begin));
    let begun =
        |answer: &Result<CheckoutAnswer>| matches!(answer, Ok(CheckoutAnswer::Begun { .. }));
    ensure!(begun(&mine), "who holds the cart checks it out: {mine:?}");
    ensure!(!begun(&theirs), "two check out at once: {theirs:?}");

    let pay = PayCart {
        cart: cart.clone(),
        method: PaymentMethod::Cash,
        attempt: 1,
    };
    let (first, second) = tokio::join!(two.call(&pay), two.call(&pay));
    let again = two.call(&pay).await?;
    let order = ordered(first?)?;
    ensure!(order == ordered(second?)?, "two taps made two orders");
    ensure!(order == ordered(again)?, "a third tap made another order");
    let bought = |page: &CartPage| matches!(&page.cart.status, Status::Ordered { order: by } if *by == order);
    until_page(&one, &cart, bought).await
}

fn pieces(page: &CartPage) -> u64 {
    page.cart.goods().values().sum()
}

async fn until_page(
    tablet: &DeviceProgram,
    cart: &CartId,
    is_so: impl Fn(&CartPage) -> bool,
) -> Result<()> {
    until("the cart on the other tablet", || async {
        let page = tablet.read_cart(cart).await?;
        Ok(is_so(&page).then_some(()))
    })
    .await
}

fn ordered(answer: PayAnswer) -> Result<OrderId> {
    match answer {
        PayAnswer::Ordered { order, .. } => Ok(order.id),
        other => bail!("not bought: {other:?}"),
    }
}
