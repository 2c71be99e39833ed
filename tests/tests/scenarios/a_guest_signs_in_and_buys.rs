//! A guest fills her cart on her phone, with the network away for a while, signs in, and pays at the second try.

use aisle_tests::browser::Browser;
use aisle_tests::demo;
use aisle_tests::paths;
use aisle_tests::until::until;
use aisle_tests::world::World;
use anyhow::{Result, ensure};
use thirtyfour::By;
use tokio::process::Command;

/// An item whose price the simulated provider declines: amounts that end in 51 are.
const DECLINED: &str = "id\ttitle\tprice\tquantity\tproduct_type\tcolor\navailability-51\tProbe\t10.51 EUR\t9\tHome\tSage";
const PROBE: &str = "availability-51";

#[tokio::test]
async fn her_guest_cart_becomes_hers_and_one_order() -> Result<()> {
    let mut world = a_world_with_a_probe().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(demo::ASSOCIATE).await?;
    let her = tablet.a_regular().await?.customer;
    let contact = her
        .phone
        .as_ref()
        .map(|phone| phone.raw.clone())
        .unwrap_or_default();

    // At home she had put something into her cart on another browser.
    let desk = Browser::chromium(1280, 800).await?;
    sign_in(&desk, &world, &contact).await?;
    desk.open(&format!("{}/shop/", world.cloud_url())).await?;
    desk.click("shop-item").await?;
    desk.click("shop-add").await?;
    sent(&desk).await?;

    let phone = Browser::chromium(390, 844).await?;
    put_in(&phone, &world, PROBE).await?;
    sent(&phone).await?;

    // The cloud goes away: she goes on, loads the page again, and everything is there.
    wait_for_worker(&phone).await?;
    world.kill_cloud().await?;
    phone.click("shop-cart").await?;
    phone.click("shop-more").await?;
    phone.find("shop-offline").await?;
    phone.driver.refresh().await?;
    phone.wait_for_text("shop-line-pieces", "2").await?;
    world.start_cloud().await?;
    sent(&phone).await?;
    phone.click("shop-fewer").await?;
    sent(&phone).await?;

    // She signs in: what she had elsewhere and what she has here are one cart.
    sign_in(&phone, &world, &contact).await?;
    phone.click("shop-cart").await?;
    phone.find("shop-joined").await?;
    wait_for_lines(&phone, 2).await?;
    phone.click("shop-separate").await?;
    wait_for_lines(&phone, 1).await?;
    phone.click("shop-put-in").await?;
    wait_for_lines(&phone, 2).await?;

    // Only the probe is left: the provider declines it, and takes two of it.
    let other = format!(
        "[data-testid='shop-cart-line']:not([data-sku='{PROBE}']) [data-testid='shop-remove']"
    );
    phone.click_by(&other).await?;
    wait_for_lines(&phone, 1).await?;
    sent(&phone).await?;
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
    ensure!(orders.len() == 1, "{} orders", orders.len());
    phone.click("shop-account").await?;
    phone.click("shop-sign-out").await?;
    phone.find("shop-item").await?;
    let kept = phone
        .driver
        .execute("return JSON.stringify(localStorage)", Vec::new())
        .await?;
    let kept: String = kept.convert()?;
    ensure!(
        !kept.contains(her.id.as_str()) && !kept.contains(PROBE),
        "left behind: {kept}"
    );
    Ok(())
}

async fn a_world_with_a_probe() -> Result<World> {
    let mut world = World::empty()?;
    demo::copy_to(&world.cloud_folder()).await?;
    let file = world.folder().join("probe.tsv");
    std::fs::write(&file, DECLINED)?;
    let mut import = Command::new(paths::program("aisle-cloud")?);
    import
        .arg("import")
        .arg("--data")
        .arg(world.cloud_folder())
        .arg(&file);
    let output = import.output().await?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    world.start_cloud().await?;
    Ok(world)
}

async fn put_in(browser: &Browser, world: &World, sku: &str) -> Result<()> {
    browser
        .open(&format!("{}/shop/item/{sku}", world.cloud_url()))
        .await?;
    browser.click("shop-add").await?;
    browser.find("shop-cart-count").await.map(drop)
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

/// Waits until the cloud knows everything that she did.
async fn sent(browser: &Browser) -> Result<()> {
    let script = "const basket = JSON.parse(localStorage.getItem('aisle-cart') ?? '{}'); \
        return !!basket.begun && basket.waiting.length === 0 && !basket.join";
    until("everything is sent", || async {
        let done = browser.driver.execute(script, Vec::new()).await?;
        Ok(done.convert::<bool>()?.then_some(()))
    })
    .await
}

/// Waits until the shop would open without a network: what the page reads goes through the worker, which keeps it.
async fn wait_for_worker(browser: &Browser) -> Result<()> {
    let script = "return !!navigator.serviceWorker?.controller";
    until("the worker", || async {
        let ready = browser.driver.execute(script, Vec::new()).await?;
        Ok(ready.convert::<bool>()?.then_some(()))
    })
    .await?;
    browser.driver.refresh().await?;
    browser.find("shop-add").await.map(drop)
}

async fn wait_for_lines(browser: &Browser, lines: usize) -> Result<()> {
    until(&format!("{lines} lines"), || async {
        let found = browser
            .driver
            .find_all(By::Css("[data-testid='shop-cart-line']"))
            .await?;
        Ok((found.len() == lines).then_some(()))
    })
    .await
}
