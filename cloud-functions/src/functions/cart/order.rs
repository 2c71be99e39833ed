//! The one order at the end of a cart: written with its receipt number and its cart, all or nothing.
//!
//! `T#<store>/<till>/<day>` / `V` is the last number of a till's day. `X#orders` / `<order>` is an order that history has
//! not been told of yet: it is deleted when that is done, and done again where that is not known.

use super::kept::{self, must};
use super::refusal::CartError;
use super::stock::{self, Hold, SaleNote};
use crate::carts::archive::{self, Place};
use crate::carts::{self, index};
use crate::feed::{Move, entity_key};
use crate::import::write_orders;
use crate::ports::ledger::{Condition, Key, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use crate::telemetry::figures::UPKEEP_FAILED;
use domain::api::sync::kind;
use domain::cart::{
    Cart, CartOrder, Channel, CheckoutTurn, Entry, ReceiptNumber, Refusal, Sale, business_day,
};
use domain::ids::{OrderId, StoreId};
use domain::order::Order;
use domain::store::Store;

/// When a business day begins, by the clock on the store's wall.
const DAY_STARTS_AT_HOUR: u32 = 4;
/// Orders that one call tells history of.
const TELL_AT_ONCE: usize = 20;

/// An order, however old.
pub(super) async fn lookup(services: &Services, order: &OrderId) -> Result<Place, CartError> {
    let found = archive::find_order(&*services.ledger, order).await?;
    found.ok_or(CartError::NotFound("order"))
}

/// Makes the order of a cart that is paid, or for which nothing is due. `paid` is what `before` becomes with it, and
/// `beside` is written with it. `None`: somebody was quicker.
pub(super) async fn make(
    services: &Services,
    before: &Row<Cart>,
    paid: Cart,
    beside: Vec<Write>,
) -> Result<Option<Cart>, CartError> {
    let id = paid.order_id();
    let hold = stock::lookup(services, &id).await?;
    let Some(hold) = hold else {
        // Ordered in the meantime, or given up: the cart has moved on.
        return Ok(None);
    };
    let mut writes = beside;
    writes.extend(stock::forget(&id, &hold));
    let (receipt, counter) = receipt(services, &hold.value).await?;
    writes.extend(counter);
    let order = CartOrder::of(
        &paid,
        hold.value.totals.clone(),
        sale(services, &hold.value, receipt),
    )
    .map_err(|_| Refusal::WrongPhase)?;
    let mut after = paid;
    let turn = CheckoutTurn::Complete { order: id.clone() };
    must(&mut after, &Entry::Checkout(turn))?;
    let moves: [Move; 2] = [
        kept::moved(before, &after)?,
        carts::put(
            &order.store,
            kind::CART_ORDER,
            id.as_str(),
            &order,
            Condition::Absent,
        )?,
    ];
    writes.push(table::put(
        carts::untold_key(&id),
        &order.history(),
        Condition::Absent,
    )?);
    let now = services.clock.now();
    writes.extend(index::writes(Some(before), &after, now)?);
    writes.extend(index::order(&order, now)?);
    if let Some(receipt) = &order.receipt {
        let key = archive::receipt_key(receipt);
        writes.push(table::put(key, &order.id, Condition::Any)?);
    }
    let written = kept::commit(services, &moves, &writes).await?;
    Ok(written.then_some(after))
}

fn sale(services: &Services, hold: &Hold, receipt: Option<ReceiptNumber>) -> Sale {
    let note = hold.sale.as_ref();
    Sale {
        receipt,
        associate: note.and_then(|note| note.associate.clone()),
        channel: note.map_or(Channel::Tablet, |note| note.channel),
        placed_at: services.clock.now(),
    }
}

/// The next number of the till, and the write that takes it; none where it is not sold at one.
async fn receipt(
    services: &Services,
    hold: &Hold,
) -> Result<(Option<ReceiptNumber>, Option<Write>), CartError> {
    let till = hold
        .sale
        .as_ref()
        .and_then(|note: &SaleNote| note.workstation);
    let Some(till) = till else {
        return Ok((None, None));
    };
    let zone = store(services, &hold.store).await?.zone;
    let day = business_day(services.clock.now(), zone, DAY_STARTS_AT_HOUR);
    let key = Key::new(format!("T#{}/{}/{day}", hold.store, till.number()), "V");
    let last: Option<Row<u32>> = table::lookup(&*services.ledger, &key).await?;
    let condition = last.as_ref().map_or(Condition::Absent, Row::unchanged);
    let sequence = last.map_or(0, |row| row.value).saturating_add(1);
    let number = ReceiptNumber::new(hold.store.clone(), till, day, sequence)
        .map_err(|fault| CartError::invalid("/workstation", &fault))?;
    Ok((Some(number), Some(table::put(key, &sequence, condition)?)))
}

pub(super) async fn store(services: &Services, store: &StoreId) -> Result<Store, CartError> {
    let key = entity_key(kind::STORE, store.as_str());
    let row: Option<Row<Store>> = table::lookup(&*services.ledger, &key).await?;
    Ok(row.ok_or(CartError::NotFound("store"))?.value)
}

/// Tells history of orders and returns that it does not know yet. Telling twice changes nothing.
pub(super) async fn tell(services: &Services) -> Result<(), CartError> {
    let page = services
        .ledger
        .range("X#orders", "".."\u{7f}", TELL_AT_ONCE);
    for stored in page.await.map_err(TableError::from)? {
        let row = table::row::<Order>(&stored)?;
        let store = store(services, &row.value.store).await?;
        let told = write_orders(services, &store, std::slice::from_ref(&row.value)).await;
        if let Err(error) = told {
            // It stays for the next to tell: nobody's purchase fails for it.
            UPKEEP_FAILED.add(1, &[("kind", "history")]);
            tracing::error!(%error, "history could not be told of an order");
            return Ok(());
        }
        let condition = row.unchanged();
        let done = Write::Delete {
            key: stored.key,
            condition,
        };
        kept::commit(services, &[], &[done]).await?;
    }
    Ok(())
}
