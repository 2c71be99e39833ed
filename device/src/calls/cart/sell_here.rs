//! Sells with the network down, from what this device was allotted. Order, receipt number and command are durable
//! together before this answers.

use super::super::access::Caller;
use super::super::keep::new_id;
use super::open_order::order_page;
use super::page::{items, kept, refused, totals};
use crate::device::Shared;
use crate::keepsakes::GIVEN_BACK;
use crate::refusal::{invalid, not_found, of_replica, refuse};
use domain::api::device::{Delivery, OrderPage, Refusal, RefusalCode, SellHere};
use domain::cart::{
    Capture, Cart, CartOrder, OfflineSale, PaymentMethod, ReceiptNumber, Refusal as CartRefusal,
    Settlement, Status, Totals, business_day, payment_key,
};
use domain::ids::Sku;
use std::collections::BTreeMap;
use std::sync::PoisonError;
use sync::{NewSale, OrderHere, Sold};

/// When a business day begins, by the clock on the store's wall; as in the cloud.
const DAY_STARTS_AT_HOUR: u32 = 4;
/// The longest text that a terminal prints, in characters.
const MAX_REFERENCE_CHARS: usize = 64;
/// Digits in a row that could be a card's number (ISO/IEC 7812: 8 to 19; references of terminals are shorter).
const CARD_DIGITS: usize = 12;
/// What stands for a reference where money went into the drawer.
const CASH: &str = "cash";

pub(super) fn sell_here(
    shared: &Shared,
    caller: &Caller,
    request: &SellHere,
) -> Result<OrderPage, Refusal> {
    let reference = reference(request)?;
    let shown = shared.find_cart(&request.cart)?;
    let cart = &shown.cart;
    if let Some(before) = sold_before(shared, cart)? {
        return order_page(shared, before);
    }
    let totals = check(shared, cart, request)?;
    let device = shared.joined()?.device.clone();
    let no_till = || {
        let why = "This device has no receipt numbers yet: it needs the network once";
        refuse(RefusalCode::Offline, why)
    };
    let store = shared
        .replica
        .store(&cart.opening.store)
        .map_err(of_replica)?;
    let zone = store.ok_or_else(|| not_found("store"))?.zone;
    let order = cart.order_id();
    let attempt = cart.attempts.saturating_add(1);
    let (id, sold_at) = (new_id(shared, shared.now())?, shared.now());
    let new = NewSale {
        id: &id,
        order: &order,
        device: &device,
        store: &cart.opening.store,
        workstation: shared.workstation()?.ok_or_else(no_till)?,
        day: business_day(sold_at, zone, DAY_STARTS_AT_HOUR),
        goods: cart.goods(),
        sold_at,
    };
    let made = |receipt: ReceiptNumber| CartOrder {
        id: order.clone(),
        cart: cart.opening.id.clone(),
        generation: cart.generation,
        receipt: Some(receipt),
        store: cart.opening.store.clone(),
        customer: cart.opening.customer.clone(),
        associate: caller.associate().cloned(),
        channel: shared.channel(),
        placed_at: sold_at,
        payment: (totals.total.minor > 0).then(|| payment_key(&order, attempt)),
        capture: (totals.total.minor > 0).then(|| Capture {
            amount: totals.total,
            reference: reference.clone(),
            brand: None,
            last_four: None,
        }),
        totals: totals.clone(),
    };
    let turn = shared
        .allotting
        .turn
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let given = GIVEN_BACK.read(&shared.replica).map_err(of_replica)?;
    let given = given.unwrap_or_default();
    if let Some(sku) = new.goods.keys().find(|sku| given.contains(*sku)) {
        let left = BTreeMap::from([(sku.clone(), 0)]);
        return Err(refused(too_few(shared, &left)?));
    }
    let sold = shared.replica.sell(&new, made).map_err(of_replica)?;
    drop(turn);
    match sold {
        Sold::Kept(sale) => {
            shared.allotting.used(sale.allotted.keys(), sold_at);
            kept(shared, &request.cart);
            order_page(shared, waits(*sale))
        }
        Sold::Before(sale) => order_page(shared, waits(*sale)),
        Sold::TooFew { left } => Err(refused(too_few(shared, &left)?)),
        Sold::NoNumber => Err(refused("no receipt number is left for today")),
    }
}

fn waits(sale: OfflineSale) -> OrderHere {
    OrderHere {
        order: sale.order,
        settlement: Settlement::default(),
        state: Delivery::Kept,
    }
}

/// The order of a cart that is bought already: a second tap sells nothing.
fn sold_before(shared: &Shared, cart: &Cart) -> Result<Option<OrderHere>, Refusal> {
    let Status::Ordered { order } = &cart.status else {
        return Ok(None);
    };
    shared
        .replica
        .cart_order(order.as_str())
        .map_err(of_replica)
}

/// Whether the cart is the one on the screen, and can be sold. Gives what it costs.
fn check(shared: &Shared, cart: &Cart, request: &SellHere) -> Result<Totals, Refusal> {
    if !matches!(cart.status, Status::Open) {
        return Err(refused(CartRefusal::NotOpen));
    }
    if cart.version != request.version {
        let version = cart.version;
        return Err(refused(CartRefusal::VersionMoved { version }));
    }
    if cart.counted().next().is_none() {
        return Err(refused(CartRefusal::Empty));
    }
    let now = shared.now();
    let items = items(shared, cart, now)?;
    let unpriced = cart.counted().find(|line| line.price.is_none());
    let totals = totals(shared, cart, &items, now)?;
    let totals = totals.ok_or_else(|| match unpriced {
        Some(line) => refused(CartRefusal::Unpriced {
            line: line.id.clone(),
        }),
        None => refused("there is no sum"),
    })?;
    if totals.total != request.total {
        return Err(refused(format!(
            "The sum is {} by now: show it to her first",
            totals.total
        )));
    }
    Ok(totals)
}

/// What stands on the receipt for how it was paid. No card's number is taken.
fn reference(request: &SellHere) -> Result<String, Refusal> {
    let printed = request
        .reference
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    let long = printed.chars().count() > MAX_REFERENCE_CHARS;
    if long || printed.chars().any(char::is_control) {
        let why = format!("has at most {MAX_REFERENCE_CHARS} plain characters");
        return Err(invalid("reference", why));
    }
    let digits = printed.chars().filter(|c| !matches!(c, ' ' | '-'));
    let digits: String = digits.collect();
    let runs = digits.split(|c: char| !c.is_ascii_digit());
    if runs.map(str::len).any(|run| run >= CARD_DIGITS) {
        return Err(invalid("reference", "looks like the number of a card"));
    }
    match request.method {
        PaymentMethod::PayLink => Err(invalid("method", "needs the network")),
        PaymentMethod::Cash => Ok(CASH.to_owned()),
        PaymentMethod::Terminal if printed.is_empty() => {
            Err(invalid("reference", "is what the terminal printed"))
        }
        PaymentMethod::Terminal => Ok(printed.to_owned()),
    }
}

fn too_few(shared: &Shared, left: &BTreeMap<Sku, u64>) -> Result<String, Refusal> {
    let mut short = Vec::with_capacity(left.len());
    for (sku, pieces) in left {
        let title = shared.title(sku)?.unwrap_or_else(|| sku.to_string());
        short.push(format!("{title}: {pieces}"));
    }
    let short = short.join(", ");
    Ok(format!(
        "without the network this device may sell fewer ({short})"
    ))
}
