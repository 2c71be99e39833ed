//! `cart.sell`: a sale that was made with the network down. Money was taken and goods were given, so nothing refuses it:
//! where the cart was sold meanwhile it is an order of its own, and the channels are told. A checkout that no money is
//! under way for gives way; the upkeep puts back what it kept back.
//!
//! `K#<command>` / `SALE` says that a sale was taken in; `T#<store>/<till>/<day>` / `N#<number>` whose a receipt's number
//! is. Goods of more items than one write bears wait under `X#sold`.

use super::{Decision, Desk};
use crate::carts::goods::{self, AT_ONCE};
use crate::carts::{self, Sold, archive, index};
use crate::feed::Move;
use crate::ports::ledger::{Condition, Key, Write};
use crate::table::{self, Row, TableError};
use chrono::TimeDelta;
use domain::api::sync::kind;
use domain::cart::{Cart, CartOrder, NoticeKind, OfflineSale, ReceiptNumber, SaleTaken, Status};
use domain::ids::{OrderId, PaymentKey};

/// How long ago a device may say that it sold: its clock may be wrong by years.
const OFFLINE_AT_MOST: TimeDelta = TimeDelta::days(60);

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let sale: OfflineSale = match serde_json::from_str(args) {
        Ok(sale) => sale,
        Err(error) => return Ok(Decision::rejected("sale-invalid", error)),
    };
    if sale.order.store != *desk.store {
        return Ok(Decision::rejected(
            "sale-elsewhere",
            "This sale is another store's",
        ));
    }
    let sale = with_own_payment(desk, sale);
    let done = Key::new(format!("K#{}", desk.command), "SALE");
    if desk.ledger.read(&done).await?.is_some() {
        return Ok(Decision::applied(Vec::new(), Vec::new()));
    }
    let row = carts::lookup(desk.ledger, &sale.order.cart).await?;
    let before = row.filter(|row| row.value.opening.store == *desk.store);
    let mut after = before.as_ref().map(|row| row.value.clone());
    let taken = match &mut after {
        Some(cart) => cart.take_sale(&sale, desk.command),
        None => SaleTaken::Apart,
    };
    if taken == SaleTaken::Before {
        return Ok(Decision::applied(Vec::new(), Vec::new()));
    }
    let order = order(desk, &sale, taken);
    let mut writes = vec![table::put(done, &order.id, Condition::Absent)?];
    if let Some(receipt) = &order.receipt {
        writes.extend(number(desk, receipt, &order.id, after.as_mut()).await?);
    }
    let (mut moves, beside) = goods(desk, &sale, &order.id).await?;
    writes.extend(beside);
    if let (Some(before), Some(after)) = (&before, &after) {
        moves.push(carts::cart_move(Some(before), after)?);
        writes.extend(index::writes(Some(before), after, desk.now)?);
        writes.extend(gave_way(desk, &before.value, taken)?);
        moves.extend(told_there(desk, after, &order.id).await?);
    }
    writes.push(table::put(
        carts::untold_key(&order.id),
        &order.history(),
        Condition::Any,
    )?);
    writes.extend(index::order(&order, desk.now)?);
    let id = order.id.as_str();
    let made = carts::put(desk.store, kind::CART_ORDER, id, &order, Condition::Absent)?;
    moves.push(carts::by_command(made, desk.command));
    Ok(Decision::applied(moves, writes))
}

/// The device knows the attempts to pay of long ago alone: a payment under the key of another attempt would pass for it,
/// and what that takes late would not be given back.
fn with_own_payment(desk: &Desk<'_>, mut sale: OfflineSale) -> OfflineSale {
    let own = || PaymentKey::derived("offline-payment", &[desk.command.as_str()]);
    sale.order.payment = sale.order.payment.map(|_| own());
    sale
}

/// What a checkout kept back that gave way is due at once.
fn gave_way(desk: &Desk<'_>, before: &Cart, taken: SaleTaken) -> Result<Option<Write>, TableError> {
    if taken != SaleTaken::OfCart || !matches!(before.status, Status::Checkout(_)) {
        return Ok(None);
    }
    let due = carts::due_key(desk.now, &before.order_id());
    table::put(due, &before.opening.id, Condition::Any).map(Some)
}

/// The order as it is kept. A device's clock says when, within what can be.
fn order(desk: &Desk<'_>, sale: &OfflineSale, taken: SaleTaken) -> CartOrder {
    let mut order = sale.order.clone();
    if taken == SaleTaken::Apart {
        order.id = OfflineSale::apart(desk.command);
    }
    let earliest = desk
        .now
        .checked_sub_signed(OFFLINE_AT_MOST)
        .unwrap_or(desk.now);
    order.placed_at = order.placed_at.clamp(earliest, desk.now);
    order
}

/// Takes the number of its receipt, which is printed; where another sale has it, the channels are told.
async fn number(
    desk: &Desk<'_>,
    receipt: &ReceiptNumber,
    order: &OrderId,
    cart: Option<&mut Cart>,
) -> Result<Option<Write>, TableError> {
    let key = archive::receipt_key(receipt);
    let taken: Option<Row<OrderId>> = table::lookup(desk.ledger, &key).await?;
    let Some(taken) = taken else {
        return table::put(key, order, Condition::Absent).map(Some);
    };
    tracing::warn!(%receipt, %order, first = %taken.value, "two sales have one receipt number");
    if let Some(cart) = cart {
        let kind = NoticeKind::ReceiptTwice {
            receipt: receipt.to_string(),
            order: taken.value,
            other: order.clone(),
        };
        cart.tell_of_sale(desk.command, kind);
    }
    Ok(None)
}

/// What it takes from the allotment and the stock; what is too much for one write waits.
async fn goods(
    desk: &Desk<'_>,
    sale: &OfflineSale,
    order: &OrderId,
) -> Result<goods::Plan, TableError> {
    let mut sold = Sold {
        device: desk.device.device.clone(),
        store: desk.store.clone(),
        goods: sale.goods(),
        allotted: sale.allotted.clone(),
    };
    let now = sold.take(AT_ONCE);
    let (moves, mut writes) =
        goods::sell(desk.ledger, &sold.device, desk.store, &now, &sold.allotted).await?;
    if !sold.goods.is_empty() {
        writes.push(table::put(carts::sold_key(order), &sold, Condition::Any)?);
    }
    Ok((moves, writes))
}

/// Tells the cart, too, that the sold one went into.
async fn told_there(
    desk: &Desk<'_>,
    sold: &Cart,
    order: &OrderId,
) -> Result<Option<Move>, TableError> {
    let Status::Merged(departure) = &sold.status else {
        return Ok(None);
    };
    let Some(before) = carts::lookup(desk.ledger, &departure.into).await? else {
        return Ok(None);
    };
    let mut after = before.value.clone();
    let order = order.clone();
    after.tell_of_sale(desk.command, NoticeKind::SoldApart { order });
    carts::cart_move(Some(&before), &after).map(Some)
}
