//! Goods that a checkout keeps back: taken from the stock by a conditional decrement, put back when it ends without an
//! order.
//!
//! `O#<order>` / `HOLD` says what is kept back and until when; `X#holds` / `<until>#<order>` finds what is over time.
//! An item that nobody counted has no stock to keep back.

use super::kept;
use super::refusal::CartError;
use crate::carts::due_key;
use crate::carts::goods::{stock_move, stocks};
use crate::feed::Move;
use crate::ports::ledger::{Condition, Key, Stored, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use chrono::{DateTime, Utc};
use domain::cart::{Cart, Channel, PaymentMethod, Status, Totals, Workstation};
use domain::ids::{AssociateId, CartId, OrderId, Sku, StoreId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most different items in one checkout: with their feed's entries they fit one write.
pub(super) const MAX_GOODS: usize = 35;

/// Checkouts that one call gives up.
const SWEEP_AT_ONCE: usize = 20;

/// What a checkout keeps back, and what its order will say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hold {
    /// Of which cart.
    pub(super) cart: CartId,
    /// In which store.
    pub(super) store: StoreId,
    /// Pieces that were taken from the stock.
    pub(super) goods: BTreeMap<Sku, u64>,
    /// Until when.
    pub(super) until: DateTime<Utc>,
    /// The sum that was confirmed.
    pub(super) totals: Totals,
    /// How it is paid, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sale: Option<SaleNote>,
}

/// How a checkout is paid, and by whom it is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SaleNote {
    pub(super) method: PaymentMethod,
    pub(super) channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) workstation: Option<Workstation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) associate: Option<AssociateId>,
}

/// What came of keeping goods back.
pub(super) enum Kept {
    /// These writes do it.
    Plan(Vec<Move>, Vec<Write>),
    /// There are only so many of these.
    Short(BTreeMap<Sku, u64>),
}

pub(super) fn hold_key(order: &OrderId) -> Key {
    Key::new(format!("O#{order}"), "HOLD")
}

/// Goods of which cart and order were kept back for too long, and the row that says so; at most [`SWEEP_AT_ONCE`].
async fn overdue(services: &Services) -> Result<Vec<(Key, CartId, OrderId)>, CartError> {
    let now = u64::try_from(services.clock.now().timestamp_millis()).unwrap_or(0);
    // What ends now is over: no payment begins at that instant any more.
    let to = format!("{:020}", now.saturating_add(1));
    let page = services
        .ledger
        .range("X#holds", ""..to.as_str(), SWEEP_AT_ONCE);
    let rows = page.await.map_err(TableError::from)?;
    let read = |stored: Stored| {
        let cart = table::row::<CartId>(&stored)?.value;
        let order = stored.key.sort.split_once('#');
        let order = order.and_then(|(_, order)| OrderId::parse(order).ok());
        Ok(order.map(|order| (stored.key, cart, order)))
    };
    rows.into_iter()
        .filter_map(|row| read(row).transpose())
        .collect()
}

/// Plans keeping the goods of a cart back.
pub(super) async fn keep_back(
    services: &Services,
    cart: &Cart,
    totals: Totals,
    until: DateTime<Utc>,
) -> Result<Kept, CartError> {
    let goods = cart.goods();
    if goods.len() > MAX_GOODS {
        let detail = format!("at most {MAX_GOODS} different items are checked out at once");
        return Err(CartError::invalid("/cart", &detail));
    }
    let (mut moves, mut short, mut taken) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for (sku, stock) in stocks(&*services.ledger, &cart.opening.store, goods.keys()).await? {
        let wanted = goods.get(&sku).copied().unwrap_or(0);
        let there = u64::try_from(stock.value.on_hand).unwrap_or(0);
        if there < wanted {
            short.insert(sku, there);
            continue;
        }
        moves.push(stock_move(&stock, |pieces| {
            pieces.saturating_sub_unsigned(wanted)
        })?);
        taken.insert(sku, wanted);
    }
    if !short.is_empty() {
        return Ok(Kept::Short(short));
    }
    let order = cart.order_id();
    let hold = Hold {
        cart: cart.opening.id.clone(),
        store: cart.opening.store.clone(),
        goods: taken,
        until,
        totals,
        sale: None,
    };
    let due = due_key(until, &order);
    let writes = vec![
        table::put(hold_key(&order), &hold, Condition::Absent)?,
        table::put(due, &hold.cart, Condition::Absent)?,
    ];
    Ok(Kept::Plan(moves, writes))
}

/// What is kept back for an order.
pub(super) async fn lookup(
    services: &Services,
    order: &OrderId,
) -> Result<Option<Row<Hold>>, CartError> {
    Ok(table::lookup(&*services.ledger, &hold_key(order)).await?)
}

/// Plans putting goods back.
pub(super) async fn put_back(
    services: &Services,
    store: &StoreId,
    goods: &BTreeMap<Sku, u64>,
) -> Result<Vec<Move>, CartError> {
    let mut moves = Vec::new();
    for (sku, stock) in stocks(&*services.ledger, store, goods.keys()).await? {
        let pieces = goods.get(&sku).copied().unwrap_or(0);
        moves.push(stock_move(&stock, |there| {
            there.saturating_add_unsigned(pieces)
        })?);
    }
    Ok(moves)
}

/// The writes that forget what was kept back: it is sold, or put back.
pub(super) fn forget(order: &OrderId, hold: &Row<Hold>) -> Vec<Write> {
    let due = due_key(hold.value.until, order);
    vec![
        Write::Delete {
            key: hold_key(order),
            condition: hold.unchanged(),
        },
        Write::Delete {
            key: due,
            condition: Condition::Any,
        },
    ]
}

/// Gives up checkouts whose time is over; as many as a call has patience for.
pub(super) async fn sweep(services: &Services) -> Result<(), CartError> {
    for (due, cart, order) in overdue(services).await? {
        let ended = kept::race(|| end(services, &due, &cart, &order)).await;
        // One that is being paid is not over: the provider's answer ends it.
        match ended {
            Ok(()) | Err(CartError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Gives a checkout up, or where there is none any more, because a sale with the network down took its place, puts its
/// goods back. `None`: somebody was quicker.
async fn end(
    services: &Services,
    due: &Key,
    cart: &CartId,
    order: &OrderId,
) -> Result<Option<()>, CartError> {
    let there = kept::lookup(services, cart).await?.value;
    if matches!(there.status, Status::Checkout(_)) && there.order_id() == *order {
        let given_up = super::checkout::give_up_once(services, cart).await?;
        return Ok(given_up.map(drop));
    }
    let (mut moves, mut writes) = (Vec::new(), Vec::new());
    if let Some(hold) = lookup(services, order).await? {
        moves = put_back(services, &hold.value.store, &hold.value.goods).await?;
        writes = forget(order, &hold);
    }
    let key = due.clone();
    if writes.iter().all(|write| *write.key() != key) {
        let condition = Condition::Any;
        writes.push(Write::Delete { key, condition });
    }
    Ok(kept::commit(services, &moves, &writes).await?.then_some(()))
}
