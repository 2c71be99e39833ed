//! An associate's day on a tablet in a browser: sign-in, people, notes, items, and a scanner.

use aisle_tests::browser::Browser;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::until::until;
use aisle_tests::world::World;
use anyhow::Result;
use domain::api::device::{Delivery, SearchItems};

const NOTE: &str = "Wants a call when the new tents are in";

#[tokio::test]
async fn from_sign_in_to_a_scanned_card() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    refuses_a_wrong_pin(&screen).await?;
    screen.sign_in(ASSOCIATE).await?;
    let regular = tablet.a_regular().await?.customer;

    // By a part of her name, then the card and a note on it.
    let typed = regular.name.family.to_lowercase();
    screen.open_customer(&typed, regular.id.as_str()).await?;
    let name = screen.read("card-name").await?;
    assert_eq!(name, regular.name.full());
    screen.write_note(NOTE).await?;
    until("the note to be sent", || async {
        let notes = tablet.card(&regular.id).await?.value.notes;
        let sent = |state: &Delivery| *state == Delivery::Sent;
        Ok(notes.iter().any(|note| sent(&note.state)).then_some(()))
    })
    .await?;

    // The item finder.
    screen.click("rail-items").await?;
    screen.search("items-search", "items-hits", "tent").await?;
    screen.wait_for_text("item-hit", "ent").await?;
    screen.click("item-hit").await?;
    screen.find("item-title").await?;

    // The scanner is heard on every screen, and nothing of it is typed into a field. The address is that for a scanner
    // which stutters: on a busy machine the browser's driver does.
    let items = format!("{}/associate/items?scanner=60000", tablet.url());
    screen.open(&items).await?;
    screen.find("items-search").await?;
    let search = SearchItems {
        query: "lamp".into(),
        department: None,
        offset: 0,
        limit: 1,
    };
    let hit = tablet.call(&search).await?.value.hits.remove(0).item;
    let gtin = hit.gtin.expect("items of the demo store have a GTIN");
    screen.scan(&gtin.to_string()).await?;
    screen.wait_for_text("item-title", &hit.title).await?;
    screen.click("rail-people").await?;
    screen.find("people-search").await?;
    let card = regular.card.expect("a regular has a card").to_string();
    screen.scan(&card).await?;
    screen
        .wait_for_text("card-name", &regular.name.full())
        .await?;
    let field = screen.find("people-search").await?;
    let typed = field.value().await?.unwrap_or_default();
    assert_eq!(typed, "", "the scan was typed into the search");

    screen.click("sign-out").await?;
    screen.find("sign-in").await?;
    let page = screen.whole_page().await?;
    assert!(!page.contains(&regular.name.family), "she is still shown");
    // The refused PIN itself is what the browser reports.
    screen.check_console(&["sign_in"]).await
}

async fn refuses_a_wrong_pin(screen: &Browser) -> Result<()> {
    screen.click(&format!("face-{}", ASSOCIATE.0)).await?;
    for digit in "999999".chars() {
        screen.click(&format!("pin-{digit}")).await?;
    }
    screen.click("pin-done").await?;
    until("the complaint", || async {
        let said = screen.read("pin-complaint").await?;
        Ok((!said.is_empty()).then_some(()))
    })
    .await?;
    screen.click("someone-else").await
}
