//! A shopper at a kiosk asks for the team: a tablet shows it at once, until somebody goes there, or she leaves.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::World;
use anyhow::Result;

#[tokio::test]
async fn a_tablet_shows_it_until_somebody_goes_there_or_she_leaves() -> Result<()> {
    let world = World::start().await?;
    let kiosk = world.device("kiosk", "kiosk").await?;
    let tablet = world.device("tablet", "tablet").await?;
    let (shopper, associate) = (
        Browser::chromium(1080, 1920).await?,
        Browser::chromium(1280, 800).await?,
    );
    associate.open(&tablet.url()).await?;
    associate.sign_in(ASSOCIATE).await?;
    associate
        .find_by("[data-testid='sync-badge'][data-state='fresh']")
        .await?;

    shopper.open(&format!("{}/kiosk", kiosk.url())).await?;
    shopper.click("kiosk-browse").await?;
    shopper.click("department").await?;
    shopper.click("item-hit").await?;
    shopper.click("add-to-cart").await?;
    shopper.click("kiosk-ribbon").await?;
    shopper.click("kiosk-ask-team").await?;

    associate.find("help-call").await?;
    associate.click("help-go").await?;
    nobody_waits(&associate).await?;

    shopper.click("hand-close").await?;
    shopper.click("kiosk-ask-team").await?;
    associate.find("help-call").await?;
    shopper.click("hand-close").await?;
    shopper.click("kiosk-start-over").await?;
    nobody_waits(&associate).await?;
    associate.check_console(&[]).await?;
    shopper.check_console(&[]).await
}

async fn nobody_waits(associate: &Browser) -> Result<()> {
    until("nobody waits", || async {
        Ok((!associate.has("help-call").await?).then_some(()))
    })
    .await
}
