//! Two associates reach for one cart: both type its code, both press the key to the till, both take the money. One has it,
//! the other is told, and it is bought once.

use aisle_tests::browser::Browser;
use aisle_tests::carts::CartOrders;
use aisle_tests::demo::ASSOCIATE;
use aisle_tests::goods::Goods;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World};
use anyhow::{Context as _, Result, ensure};

const MUG: Goods = Goods {
    sku: "race-mug",
    title: "Quillon mug",
    price: "10.00",
};

#[tokio::test]
async fn one_has_it_and_the_other_is_told() -> Result<()> {
    let world = World::with_goods(&[MUG]).await?;
    let before = world.cart_orders().await?;
    let phone = Browser::chromium(390, 844).await?;
    phone.put_into_her_cart(&world, MUG.sku).await?;
    phone.click("shop-cart").await?;
    phone.click("shop-in-store").await?;
    let code = phone.read("shop-code").await?;

    let (one, two) = (
        Tablet::open(&world, "one").await?,
        Tablet::open(&world, "two").await?,
    );
    for tablet in [&one, &two] {
        tablet.screen.type_cart_code(&code).await?;
    }
    tokio::try_join!(one.screen.click("take-done"), two.screen.click("take-done"))?;
    let one_has_it = one.has_the_cart().await?;
    ensure!(
        two.has_the_cart().await? != one_has_it,
        "a code is good for one of them"
    );
    let (winner, loser) = if one_has_it {
        (&one.screen, &two.screen)
    } else {
        (&two.screen, &one.screen)
    };
    let told = loser.read("take-complaint").await?;
    ensure!(
        told == "This code is not known, was used, or has ended",
        "{told}"
    );

    // The cart itself she may see and change, and its page says where it is.
    let cart = cart_of(winner).await?;
    open_cart(loser, &cart).await?;
    let told = loser.read("cart-held").await?;
    ensure!(told.contains("In use on a tablet until"), "{told}");
    let key = loser.find("check-out").await?;
    ensure!(!key.is_enabled().await?, "she may not check it out");
    winner.click("check-out").await?;
    winner.wait_for_stage("due").await?;
    winner.click("pay-cash").await?;
    winner.find("receipt").await?;
    loser.wait_for_stage("ordered").await?;
    paid_once(&world, &before).await
}

#[tokio::test]
async fn both_go_to_the_till_with_a_cart_that_nobody_holds() -> Result<()> {
    let world = World::with_goods(&[MUG]).await?;
    let before = world.cart_orders().await?;
    let (one, two) = (
        Tablet::open(&world, "one").await?,
        Tablet::open(&world, "two").await?,
    );
    one.screen.click("rail-carts").await?;
    one.screen.click("cart-new").await?;
    one.screen.find("cart-page").await?;
    one.screen.put_into_cart(&MUG).await?;
    one.screen.wait_until_cart_is_sent().await?;
    let cart = cart_of(&one.screen).await?;
    open_cart(&two.screen, &cart).await?;
    two.screen.wait_for_cart_pieces(MUG.sku, 1).await?;
    let ready = "[data-testid='check-out']:not([disabled])";
    for tablet in [&one, &two] {
        tablet.screen.find_by(ready).await?;
    }

    tokio::try_join!(one.screen.click_by(ready), two.screen.click_by(ready))?;
    // The cart says on both that it waits for its money, whoever was quicker: both take it at once.
    for tablet in [&one, &two] {
        tablet.screen.wait_for_stage("due").await?;
    }
    let cash = |tablet: &Tablet| {
        let screen = tablet.screen.driver.clone();
        async move {
            let key = screen.find(thirtyfour::By::Css("[data-testid='pay-cash']"));
            // Where the other was quicker there is nothing to press any more.
            if let Ok(key) = key.await {
                let _ = key.click().await;
            }
        }
    };
    tokio::join!(cash(&one), cash(&two));
    for tablet in [&one, &two] {
        let end = "[data-testid='receipt'], [data-testid='checkout'][data-stage='ordered']";
        tablet.screen.find_by(end).await?;
    }
    paid_once(&world, &before).await
}

async fn paid_once(world: &World, before: &CartOrders) -> Result<()> {
    let orders = world.cart_orders_since(before).await?;
    ensure!(orders.len() == 1, "{} orders", orders.len());
    for order in orders.values() {
        let (due, taken) = (order.totals.total.minor, order.captured().minor);
        ensure!((due, taken) == (1_000, 1_000), "{due} due, {taken} taken");
    }
    Ok(())
}

/// The number of the cart that is open, from the address.
async fn cart_of(screen: &Browser) -> Result<String> {
    let address = screen.driver.current_url().await?;
    let cart = address
        .path_segments()
        .and_then(|mut parts| parts.next_back());
    Ok(cart.context("a cart is open")?.to_owned())
}

async fn open_cart(screen: &Browser, cart: &str) -> Result<()> {
    if screen.has("take-code").await? {
        // The sheet covers the list.
        screen
            .click_by("[data-testid='take-over'] .button-quiet")
            .await?;
    } else {
        screen.click("rail-carts").await?;
    }
    let tile = format!("[data-testid='cart-tile'][data-cart='{cart}']");
    screen.click_by(&tile).await?;
    screen.find("cart-page").await.map(drop)
}

struct Tablet {
    screen: Browser,
    _device: DeviceProgram,
}

impl Tablet {
    async fn open(world: &World, name: &str) -> Result<Self> {
        let _device = world.device(name, "tablet").await?;
        let screen = Browser::chromium(1280, 800).await?;
        screen.open(&_device.url()).await?;
        screen.sign_in(ASSOCIATE).await?;
        screen
            .find_by("[data-testid='sync-badge'][data-state='fresh']")
            .await?;
        Ok(Self { screen, _device })
    }

    /// Waits for the answer to the code.
    async fn has_the_cart(&self) -> Result<bool> {
        until("an answer to the code", || async {
            if self.screen.has("cart-page").await? {
                return Ok(Some(true));
            }
            // An empty complaint is not shown: not waited for.
            let css = thirtyfour::By::Css("[data-testid='take-complaint']");
            for complaint in self.screen.driver.find_all(css).await? {
                if !complaint.text().await?.is_empty() {
                    return Ok(Some(false));
                }
            }
            Ok(None)
        })
        .await
    }
}
