//! The real window, driven through WebKit's own driver, on a real display with a real notification daemon.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::desktop::{Notices, has_display};
use aisle_tests::paths;
use aisle_tests::world::World;
use anyhow::Result;

const NOTE: &str = "Collects enamel mugs";
const NOTE_OFFLINE: &str = "Her sister comes along on Friday";

#[tokio::test]
async fn sign_in_search_card_note_and_the_notice_after_an_outage() -> Result<()> {
    if !has_display()? {
        println!("skipped");
        return Ok(());
    }
    let mut world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    tablet.sign_in(ASSOCIATE).await?;
    let regular = tablet.a_regular().await?.customer;

    let notices = Notices::start().await?;
    let data = world.folder().join("window").display().to_string();
    let (cloud, code) = (world.cloud_url(), world.enrolment_code("tablet").await?);
    let args = ["--data", &data, "--cloud", &cloud, "--code", &code];
    let window = Browser::window(&paths::program("aisle")?, &args).await?;
    window.sign_in(ASSOCIATE).await?;
    let all_here = "[data-testid='sync-badge'][data-state='fresh']";
    window.find_by(all_here).await?;
    let typed = regular.name.family.to_lowercase();
    window.open_customer(&typed, regular.id.as_str()).await?;
    assert_eq!(window.read("card-name").await?, regular.name.full());
    window.write_note(NOTE).await?;
    // What is not confirmed when the network goes is sent after it, and another notice says so.
    window
        .find_by("[data-testid='note'][data-state='sent']")
        .await?;

    world.kill_cloud().await?;
    window.write_note(NOTE_OFFLINE).await?;
    window
        .find_by("[data-testid='note'][data-state='kept']")
        .await?;
    world.start_cloud().await?;
    notices.wait_for("has been sent").await
}
