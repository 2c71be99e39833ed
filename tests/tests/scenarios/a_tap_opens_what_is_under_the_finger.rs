//! Rows move while shoppers browse. Between finger down and finger up none does, and the tap is never lost.

use aisle_tests::browser::Browser;
use aisle_tests::demo::{ASSOCIATE, WRITE_KEY};
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::{Context as _, Result};
use domain::api::device::{SearchCustomers, SearchItems};
use domain::customer::Purpose;
use domain::ids::CustomerId;
use serde_json::json;

/// Rows that are in sight without scrolling.
const IN_SIGHT: usize = 5;

#[tokio::test]
async fn though_she_moves_to_the_top_meanwhile() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    screen.sign_in(ASSOCIATE).await?;
    let customer = lower_down(&tablet).await?;
    let row = format!("[data-testid='customer-hit'][data-customer='{customer}']");
    let place = format!(
        "return [...document.querySelectorAll(\"[data-testid='customer-hit']\")].findIndex(row => row.matches(\"{row}\"))"
    );
    let place = || async {
        let place = screen.driver.execute(&place, Vec::new()).await?;
        anyhow::Ok(place.convert::<i64>()?)
    };
    let shown = screen.find_by(&row).await?;
    let before = place().await?;
    assert!(before > 0, "she is on top already");

    let pressed = screen.driver.action_chain().click_and_hold_element(&shown);
    pressed.perform().await?;
    let looked_at = looks_at_something(&world, &tablet, &customer).await?;
    until("her row to say what she looks at", || async {
        Ok(shown.text().await?.contains(&looked_at).then_some(()))
    })
    .await?;
    assert_eq!(place().await?, before, "she moved away under the finger");
    screen.driver.action_chain().release().perform().await?;

    let card = format!("[data-testid='card'][data-customer='{customer}']");
    screen.find_by(&card).await?;
    until("her row to move to the top", || async {
        Ok((place().await? == 0).then_some(()))
    })
    .await?;
    screen.check_console(&[]).await
}

/// Somebody in sight, but not on top, whose browsing may be shown.
async fn lower_down(tablet: &DeviceProgram) -> Result<CustomerId> {
    let latest = SearchCustomers {
        query: String::new(),
        limit: IN_SIGHT,
    };
    for hit in tablet.call(&latest).await?.value.hits.into_iter().skip(1) {
        let customer = tablet.card(&hit.id).await?.value.customer;
        if customer.consents_to(Purpose::Personalisation, None) {
            return Ok(hit.id);
        }
    }
    None.context("nobody in sight may be shown browsing")
}

/// She looks at an item in the shop, which her row did not name before; its title.
async fn looks_at_something(
    world: &World,
    tablet: &DeviceProgram,
    customer: &CustomerId,
) -> Result<String> {
    let query = SearchItems {
        query: "lantern".into(),
        department: None,
        offset: 0,
        limit: 1,
    };
    let item = tablet.call(&query).await?.value.hits.remove(0).item;
    let product =
        json!({"product_id": item.sku, "name": item.title, "price": 42, "currency": "EUR"});
    let call = json!({"type": "track", "messageId": "tap-1", "userId": customer, "event": "Product Viewed", "properties": product});
    let url = format!("{}/v1/batch", world.cloud_url());
    let post = client()?.post(url).basic_auth(WRITE_KEY, Some(""));
    let body = json!({"batch": [call]});
    post.json(&body).send().await?.error_for_status()?;
    Ok(item.title)
}
