//! The manager's board moves when shoppers click, without anybody loading it again.

use aisle_tests::browser::Browser;
use aisle_tests::demo::{ASSOCIATE, MANAGER, WRITE_KEY};
use aisle_tests::until::until;
use aisle_tests::world::{World, client};
use anyhow::Result;
use serde_json::{Value, json};
use thirtyfour::By;

#[tokio::test]
async fn views_carts_and_sales_are_counted_within_the_page() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&format!("{}/manager", tablet.url())).await?;
    screen.click(&format!("face-{}", MANAGER.0)).await?;
    for digit in MANAGER.1.chars() {
        screen.click(&format!("pin-{digit}")).await?;
    }
    screen.click("pin-done").await?;
    screen.find("board").await?;
    let tiles = ["tile-shoppers", "tile-views", "tile-adds", "tile-sales"];
    let mut before = Vec::new();
    for tile in tiles {
        before.push(value(&screen, tile).await?);
    }
    send(&world).await?;
    for (tile, before) in tiles.into_iter().zip(before) {
        until(&format!("{tile} to move from {before}"), || async {
            Ok((value(&screen, tile).await? != before).then_some(()))
        })
        .await?;
    }
    screen.check_console(&[]).await
}

#[tokio::test]
async fn an_associate_is_not_shown_the_board() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let screen = Browser::chromium(1280, 800).await?;
    screen.open(&tablet.url()).await?;
    screen.sign_in(ASSOCIATE).await?;
    assert!(!screen.has("rail-board").await?);
    screen.open(&format!("{}/manager", tablet.url())).await?;
    screen.find("board-forbidden").await?;
    screen.check_console(&[]).await
}

async fn value(screen: &Browser, tile: &str) -> Result<String> {
    let css = format!("[data-testid='{tile}'] [data-testid='value']");
    screen.find_by(&css).await?;
    Ok(screen.driver.find(By::Css(css)).await?.text().await?)
}

async fn send(world: &World) -> Result<()> {
    let mut batch = Vec::new();
    for shopper in 0..3 {
        let mug = json!({"product_id": "board-mug", "name": "Mug", "price": 12.5, "currency": "EUR", "quantity": 1});
        let order = json!({"order_id": format!("board-{shopper}"), "total": 12.5, "currency": "EUR", "products": [mug]});
        batch.push(track(shopper, "Product Viewed", &mug));
        batch.push(track(shopper, "Product Added", &mug));
        batch.push(track(shopper, "Order Completed", &order));
    }
    let url = format!("{}/v1/batch", world.cloud_url());
    let post = client()?.post(url).basic_auth(WRITE_KEY, Some(""));
    post.json(&json!({"batch": batch}))
        .send()
        .await?
        .error_for_status()?;
    Ok(())
}

fn track(shopper: usize, event: &str, properties: &Value) -> Value {
    json!({
        "type": "track",
        "messageId": format!("board-{shopper}-{event}"),
        "anonymousId": format!("board-{shopper}"),
        "event": event,
        "properties": properties,
    })
}
