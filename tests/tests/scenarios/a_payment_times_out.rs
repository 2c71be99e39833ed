//! The terminal keeps silent, or declines: the screen says so, a second try ends in one order, and the money is taken once.

use aisle_tests::browser::Browser;
use aisle_tests::carts::CartOrders;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::goods::Goods;
use aisle_tests::held::HeldNetwork;
use aisle_tests::world::World;
use anyhow::{Result, ensure};

/// The simulated provider does not say what became of an amount that ends in 91: it took the money.
const SILENT: Goods = Goods {
    sku: "silent-91",
    title: "Quillon mug",
    price: "10.91",
};
/// It declines what ends in 51.
const DECLINED: Goods = Goods {
    sku: "declined-51",
    title: "Zephyrine lamp",
    price: "20.51",
};
/// Where it is asked what became of a payment.
const ASK: &str = "/checkout/ask";

#[tokio::test]
async fn at_the_tablet_and_a_second_try_is_one_order() -> Result<()> {
    let world = World::with_goods(&[SILENT, DECLINED]).await?;
    let before = world.cart_orders().await?;
    let network = HeldNetwork::start(&world.cloud_url()).await?;
    let code = world.enrolment_code("tablet").await?;
    let tablet = world
        .start_device_over(network.url(), "tablet", "tablet", &code)
        .await?;
    tablet.wait_until_complete().await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    screen.sign_in(ASSOCIATE).await?;

    // Silence: the provider cannot be asked again for now, and the screen says what not to do.
    screen.click("rail-carts").await?;
    to_the_till(&screen, &SILENT).await?;
    network.cut(ASK);
    screen.click("pay-terminal").await?;
    screen.wait_for_stage("unknown").await?;
    let told = screen.read("pay-wait").await?;
    ensure!(
        told.contains("It is not clear yet whether it was paid"),
        "{told}"
    );
    ensure!(
        told.contains("Do not take the money a second time"),
        "{told}"
    );
    ensure!(!screen.has("pay-cash").await?, "nobody pays twice");
    let key = screen.find("pay-give-up").await?;
    ensure!(!key.is_enabled().await?, "it cannot be given up yet");
    network.mend();
    // By her tap or by itself, whichever is first.
    until_asked(&screen).await?;
    screen.find("receipt").await?;
    paid_once_each(&world, &before, &[1_091]).await?;

    // A refusal: nothing was charged, and cash does.
    screen.click("receipt-back").await?;
    to_the_till(&screen, &DECLINED).await?;
    screen.click("pay-terminal").await?;
    screen.wait_for_stage("failed").await?;
    let told = screen.read("pay-failed").await?;
    ensure!(
        told.contains("The payment was declined. Nothing was charged."),
        "{told}"
    );
    screen.click("pay-cash").await?;
    screen.find("receipt").await?;
    paid_once_each(&world, &before, &[1_091, 2_051]).await
}

#[tokio::test]
async fn on_her_phone_and_a_second_look_is_one_order() -> Result<()> {
    let world = World::with_goods(&[SILENT]).await?;
    let before = world.cart_orders().await?;
    let network = HeldNetwork::start(&world.cloud_url()).await?;
    let phone = Browser::chromium(390, 844).await?;
    phone
        .open(&format!("{}/shop/item/{}", network.url(), SILENT.sku))
        .await?;
    phone.click("shop-add").await?;
    phone.find("shop-cart-count").await?;
    phone.click("shop-cart").await?;
    phone.click("shop-checkout").await?;
    network.cut(ASK);
    phone.click("shop-pay").await?;
    let told = phone.read("shop-waiting").await?;
    ensure!(
        told.contains("It is not clear yet whether it was paid"),
        "{told}"
    );
    ensure!(told.contains("You do not pay twice"), "{told}");
    phone.click("shop-ask").await?;
    phone.find("shop-trouble").await?;
    network.mend();
    phone.find("shop-ordered").await?;
    phone.wait_for_text("shop-receipt", "10.91").await?;
    paid_once_each(&world, &before, &[1_091]).await
}

/// A new cart with a piece of this, and to the till with it.
async fn to_the_till(screen: &Browser, goods: &Goods) -> Result<()> {
    screen.click("cart-new").await?;
    screen.find("cart-page").await?;
    screen.put_into_cart(goods).await?;
    screen.wait_until_cart_is_sent().await?;
    screen
        .click_by("[data-testid='check-out']:not([disabled])")
        .await?;
    screen.wait_for_stage("due").await
}

async fn until_asked(screen: &Browser) -> Result<()> {
    let key = thirtyfour::By::Css("[data-testid='pay-ask']");
    if let Ok(key) = screen.driver.find(key).await {
        // It may be gone by now: then the screen asked by itself.
        let _ = key.click().await;
    }
    Ok(())
}

async fn paid_once_each(world: &World, before: &CartOrders, sums: &[i64]) -> Result<()> {
    let orders = world.cart_orders_since(before).await?;
    let mut taken = Vec::new();
    for order in orders.values() {
        ensure!(order.captured() == order.totals.total, "{order:?}");
        taken.push(order.captured().minor);
    }
    taken.sort_unstable();
    ensure!(taken == sums, "{taken:?} taken, {sums:?} due");
    let doubts = world.stored()?.payments_in_doubt().await?;
    ensure!(doubts == 0, "{doubts} payments in doubt");
    Ok(())
}
