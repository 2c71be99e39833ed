//! A guest fills her cart on her phone, with the network away for a while, signs in, and pays at the second try.

use aisle_tests::browser::Browser;
use aisle_tests::demo;
use aisle_tests::goods::Goods;
use aisle_tests::until::until;
use aisle_tests::world::World;
use anyhow::{Result, ensure};
use domain::cart::CartOrder;
use thirtyfour::By;

/// An item whose price the simulated provider declines: amounts that end in 51 are.
const PROBE: Goods = Goods {
    sku: "probe-51",
    title: "Probe",
    price: "10.51",
};

#[tokio::test]
async fn her_guest_cart_becomes_hers_and_one_order() -> Result<()> {
    let mut world = World::with_goods(&[PROBE]).await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(demo::ASSOCIATE).await?;
    let her = tablet.a_regular().await?.customer;
    let contact = her
        .phone
        .as_ref()
        .map(|phone| phone.raw.clone())
        .unwrap_or_default();

    let all_before = world.cart_orders().await?;
    let hers = |order: &&CartOrder| order.customer.as_ref() == Some(&her.id);
    let bought_before = all_before.values().filter(hers).count();

    // At home she had put something into her cart on another browser.
    let desk = Browser::chromium(1280, 800).await?;
    sign_in(&desk, &world, &contact).await?;
    desk.open(&format!("{}/shop/", world.cloud_url())).await?;
    desk.click("shop-item").await?;
    desk.click("shop-add").await?;
    desk.wait_until_hers_is_sent().await?;

    let phone = Browser::chromium(390, 844).await?;
    phone.put_into_her_cart(&world, PROBE.sku).await?;
    phone.wait_until_hers_is_sent().await?;

    // The cloud goes away: she goes on, loads the page again, and everything is there.
    phone.wait_for_worker().await?;
    world.kill_cloud().await?;
    phone.click("shop-cart").await?;
    phone.click("shop-more").await?;
    phone.find("shop-offline").await?;
    phone.driver.refresh().await?;
    phone.wait_for_text("shop-line-pieces", "2").await?;
    world.start_cloud().await?;
    phone.wait_until_hers_is_sent().await?;
    phone.click("shop-fewer").await?;
    phone.wait_until_hers_is_sent().await?;

    // She signs in: what she had elsewhere and what she has here are one cart.
    sign_in(&phone, &world, &contact).await?;
    phone.click("shop-cart").await?;
    phone.find("shop-joined").await?;
    phone.wait_for_her_lines(2).await?;
    phone.click("shop-separate").await?;
    phone.wait_for_her_lines(1).await?;
    phone.click("shop-put-in").await?;
    phone.wait_for_her_lines(2).await?;

    // Only the probe is left: the provider declines it, and takes two of it.
    let other = format!(
        "[data-testid='shop-cart-line']:not([data-sku='{}']) [data-testid='shop-remove']",
        PROBE.sku
    );
    phone.click_by(&other).await?;
    phone.wait_for_her_lines(1).await?;
    phone.wait_until_hers_is_sent().await?;
    phone.click("shop-checkout").await?;
    phone.click("shop-pay").await?;
    phone.find("shop-not-paid").await?;
    phone.click("shop-give-up").await?;
    phone.click("shop-more").await?;
    phone.wait_for_text("shop-line-pieces", "2").await?;
    phone.click("shop-checkout").await?;
    phone.click("shop-pay").await?;
    phone.find("shop-ordered").await?;
    phone.wait_for_text("shop-receipt", "21.02").await?;
    ensure!(
        !phone.has("shop-cart-count").await?,
        "the cart is not empty"
    );

    // It is among her orders, once, and nothing of hers is left when she leaves.
    phone.click("shop-orders").await?;
    phone.find("shop-order").await?;
    let orders = phone
        .driver
        .find_all(By::Css("[data-testid='shop-order']"))
        .await?;
    ensure!(orders.len() == bought_before + 1, "{} orders", orders.len());
    phone.click("shop-account").await?;
    phone.click("shop-sign-out").await?;
    phone.find("shop-item").await?;
    let kept = phone
        .driver
        .execute("return JSON.stringify(localStorage)", Vec::new())
        .await?;
    let kept: String = kept.convert()?;
    ensure!(
        !kept.contains(her.id.as_str()) && !kept.contains(PROBE.sku),
        "left behind: {kept}"
    );
    Ok(())
}

/// Signs in with the code of the newest letter to her.
pub(crate) async fn sign_in(browser: &Browser, world: &World, contact: &str) -> Result<()> {
    browser
        .open(&format!("{}/shop/account", world.cloud_url()))
        .await?;
    let before = world.stored()?.letters().await?;
    browser.type_into("shop-contact", contact).await?;
    browser.click("shop-send-code").await?;
    browser.find("shop-six-digits").await?;
    let code = until("a letter with a code", || async {
        let letters = world.stored()?.letters().await?;
        let more = letters.len() > before.len();
        Ok(letters.into_iter().next().filter(|_| more))
    })
    .await?;
    let code: String = code.chars().filter(char::is_ascii_digit).take(6).collect();
    browser.type_into("shop-six-digits", &code).await?;
    browser.click("shop-sign-in").await?;
    browser.find("shop-user").await.map(drop)
}
