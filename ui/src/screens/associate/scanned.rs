//! What a scanner read on the associate's screens: it goes into the cart that lies open, or leads to what it found.

use crate::backend;
use crate::model::cart::code::Scanned;
use crate::route::Route;
use crate::screens::cart::add::{self, Into};
use crate::screens::cart::take_over;
use crate::tablet::Tablet;
use domain::api::device::{AssignCart, ReadCart, ReadScan, Refusal, ScanFound};
use domain::cart::ReceiptNumber;
use domain::ids::{CartId, CustomerId, Sku};
use domain::scan::Scan;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A scanner read something.
pub(crate) fn scanned(tablet: Tablet, text: String) {
    let nobody = tablet
        .status
        .with_untracked(|status| status.ready().is_none_or(|status| status.session.is_none()));
    if nobody {
        return;
    }
    if let Some(scanned) = Scanned::of(&text) {
        take_over::hear_anywhere(tablet, scanned);
    } else if text.trim().parse::<ReceiptNumber>().is_ok() {
        tablet.place.go(Route::Order(text.trim().to_owned()));
    } else {
        look_up(tablet, text);
    }
}

fn look_up(tablet: Tablet, text: String) {
    spawn_local(async move {
        let words = tablet.words();
        match backend::call(&ReadScan { text }).await {
            Ok(ScanFound::Item { sku }) => found_item(tablet, sku),
            Ok(ScanFound::Customer { customer }) => found_customer(tablet, customer).await,
            Ok(ScanFound::Card { .. }) => tablet.tell(words.scan_card_unknown.to_owned()),
            Ok(ScanFound::Nothing { scan }) => tablet.tell((words.scan_nothing)(&said(&scan))),
            Err(refusal) => tell(tablet, &refusal),
        }
    });
}

/// The cart that lies open, where one does.
fn open_cart(tablet: Tablet) -> Option<CartId> {
    match tablet.place.route_now() {
        Route::Carts(cart) => cart,
        _ => None,
    }
}

fn found_item(tablet: Tablet, sku: Sku) {
    match open_cart(tablet) {
        // Each scan is one piece more, however quickly they come.
        Some(cart) => add::add(tablet, Into::Cart(cart), sku, RwSignal::new(false)),
        None => tablet.place.go(Route::Items(Some(sku))),
    }
}

/// Her card over a guest's open cart makes it hers; else it opens her card.
async fn found_customer(tablet: Tablet, customer: CustomerId) {
    let guests = match open_cart(tablet) {
        Some(cart) => backend::call(&ReadCart { cart }).await.ok(),
        None => None,
    };
    let guests = guests.map(|page| page.value.cart);
    let guests = guests.filter(|cart| cart.opening.customer.is_none());
    let Some(cart) = guests else {
        tablet.place.go(Route::People(Some(customer)));
        return;
    };
    let cart = cart.opening.id;
    match backend::call(&AssignCart { cart, customer }).await {
        Ok(page) => {
            let name = page.value.customer_name.unwrap_or_default();
            tablet.tell((tablet.cart_words().assigned)(&name));
        }
        Err(refusal) => tell(tablet, &refusal),
    }
}

fn tell(tablet: Tablet, refusal: &Refusal) {
    tablet.tell(add::sentence(tablet, refusal).to_owned());
}

/// What a scan said, for a message.
#[must_use]
pub(crate) fn said(scan: &Scan) -> String {
    match scan {
        Scan::Item { gtin } => gtin.to_string(),
        Scan::Card { card } => card.to_string(),
        Scan::Unknown { text } => text.clone(),
    }
}
