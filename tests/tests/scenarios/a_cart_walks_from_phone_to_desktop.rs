//! Her cart begins on her phone, goes to an associate's tablet by a typed code, to her desktop by the tablet's QR, and is
//! bought there. On each of the three the cloud is out of reach for a while, and she goes on.

use aisle_tests::browser::Browser;
use aisle_tests::carts::CartOrders;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::desktop::has_display;
use aisle_tests::goods::Goods;
use aisle_tests::paths;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;

const MUG: Goods = Goods {
    sku: "walk-mug",
    title: "Quillon mug",
    price: "10.00",
};
const LAMP: Goods = Goods {
    sku: "walk-lamp",
    title: "Zephyrine lamp",
    price: "20.00",
};

#[tokio::test]
async fn and_every_change_without_a_network_is_in_the_one_order() -> Result<()> {
    let mut world = World::with_goods(&[MUG, LAMP]).await?;
    let before = world.cart_orders().await?;
    let phone = Browser::chromium(390, 844).await?;
    phone.put_into_her_cart(&world, MUG.sku).await?;
    phone.wait_for_worker().await?;
    phone.click("shop-cart").await?;

    // On the phone: one mug more while nobody answers, and the page loaded anew.
    world.kill_cloud().await?;
    phone.one_more(MUG.sku).await?;
    phone.find("shop-offline").await?;
    phone.driver.refresh().await?;
    phone.wait_for_her_pieces(MUG.sku, 2).await?;
    world.start_cloud().await?;
    phone.wait_until_hers_is_sent().await?;
    phone.click("shop-in-store").await?;
    let code = phone.read("shop-code").await?;

    // On the tablet: a third mug, and a lamp.
    let tablet = Tablet::open(&world).await?;
    let screen = &tablet.screen;
    screen.type_cart_code(&code).await?;
    screen.click("take-done").await?;
    screen.wait_for_cart_pieces(MUG.sku, 2).await?;
    world.kill_cloud().await?;
    screen.one_more_in_cart(MUG.sku).await?;
    screen.wait_for_cart_pieces(MUG.sku, 3).await?;
    screen.put_into_cart(&LAMP).await?;
    screen.find("cart-unsent").await?;
    world.start_cloud().await?;
    screen.wait_until_cart_is_sent().await?;
    // Her phone shows what the tablet did.
    phone.wait_for_her_lines(2).await?;
    phone.wait_for_her_pieces(MUG.sku, 3).await?;

    // On the desktop: a second lamp, and the payment.
    screen.click("cart-hand-over").await?;
    screen.find("hand-code").await?;
    let address = screen.read_qr().await?;
    let desktop = Browser::chromium(1280, 800).await?;
    desktop.open(&address).await?;
    desktop.wait_for_her_pieces(MUG.sku, 3).await?;
    screen.find("cart-held").await?;
    world.kill_cloud().await?;
    desktop.one_more(LAMP.sku).await?;
    desktop.wait_for_her_pieces(LAMP.sku, 2).await?;
    desktop.find("shop-offline").await?;
    world.start_cloud().await?;
    desktop.wait_until_hers_is_sent().await?;
    desktop.click("shop-checkout").await?;
    desktop.click("shop-pay").await?;
    desktop.find("shop-ordered").await?;

    // All three know that it is bought, and nothing is in it twice or not at all.
    screen.wait_for_stage("ordered").await?;
    phone
        .find_by("[data-testid='shop-till'][data-stage='ordered']")
        .await?;
    one_order_of_everything(&world, &before).await
}

async fn one_order_of_everything(world: &World, before: &CartOrders) -> Result<()> {
    let orders = world.cart_orders_since(before).await?;
    ensure!(orders.len() == 1, "{} orders", orders.len());
    let order = orders.into_values().next().context("an order")?;
    let mut goods: BTreeMap<String, u32> = BTreeMap::new();
    for line in &order.totals.lines {
        *goods.entry(line.sku.to_string()).or_default() += line.quantity;
    }
    let all = [(MUG.sku, 3), (LAMP.sku, 2)].map(|(sku, pieces)| (sku.to_owned(), pieces));
    ensure!(goods == BTreeMap::from(all), "{goods:?}");
    let (due, taken) = (order.totals.total.minor, order.captured().minor);
    ensure!((due, taken) == (7_000, 7_000), "{due} due, {taken} taken");
    Ok(())
}

/// The associate's tablet: the real window, or where there is no display the same screens in a browser.
struct Tablet {
    screen: Browser,
    _device: Option<DeviceProgram>,
}

impl Tablet {
    async fn open(world: &World) -> Result<Self> {
        let tablet = if has_display()? {
            let data = world.folder().join("window").display().to_string();
            let (cloud, code) = (world.cloud_url(), world.enrolment_code("tablet").await?);
            let args = ["--data", &data, "--cloud", &cloud, "--code", &code];
            let screen = Browser::window(&paths::program("aisle")?, &args).await?;
            let _device = None;
            Self { screen, _device }
        } else {
            let device = world.device("tablet", "tablet").await?;
            let screen = Browser::chromium(1280, 800).await?;
            screen.open(&device.url()).await?;
            let _device = Some(device);
            Self { screen, _device }
        };
        tablet.screen.sign_in(ASSOCIATE).await?;
        tablet
            .screen
            .find_by("[data-testid='sync-badge'][data-state='fresh']")
            .await?;
        Ok(tablet)
    }
}
