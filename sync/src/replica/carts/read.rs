//! Reads carts, orders, terms, prices and allotments.

use super::super::Replica;
use super::super::outbox::delivery;
use super::super::store::{list, lookup, versioned};
use super::project;
use super::waiting::{self, QueuedSale, Waiting, What};
use crate::error::ReplicaError;
use chrono::{DateTime, Utc};
use domain::api::device::Delivery;
use domain::api::sync::kind;
use domain::cart::{
    Allotment, Cart, CartCommand, CartOrder, Channel, PriceSnapshot, PriceSource, Settlement, Terms,
};
use domain::help::HelpCall;
use domain::ids::{CartId, CustomerId, DeviceId, OrderId, PriceListId, Sku, StoreId};
use domain::item::Price;
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeMap, BTreeSet};

/// The most items of which a device has an allotment.
const MAX_ALLOTMENTS: usize = 1_000;
/// The most kiosks that ask at once.
const MAX_HELP: usize = 50;
/// The list that prices of the feed are from.
const DEFAULT_LIST: &str = "default";

/// A cart as this device shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCart {
    /// What the cloud decided, with what waits here on top.
    pub cart: Cart,
    /// Commands on it that were not sent, or not answered.
    pub unsent: u32,
    /// Where it was changed last, and when by the clock of that device; `None` where nobody did anything to it.
    pub changed: Option<(Channel, DateTime<Utc>)>,
}

/// An order that was made of a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHere {
    /// The order.
    pub order: CartOrder,
    /// What has come back of it.
    pub settlement: Settlement,
    /// How far it has come.
    pub state: Delivery,
}

impl Replica {
    /// A cart as it is shown. `newer` is the cart where the cloud told of it beside the feed and the feed is behind:
    /// then it counts instead of the feed's.
    pub fn cart(
        &self,
        id: &CartId,
        newer: Option<Cart>,
    ) -> Result<Option<ShownCart>, ReplicaError> {
        self.read(|connection| {
            // One transaction: a page that arrives in between would show a change twice or not at all.
            let transaction = connection.unchecked_transaction()?;
            shown(&transaction, id, newer)
        })
    }

    /// A cart as the feed has it, without what waits here.
    pub fn confirmed_cart(&self, id: &CartId) -> Result<Option<Cart>, ReplicaError> {
        self.read(|connection| lookup(connection, kind::CART, id.as_str()))
    }

    /// Carts that may still be changed or paid, hers or the store's, those that were changed last first; at most
    /// `limit`.
    pub fn carts(
        &self,
        customer: Option<&CustomerId>,
        limit: usize,
    ) -> Result<Vec<ShownCart>, ReplicaError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let mut ids: BTreeSet<CartId> = BTreeSet::new();
            ids.extend(list_open(&transaction, customer, limit)?);
            ids.extend(waiting::carts(&transaction, limit.saturating_mul(2))?);
            let mut carts = Vec::with_capacity(ids.len());
            for id in &ids {
                carts.extend(shown(&transaction, id, None)?);
            }
            let hers = |cart: &ShownCart| {
                customer.is_none_or(|her| cart.cart.opening.customer.as_ref() == Some(her))
            };
            carts.retain(|cart| is_open(&cart.cart) && hers(cart));
            carts.sort_by_key(|cart| std::cmp::Reverse(cart.changed.map(|(_, at)| at)));
            carts.truncate(limit);
            Ok(carts)
        })
    }

    /// Commands on a cart that were not sent, or not answered.
    pub fn unsent_of_cart(&self, cart: &CartId) -> Result<u32, ReplicaError> {
        self.read(|connection| waiting::count_unsent(connection, cart))
    }

    /// What was done to a cart here and was not sent, or not answered, in its order.
    pub fn waiting_of_cart(&self, cart: &CartId) -> Result<Vec<CartCommand>, ReplicaError> {
        let waiting = self.read(|connection| waiting::of_cart(connection, cart.as_str()))?;
        let unsent = waiting.into_iter().filter(|waits| waits.unsent);
        let change = |waits: Waiting| match waits.what {
            What::Change(command) => Some(command),
            _ => None,
        };
        Ok(unsent.filter_map(change).collect())
    }

    /// An order by its id or the number on its receipt: one that the cloud has, or one that waits here.
    pub fn cart_order(&self, text: &str) -> Result<Option<OrderHere>, ReplicaError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            let by_receipt = order_of_receipt(&transaction, text)?;
            let id = by_receipt.as_deref().unwrap_or(text);
            let order: Option<CartOrder> = lookup(&transaction, kind::CART_ORDER, id)?;
            let Some(order) = order else {
                return Ok(find_sale(&transaction, text)?.map(of_sale));
            };
            // Of two orders with one id, the one whose receipt it is: the other was sold at another till.
            let mine = find_sale(&transaction, text)?;
            if let Some(mine) = mine.filter(|mine| mine.sale.order.receipt != order.receipt) {
                return Ok(Some(of_sale(mine)));
            }
            let settlement: Option<Settlement> = lookup(&transaction, kind::SETTLEMENT, id)?;
            Ok(Some(OrderHere {
                order,
                settlement: settlement.unwrap_or_default(),
                state: Delivery::Sent,
            }))
        })
    }

    /// Kiosks of the store that ask for somebody, as the feed told; at most 50.
    pub fn help(&self) -> Result<Vec<HelpCall>, ReplicaError> {
        self.read(|connection| list(connection, kind::HELP, "", MAX_HELP))
    }

    /// The terms that a store sells on.
    pub fn terms(&self, store: &StoreId) -> Result<Terms, ReplicaError> {
        let terms = self.read(|connection| lookup(connection, kind::TERMS, store.as_str()));
        Ok(terms?.unwrap_or_default())
    }

    /// The price of an item at `now`, as a cart keeps it; `None` where none is valid.
    pub fn price_snapshot(
        &self,
        sku: &Sku,
        now: DateTime<Utc>,
    ) -> Result<Option<PriceSnapshot>, ReplicaError> {
        let found: Option<(Price, u64)> =
            self.read(|connection| versioned(connection, kind::PRICE, sku.as_str()))?;
        let list = PriceListId::parse(DEFAULT_LIST).map_err(super::damaged)?;
        let valid = found.filter(|(price, _)| price.is_valid_at(now));
        Ok(valid.map(|(price, version)| PriceSnapshot {
            unit: price.amount,
            version,
            source: PriceSource::List { list },
            valid_until: price.valid_until,
        }))
    }

    /// Pieces of each item that a device was allotted, as the cloud counts them.
    pub fn allotments(&self, device: &DeviceId) -> Result<BTreeMap<Sku, u64>, ReplicaError> {
        self.read(|connection| allotments(connection, device))
    }

    /// Whether the cloud may still count pieces that were sold here.
    pub fn is_any_sale_waiting(&self) -> Result<bool, ReplicaError> {
        self.read(|connection| Ok(!waiting::sales(connection)?.is_empty()))
    }

    /// Pieces of each item that a device may sell by itself: what it was allotted, without what it sold since.
    pub fn allotted(&self, device: &DeviceId) -> Result<BTreeMap<Sku, u64>, ReplicaError> {
        self.read(|connection| {
            let transaction = connection.unchecked_transaction()?;
            allotted(&transaction, device)
        })
    }
}

fn is_open(cart: &Cart) -> bool {
    use domain::cart::Status::{Checkout, Open};
    matches!(cart.status, Open | Checkout(_))
}

fn shown(
    connection: &Connection,
    id: &CartId,
    newer: Option<Cart>,
) -> Result<Option<ShownCart>, ReplicaError> {
    let confirmed = match newer {
        Some(cart) => Some(cart),
        None => lookup(connection, kind::CART, id.as_str())?,
    };
    let waiting = waiting::of_cart(connection, id.as_str())?;
    let unsent = waiting.iter().filter(|waits| waits.unsent).count();
    let cart = project::fold(confirmed, &waiting);
    Ok(cart.map(|cart| ShownCart {
        unsent: u32::try_from(unsent).unwrap_or(u32::MAX),
        changed: project::last_change(&cart, &waiting),
        cart,
    }))
}

fn list_open(
    connection: &Connection,
    customer: Option<&CustomerId>,
    limit: usize,
) -> Result<Vec<CartId>, ReplicaError> {
    let id = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let ids: Vec<String> = match customer {
        Some(customer) => connection
            .prepare_cached(include_str!("../sql/list_carts_of.sql"))?
            .query_map((limit, customer.as_str()), id)?
            .collect::<Result<_, _>>()?,
        None => connection
            .prepare_cached(include_str!("../sql/list_carts.sql"))?
            .query_map([limit], id)?
            .collect::<Result<_, _>>()?,
    };
    Ok(ids.into_iter().flat_map(CartId::parse).collect())
}

fn order_of_receipt(connection: &Connection, text: &str) -> Result<Option<String>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("../sql/order_by_receipt.sql"))?;
    Ok(statement.query_row([text], |row| row.get(0)).optional()?)
}

/// A sale that waits here, by its order's id or receipt number.
fn find_sale(connection: &Connection, text: &str) -> Result<Option<QueuedSale>, ReplicaError> {
    let id = OrderId::parse(text).ok();
    let is = |queued: &QueuedSale| {
        let receipt = queued.sale.order.receipt.as_ref();
        Some(&queued.sale.order.id) == id.as_ref()
            || receipt.is_some_and(|receipt| receipt.to_string() == text)
    };
    Ok(waiting::sales(connection)?.into_iter().find(is))
}

fn of_sale(queued: QueuedSale) -> OrderHere {
    OrderHere {
        order: queued.sale.order,
        settlement: Settlement::default(),
        state: delivery(queued.state, queued.reason),
    }
}

/// What a device may sell: its rows, without the sales that the rows do not count yet.
pub(super) fn allotted(
    connection: &Connection,
    device: &DeviceId,
) -> Result<BTreeMap<Sku, u64>, ReplicaError> {
    let mut left = allotments(connection, device)?;
    // Also of a refused one: the goods are gone.
    for queued in waiting::sales(connection)? {
        for (sku, sold) in queued.sale.allotted {
            if let Some(pieces) = left.get_mut(&sku) {
                *pieces = pieces.saturating_sub(sold);
            }
        }
    }
    left.retain(|_, pieces| *pieces > 0);
    Ok(left)
}

/// A device's rows that have anything.
fn allotments(
    connection: &Connection,
    device: &DeviceId,
) -> Result<BTreeMap<Sku, u64>, ReplicaError> {
    let after = format!("{device}/");
    let rows: Vec<Allotment> = list(connection, kind::ALLOTMENT, &after, MAX_ALLOTMENTS)?;
    let mine = rows.into_iter().take_while(|row| row.device == *device);
    let any = mine.filter(|row| row.pieces > 0);
    Ok(any.map(|row| (row.sku, row.pieces)).collect())
}
