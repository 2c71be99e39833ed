//! Pictures of every screen, into `assets/screenshots`: a browser walks through the demo store.
//!
//! `screenshots [NAME…]` takes the walks with these names alone: `associate`, `cart`, `repair`, `kiosk`,
//! `board`, `shop`.

use aisle_tests::browser::Browser;
use aisle_tests::demo::{ASSOCIATE, MANAGER, WRITE_KEY};
use aisle_tests::paths;
use aisle_tests::until::until;
use aisle_tests::world::{DeviceProgram, World, client};
use anyhow::{Context as _, Result};
use domain::api::device::{AddNote, ChangeNote, CustomerCard, Delivery, NoteView};
use domain::customer::Customer;
use serde_json::{Value, json};
use std::path::Path;

/// A tablet, lying.
const TABLET: (u32, u32) = (1280, 800);
/// A tablet, standing.
const TABLET_TALL: (u32, u32) = (800, 1280);
/// A kiosk, standing.
const KIOSK: (u32, u32) = (1080, 1920);
/// A phone.
const PHONE: (u32, u32) = (390, 844);
/// The largest picture that is committed, in bytes.
const MAX_BYTES: u64 = 200_000;

/// Where pictures are taken.
struct Studio {
    world: World,
    tablet: DeviceProgram,
    kiosk: DeviceProgram,
    regular: CustomerCard,
}

#[tokio::main]
async fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let studio = Studio::open().await?;
    if wanted("associate") {
        studio
            .associate()
            .await
            .context("the associate's screens")?;
        studio.associate_in_arabic().await.context("Arabic")?;
    }
    if wanted("cart") {
        studio.cart().await.context("carts")?;
        studio.cart_in_arabic().await.context("a cart in Arabic")?;
        studio.kiosk_cart().await.context("the kiosk's cart")?;
    }
    if wanted("repair") {
        studio.repair().await.context("what was refused")?;
    }
    if wanted("kiosk") {
        studio.kiosk().await.context("the kiosk's screens")?;
    }
    if wanted("board") {
        studio.board().await.context("the board")?;
    }
    if wanted("shop") {
        studio.shop().await.context("the shop")?;
    }
    Ok(())
}

impl Studio {
    async fn open() -> Result<Self> {
        let world = World::start().await?;
        let tablet = world.device("tablet", "tablet").await?;
        let kiosk = world.device("kiosk", "kiosk").await?;
        tablet.sign_in(ASSOCIATE).await?;
        let regular = tablet.a_regular().await?;
        let studio = Self {
            world,
            tablet,
            kiosk,
            regular,
        };
        studio.browse().await?;
        Ok(studio)
    }

    fn customer(&self) -> &Customer {
        &self.regular.customer
    }

    /// The regular looks at what is recommended to her, and others look and buy too.
    async fn browse(&self) -> Result<()> {
        let hers: Vec<Value> = self.regular.recommendations.iter().take(5).map(|shelf| {
            let item = &shelf.view.item;
            json!({"product_id": item.sku, "name": item.title, "category": item.department, "quantity": 1, "price": 24.9, "currency": "EUR"})
        }).collect();
        let mut batch = Vec::new();
        for (index, item) in hers.iter().enumerate() {
            batch.push(self.track("Product Viewed", item, Some(index)));
            for shopper in 0..(9 - index) {
                batch.push(self.track("Product Viewed", item, None).set(shopper));
            }
        }
        batch.push(self.track(
            "Products Searched",
            &json!({"query": "rain jacket"}),
            Some(0),
        ));
        for (shopper, item) in hers.iter().enumerate() {
            batch.push(self.track("Product Added", item, None).set(shopper));
            let order = json!({"order_id": format!("shot-{shopper}"), "total": 24.9, "currency": "EUR", "products": [item]});
            batch.push(self.track("Order Completed", &order, None).set(shopper));
        }
        if let Some(item) = hers.first() {
            batch.push(self.track("Product Added", item, Some(0)));
        }
        let batch: Vec<Value> = batch.into_iter().map(|call| call.0).collect();
        let url = format!("{}/v1/batch", self.world.cloud_url());
        let post = client()?.post(url).basic_auth(WRITE_KEY, Some(""));
        post.json(&json!({"batch": batch}))
            .send()
            .await?
            .error_for_status()?;
        self.world.stored()?.settle().await
    }

    /// A call of the regular, where `hers` says so.
    fn track(&self, event: &str, properties: &Value, hers: Option<usize>) -> Call {
        let id = hers.map(|_| self.customer().id.clone());
        Call(
            json!({"type": "track", "event": event, "properties": properties, "anonymousId": "shot", "userId": id}),
        )
    }

    async fn associate(&self) -> Result<()> {
        let screen = still(TABLET).await?;
        screen.open(&self.tablet.url()).await?;
        screen.click("sign-out").await?;
        screen.find("sign-in").await?;
        shoot(&screen, "sign-in").await?;
        screen.click(&format!("face-{}", ASSOCIATE.0)).await?;
        screen.find("pin-pad").await?;
        shoot(&screen, "pin").await?;
        screen.open(&self.tablet.url()).await?;
        screen.sign_in(ASSOCIATE).await?;
        screen.find("customer-hit").await?;
        shoot(&screen, "people").await?;
        self.show_card(&screen).await?;
        shoot(&screen, "card-light").await?;
        dress(&screen, "dark").await?;
        shoot(&screen, "card-dark").await?;
        dress(&screen, "light").await?;
        screen.click("rail-items").await?;
        screen.find("item-hit").await?;
        shoot(&screen, "items").await?;
        screen.click("item-hit").await?;
        screen.find("recommendation").await?;
        shoot(&screen, "item").await?;
        screen.click("sync-badge").await?;
        screen.find("sync-panel").await?;
        shoot(&screen, "sync").await
    }

    async fn show_card(&self, screen: &Browser) -> Result<()> {
        let customer = self.customer();
        let typed = customer.name.family.to_lowercase();
        screen.open_customer(&typed, customer.id.as_str()).await?;
        screen.find("moment").await?;
        screen.find("recommendation").await.map(|_| ())
    }

    async fn associate_in_arabic(&self) -> Result<()> {
        let screen = still(TABLET).await?;
        screen.open(&self.tablet.url()).await?;
        speak(&screen, "ar").await?;
        self.show_card(&screen).await?;
        shoot(&screen, "card-arabic").await
    }

    /// From her card to the receipt, and back.
    async fn cart(&self) -> Result<()> {
        let screen = still(TABLET).await?;
        screen.open(&self.tablet.url()).await?;
        self.show_card(&screen).await?;
        for place in 1..=3 {
            let line = format!(".pick-line:nth-child({place})");
            screen
                .click_by(&format!("{line} [data-testid='pick-add']"))
                .await?;
            let ready = format!("{line} [data-testid='pick-add']:enabled");
            screen.find_by(&ready).await?;
        }
        shoot(&screen, "cart-on-card").await?;
        screen.click("card-cart-open").await?;
        screen.find("cart-line").await?;
        screen.click("cart-more").await?;
        shoot(&screen, "cart").await?;
        screen.click("cart-remove").await?;
        screen.find("cart-undo").await?;
        shoot(&screen, "cart-undo").await?;
        screen.click("cart-undo").await?;
        let tall = still(TABLET_TALL).await?;
        tall.open(screen.driver.current_url().await?.as_ref())
            .await?;
        tall.find("cart-line").await?;
        shoot(&tall, "cart-tall").await?;
        screen.click("cart-hand-over").await?;
        screen.find("hand-code").await?;
        shoot(&screen, "cart-hand-over").await?;
        screen.click("hand-close").await?;
        screen.click("check-out").await?;
        screen.find("pay-how").await?;
        shoot(&screen, "cart-pay").await?;
        dress(&screen, "dark").await?;
        shoot(&screen, "cart-pay-dark").await?;
        dress(&screen, "light").await?;
        screen.click("pay-cash").await?;
        screen.find("receipt").await?;
        shoot(&screen, "receipt").await?;
        screen.click("take-back").await?;
        screen.click("return-more").await?;
        shoot(&screen, "returns").await
    }

    async fn cart_in_arabic(&self) -> Result<()> {
        let screen = still(TABLET).await?;
        screen.open(&self.tablet.url()).await?;
        speak(&screen, "ar").await?;
        self.show_card(&screen).await?;
        screen.click("pick-add").await?;
        screen.click("card-cart-open").await?;
        screen.find("cart-line").await?;
        shoot(&screen, "cart-arabic").await?;
        screen.click("cart-back").await?;
        screen.find("cart-tile").await?;
        shoot(&screen, "carts-arabic").await
    }

    async fn kiosk_cart(&self) -> Result<()> {
        let screen = still(KIOSK).await?;
        screen.open(&format!("{}/kiosk", self.kiosk.url())).await?;
        for click in ["kiosk-browse", "department", "item-hit", "add-to-cart"] {
            screen.click(click).await?;
        }
        screen.find("kiosk-ribbon").await?;
        shoot(&screen, "kiosk-ribbon-tall").await?;
        screen.click("kiosk-ribbon").await?;
        screen.find("cart-line").await?;
        shoot(&screen, "kiosk-cart-tall").await?;
        screen.click("kiosk-to-phone").await?;
        screen.find("hand-code").await?;
        shoot(&screen, "kiosk-to-phone-tall").await
    }

    /// A change of a note that came second.
    async fn repair(&self) -> Result<()> {
        let customer = self.customer().id.clone();
        let add = AddNote {
            customer: customer.clone(),
            text: "Plans a week on the coast in May, four people".into(),
            pinned: true,
        };
        self.tablet.call(&add).await?;
        let first = self.sent_note(&add.text).await?;
        let change = |text: &str| ChangeNote {
            id: first.note.id.clone(),
            customer: customer.clone(),
            base: first.version,
            text: text.to_owned(),
            pinned: true,
        };
        let theirs = change("Plans a week on the coast in June, five people. Has a tent.");
        self.tablet.call(&theirs).await?;
        self.sent_note(&theirs.text).await?;
        let mine = change("Plans a week on the coast in May, four people; needs a tent");
        self.tablet.call(&mine).await?;
        let screen = still(TABLET).await?;
        screen.open(&self.tablet.url()).await?;
        let refused = "[data-testid='sync-badge'][data-state='attention']";
        screen.find_by(refused).await?;
        self.show_card(&screen).await?;
        screen.click("sync-badge").await?;
        screen.find("needs-attention").await?;
        shoot(&screen, "sync-attention").await?;
        screen.click("go-repair").await?;
        screen.find("version-theirs").await?;
        shoot(&screen, "repair").await?;
        dress(&screen, "dark").await?;
        shoot(&screen, "repair-dark").await
    }

    /// A note of the regular, once the cloud has confirmed it.
    async fn sent_note(&self, text: &str) -> Result<NoteView> {
        let customer = self.customer().id.clone();
        until("the note to be sent", || async {
            let notes = self.tablet.card(&customer).await?.value.notes;
            let is_it = |view: &NoteView| view.note.text == text && view.state == Delivery::Sent;
            Ok(notes.into_iter().find(is_it))
        })
        .await
    }

    async fn kiosk(&self) -> Result<()> {
        let screen = still(TABLET).await?;
        let kiosk = self.kiosk.url();
        screen.open(&format!("{kiosk}/kiosk")).await?;
        for (click, appears, name) in [
            ("", "kiosk-attract", "kiosk-attract"),
            ("kiosk-browse", "department", "kiosk-browse"),
            ("department", "item-hit", "kiosk-department"),
            ("item-hit", "item-title", "kiosk-item"),
            ("kiosk-its-me", "kiosk-identify-screen", "kiosk-identify"),
        ] {
            if !click.is_empty() {
                screen.click(click).await?;
            }
            screen.find(appears).await?;
            shoot(&screen, name).await?;
        }
        self.type_phone(&screen).await?;
        screen.find("kiosk-home").await?;
        shoot(&screen, "kiosk-home").await?;
        screen
            .open(&format!("{kiosk}/kiosk?idle=1&warn=15"))
            .await?;
        screen.click("kiosk-browse").await?;
        screen.find("idle-warning").await?;
        shoot(&screen, "kiosk-idle").await?;

        let standing = still(KIOSK).await?;
        standing.open(&format!("{kiosk}/kiosk")).await?;
        standing.find("kiosk-attract").await?;
        shoot(&standing, "kiosk-attract-tall").await?;
        standing.click("kiosk-browse").await?;
        standing.find("department").await?;
        shoot(&standing, "kiosk-browse-tall").await
    }

    async fn type_phone(&self, screen: &Browser) -> Result<()> {
        let phone = self.customer().phone.as_ref().context("a telephone")?;
        for digit in phone.raw.chars().filter(char::is_ascii_digit) {
            screen.click(&format!("pin-{digit}")).await?;
        }
        screen.click("pin-done").await
    }

    async fn board(&self) -> Result<()> {
        self.tablet.sign_in(MANAGER).await?;
        let screen = still(TABLET).await?;
        screen
            .open(&format!("{}/manager", self.tablet.url()))
            .await?;
        screen.find("top-item").await?;
        shoot(&screen, "board").await?;
        dress(&screen, "dark").await?;
        shoot(&screen, "board-dark").await
    }

    async fn shop(&self) -> Result<()> {
        let screen = still(PHONE).await?;
        screen
            .open(&format!("{}/shop/", self.world.cloud_url()))
            .await?;
        screen.find("shop-item").await?;
        shoot(&screen, "shop-home").await?;
        screen.click("shop-item").await?;
        screen.find("item-title").await?;
        shoot(&screen, "shop-item").await?;
        screen.click("shop-add").await?;
        screen.find("shop-cart-count").await?;
        screen.click("shop-cart").await?;
        screen.find("shop-cart-line").await?;
        screen
            .find_by("[data-testid='shop-total'][data-settled='true']")
            .await?;
        shoot(&screen, "shop-cart").await?;
        screen.click("shop-in-store").await?;
        screen.find("shop-code").await?;
        shoot(&screen, "shop-handoff").await?;
        screen.click("shop-close-offer").await?;
        screen.click("shop-checkout").await?;
        screen.click("shop-pay").await?;
        screen.find("shop-receipt").await?;
        shoot(&screen, "shop-ordered").await
    }
}

/// A Segment call.
struct Call(Value);

impl Call {
    /// The same call by another shopper.
    fn set(mut self, shopper: usize) -> Self {
        if let Some(id) = self.0.get_mut("anonymousId") {
            *id = json!(format!("shot-{shopper}"));
        }
        self
    }
}

/// A browser in which nothing moves.
async fn still((width, height): (u32, u32)) -> Result<Browser> {
    let browser = Browser::chromium(width, height).await?;
    dress(&browser, "light").await?;
    Ok(browser)
}

/// Light or dark, and nothing that moves.
async fn dress(screen: &Browser, scheme: &str) -> Result<()> {
    let features = json!([
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]);
    let media = json!({"features": features});
    screen.devtools("Emulation.setEmulatedMedia", media).await?;
    Ok(())
}

/// Another language, as somebody chose it before.
async fn speak(screen: &Browser, language: &str) -> Result<()> {
    let keep = format!("localStorage.setItem('aisle-language', '{language}'); return true");
    screen.driver.execute(keep, Vec::new()).await?;
    Ok(screen.driver.refresh().await?)
}

/// Takes the picture once the fonts are there and everything was drawn.
async fn shoot(screen: &Browser, name: &str) -> Result<()> {
    let drawn = "const done = arguments[0];
        document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
    screen.driver.execute_async(drawn, Vec::new()).await?;
    let file = paths::root()
        .join("assets/screenshots")
        .join(name)
        .with_extension("png");
    screen.screenshot(&file).await?;
    screen
        .check_console(&[])
        .await
        .with_context(|| name.to_owned())?;
    tell(name, &file)
}

fn tell(name: &str, file: &Path) -> Result<()> {
    let bytes = file.metadata()?.len();
    let remark = if bytes > MAX_BYTES {
        " - too large to commit"
    } else {
        ""
    };
    println!("{name}: {} kB{remark}", bytes / 1_000);
    Ok(())
}
