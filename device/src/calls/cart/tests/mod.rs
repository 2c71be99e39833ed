//! Carts through the one door of a device, with the network down and up.

mod access;
mod capsules;
mod kiosk;
mod offline;
mod online;
mod sales;

use crate::testing::Bench;
use domain::api::device::{BeginCart, CartChange, CartPage, ChangeCart, Changed, Refusal};
use domain::cart::Action;
use domain::ids::{CartId, CustomerId, Sku};

fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

fn zoe() -> CustomerId {
    CustomerId::parse("c-1").unwrap()
}

async fn begin(bench: &Bench, customer: Option<CustomerId>) -> CartPage {
    let begin = BeginCart {
        customer,
        anew: false,
    };
    bench.ask(begin).await.unwrap().value
}

async fn change(bench: &Bench, cart: &CartId, change: CartChange) -> Result<Changed, Refusal> {
    let cart = cart.clone();
    bench.ask(ChangeCart { cart, change }).await
}

async fn add(bench: &Bench, cart: &CartId, item: &str, quantity: u32) -> Changed {
    let sku = sku(item);
    let add = CartChange::Add { sku, quantity };
    change(bench, cart, add).await.unwrap()
}

async fn act(bench: &Bench, cart: &CartId, action: Action) -> Changed {
    change(bench, cart, CartChange::Line { action })
        .await
        .unwrap()
}

/// What is in it: items and pieces.
fn lines(page: &CartPage) -> Vec<(&str, u32)> {
    let lines = page.cart.lines.iter();
    lines
        .map(|line| (line.sku.as_str(), line.quantity()))
        .collect()
}

fn id(page: &CartPage) -> CartId {
    page.cart.opening.id.clone()
}
