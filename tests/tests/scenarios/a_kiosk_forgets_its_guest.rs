//! A shopper at a kiosk: she browses, says who she is, is greeted, leaves; and nothing of her stays.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::world::World;
use anyhow::Result;

/// Short enough to wait for, and longer than a busy machine takes from one touch to the next.
const SHORT: &str = "idle=25&warn=15";

#[tokio::test]
async fn it_warns_and_then_wipes_everything() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let guest = tablet.a_regular().await?.customer;
    let phone = guest.phone.expect("a regular has a telephone");
    let kiosk = world.device("kiosk", "kiosk").await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen
        .open(&format!("{}/kiosk?{SHORT}", kiosk.url()))
        .await?;
    screen.find("kiosk-attract").await?;

    screen.click("kiosk-browse").await?;
    screen.click("department").await?;
    screen.click("item-hit").await?;
    screen.find("item-title").await?;
    screen.click("kiosk-its-me").await?;
    screen.find("kiosk-identify-screen").await?;
    for digit in phone.raw.chars().filter(char::is_ascii_digit) {
        screen.click(&format!("pin-{digit}")).await?;
    }
    screen.click("pin-done").await?;
    let name = guest.name.greeting();
    screen.wait_for_text("guest-hello", name).await?;
    screen.find("kiosk-home").await?;
    let page = screen.whole_page().await?;
    assert!(
        !page.contains(guest.name.family.as_str()),
        "her whole name is shown"
    );
    assert!(
        !page.contains(guest.id.as_str()),
        "her number left for a kiosk"
    );

    // Nobody touches it any more.
    screen.find("idle-warning").await?;
    screen.find("kiosk-attract").await?;
    let page = screen.whole_page().await?;
    for hers in [name, guest.name.family.as_str(), phone.raw.as_str()] {
        assert!(!page.contains(hers), "{hers} is still in the page");
    }
    let stores = "return JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, history.state])";
    let kept: String = screen.driver.execute(stores, Vec::new()).await?.convert()?;
    assert!(!kept.contains(name), "the browser keeps {kept}");
    screen.check_console(&[]).await
}

#[tokio::test]
async fn a_stranger_is_told_so() -> Result<()> {
    let world = World::start().await?;
    let kiosk = world.device("kiosk", "kiosk").await?;
    let screen = Browser::chromium(1080, 1920).await?;
    screen.open(&format!("{}/kiosk", kiosk.url())).await?;
    screen.click("kiosk-identify").await?;
    for digit in "01990000000".chars() {
        screen.click(&format!("pin-{digit}")).await?;
    }
    screen.click("pin-done").await?;
    let complaint = "[data-testid='identify-complaint']:not(:empty)";
    screen.find_by(complaint).await?;
    // The refused question itself is what the browser reports.
    screen.check_console(&["identify_guest"]).await
}
