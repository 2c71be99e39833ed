//! A click in the shop reaches the card that an associate has open.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::world::World;
use anyhow::Result;
use thirtyfour::By;

#[tokio::test]
async fn what_she_looks_at_in_the_shop_appears_on_her_card() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    screen.sign_in(ASSOCIATE).await?;
    let customer = tablet.a_regular().await?.customer;
    let id = customer.id.as_str();
    screen.open_customer(&customer.name.full(), id).await?;
    // A page that is loaded again has forgotten this.
    let mark = "window.openedOnce = true; return true";
    screen.driver.execute(mark, Vec::new()).await?;

    let shop = Browser::chromium(390, 844).await?;
    let contact = customer.phone.as_ref().map(|phone| phone.raw.clone());
    let contact = contact.unwrap_or_default();
    crate::a_guest_signs_in_and_buys::sign_in(&shop, &world, &contact).await?;
    shop.click("shop-home").await?;
    shop.click("shop-item").await?;
    let title = shop.read("item-title").await?;

    screen.wait_for_text("moment", &title).await?;
    screen.find("card-live").await?;
    let mark = "return window.openedOnce === true";
    let same_page = screen.driver.execute(mark, Vec::new()).await?;
    assert!(same_page.convert::<bool>()?, "the page was loaded again");
    let newest = screen
        .driver
        .find(By::Css("[data-testid='moment']"))
        .await?;
    assert!(
        newest.text().await?.contains(&title),
        "the newest is not on top"
    );

    shop.click("shop-add").await?;
    screen.wait_for_text("card-cart", &title).await?;
    shop.check_console(&[]).await?;
    screen.check_console(&[]).await
}
