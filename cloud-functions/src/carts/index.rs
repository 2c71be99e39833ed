//! Whose carts and orders there are: rows that move in the write that moves the cart.
//!
//! `L#carts/<customer>` / `<cart>` is an open cart of hers; `L#guests/<device>` / `<cart>` one that a browser began or
//! took over, while nobody had said whose it is; `L#orders/<customer>` / `<newest first>#<order>` an order of hers.

use super::archive::{self, Due, ORDER_KEPT};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, MAX_PAGE, Stored, Write};
use crate::table::{Row, TableError};
use chrono::{DateTime, Utc};
use domain::cart::{Cart, CartOrder, Status};
use domain::ids::{CartId, CustomerId, DeviceId, OrderId};

/// After every character of an id.
const LAST: &str = "\u{10ffff}";

fn of_customer(customer: &CustomerId, cart: &CartId) -> Key {
    Key::new(format!("L#carts/{customer}"), cart.as_str())
}

/// Where it lies that a browser has a guest's cart.
#[must_use]
pub fn of_browser(device: &DeviceId, cart: &CartId) -> Key {
    Key::new(format!("L#guests/{device}"), cart.as_str())
}

/// In whose list an entity of a cart is: hers who owns it, for as long as it can be bought.
fn listed(cart: &Cart) -> Option<&CustomerId> {
    match cart.status {
        Status::Open | Status::Checkout(_) => cart.opening.customer.as_ref(),
        Status::Ordered { .. } | Status::Merged(_) => None,
    }
}

/// What moves in the lists when a cart moves, and when it goes into the archive where it ends.
pub fn writes(
    before: Option<&Row<Cart>>,
    after: &Cart,
    now: DateTime<Utc>,
) -> Result<Vec<Write>, TableError> {
    let mut writes = lists(before.map(|row| &row.value), after);
    writes.extend(archive::cart_due(before, after, now)?);
    Ok(writes)
}

fn lists(before: Option<&Cart>, after: &Cart) -> Vec<Write> {
    let (was, is) = (before.and_then(listed), listed(after));
    if was == is {
        return Vec::new();
    }
    let cart = &after.opening.id;
    let gone = was.map(|customer| Write::Delete {
        key: of_customer(customer, cart),
        condition: Condition::Any,
    });
    let come = is.map(|customer| Write::put(of_customer(customer, cart), "{}", Condition::Any));
    gone.into_iter().chain(come).collect()
}

/// A browser has this cart from now on.
#[must_use]
pub fn browser_has(device: &DeviceId, cart: &CartId) -> Write {
    Write::put(of_browser(device, cart), "{}", Condition::Any)
}

/// An order is in the list of who bought it, and has its time with the tablets.
pub fn order(order: &CartOrder, now: DateTime<Utc>) -> Result<Vec<Write>, TableError> {
    let due = Due::Order {
        order: order.id.clone(),
    };
    let mut writes = vec![due.at(now + ORDER_KEPT)?];
    writes.extend(of_buyer(order));
    Ok(writes)
}

fn of_buyer(order: &CartOrder) -> Option<Write> {
    let customer = order.customer.as_ref()?;
    let millis = u64::try_from(order.placed_at.timestamp_millis()).unwrap_or(0);
    let newest_first = u64::MAX - millis;
    let sort = format!("{newest_first:020}#{}", order.id);
    let key = Key::new(format!("L#orders/{customer}"), sort);
    Some(Write::put(key, "{}", Condition::Any))
}

/// Open carts of a customer, the latest id first; at most `limit`.
pub async fn carts_of(
    ledger: &dyn Ledger,
    customer: &CustomerId,
    limit: usize,
) -> Result<Vec<CartId>, LedgerError> {
    list(ledger, &format!("L#carts/{customer}"), limit).await
}

/// Carts of a browser, the latest id first; at most `limit`.
pub async fn carts_of_browser(
    ledger: &dyn Ledger,
    device: &DeviceId,
    limit: usize,
) -> Result<Vec<CartId>, LedgerError> {
    list(ledger, &format!("L#guests/{device}"), limit).await
}

/// Orders of a customer, the latest first; at most `limit`.
pub async fn orders_of(
    ledger: &dyn Ledger,
    customer: &CustomerId,
    limit: usize,
) -> Result<Vec<OrderId>, LedgerError> {
    let partition = format!("L#orders/{customer}");
    let page = ledger.range(&partition, ""..LAST, limit).await?;
    let id = |stored: &Stored| {
        let (_, id) = stored.key.sort.split_once('#')?;
        OrderId::parse(id).ok()
    };
    Ok(page.iter().filter_map(id).collect())
}

async fn list(
    ledger: &dyn Ledger,
    partition: &str,
    limit: usize,
) -> Result<Vec<CartId>, LedgerError> {
    let page = ledger.range(partition, ""..LAST, MAX_PAGE).await?;
    let newest_first = page.iter().rev();
    let carts = newest_first.filter_map(|stored| CartId::parse(&*stored.key.sort).ok());
    Ok(carts.take(limit).collect())
}
