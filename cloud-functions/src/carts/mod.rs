//! Carts as they lie in the ledger: what the functions share that read and write them.
//!
//! A cart, its orders and what was given back are told in its store's feed of carts. In the same write the look-ups move
//! that say whose open carts there are ([`index`]).

pub mod archive;
pub mod goods;
mod hook_key;
pub mod index;
pub mod terms;

pub use hook_key::{Envelope, HookFault, HookKey, NoHookKey, TOLERANCE_SECONDS};

use crate::feed::{Move, entity_key};
use crate::ports::ledger::{Condition, Key, Ledger};
use crate::table::{self, Row, TableError};
use chrono::{DateTime, Utc};
use domain::api::sync::{Scope, kind};
use domain::cart::Cart;
use domain::ids::{CartId, CommandId, DeviceId, OrderId, Sku, StoreId};
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;

/// How often what came late follows its cart into another.
pub const MAX_FORWARDS: usize = 5;

/// Goods of a sale with the network down that are not counted yet: `X#sold` / `<order>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    /// Who sold.
    pub device: DeviceId,
    /// Where.
    pub store: StoreId,
    /// Pieces that are not counted yet.
    pub goods: BTreeMap<Sku, u64>,
    /// Pieces that the device says were from its allotment.
    pub allotted: BTreeMap<Sku, u64>,
}

impl Sold {
    /// Takes out as many items as one write counts.
    pub fn take(&mut self, most: usize) -> BTreeMap<Sku, u64> {
        let first = self.goods.keys().nth(most).cloned();
        let rest = first.map_or_else(BTreeMap::new, |sku| self.goods.split_off(&sku));
        std::mem::replace(&mut self.goods, rest)
    }
}

/// Where goods of a sale wait to be counted.
#[must_use]
pub fn sold_key(order: &OrderId) -> Key {
    Key::new("X#sold", order.as_str())
}

/// Where it lies until when the goods of an order are kept back: whatever is over is looked at by the upkeep.
#[must_use]
pub fn due_key(until: DateTime<Utc>, order: &OrderId) -> Key {
    let millis = u64::try_from(until.timestamp_millis()).unwrap_or(0);
    Key::new("X#holds", format!("{millis:020}#{order}"))
}

/// Where an order lies that history has not been told of.
#[must_use]
pub fn untold_key(order: &OrderId) -> Key {
    Key::new("X#orders", order.as_str())
}

/// A cart, where there is one. One of the archive has revision 0: it is made anew by who changes it.
pub async fn lookup(ledger: &dyn Ledger, cart: &CartId) -> Result<Option<Row<Cart>>, TableError> {
    let there = table::lookup(ledger, &entity_key(kind::CART, cart.as_str())).await?;
    if there.is_some() {
        return Ok(there);
    }
    let old: Option<Row<Cart>> = table::lookup(ledger, &archive::cart_key(cart)).await?;
    Ok(old.map(|row| Row { revision: 0, ..row }))
}

/// Carts, in the order of their ids; at most [`crate::ports::ledger::MAX_PAGE`].
pub async fn lookup_all(
    ledger: &dyn Ledger,
    carts: &[CartId],
) -> Result<Vec<Option<Row<Cart>>>, TableError> {
    let key = |cart: &CartId| entity_key(kind::CART, cart.as_str());
    let there = ledger
        .read_all(&carts.iter().map(key).collect::<Vec<_>>())
        .await?;
    let mut found = Vec::with_capacity(carts.len());
    for (cart, stored) in carts.iter().zip(there) {
        found.push(match stored {
            Some(stored) => Some(table::row(&stored)?),
            // Of the archive, or nowhere: few are.
            None => lookup(ledger, cart).await?,
        });
    }
    Ok(found)
}

/// The move that makes an entity of a store's carts this.
pub fn put<T: Serialize>(
    store: &StoreId,
    kind: &'static str,
    id: &str,
    body: &T,
    condition: Condition,
) -> Result<Move, TableError> {
    moved(Scope::carts(store), kind, id, body, condition)
}

/// The move of a cart from what was read, `None` where there was none, to what it becomes.
pub fn cart_move(before: Option<&Row<Cart>>, after: &Cart) -> Result<Move, TableError> {
    let condition = before.map_or(Condition::Absent, Row::unchanged);
    let opening = &after.opening;
    put(
        &opening.store,
        kind::CART,
        opening.id.as_str(),
        after,
        condition,
    )
}

/// The same move, told with the command behind it.
#[must_use]
pub fn by_command(moved: Move, command: &CommandId) -> Move {
    Move {
        command: Some(command.clone()),
        ..moved
    }
}

/// The move that makes an entity this.
pub fn moved<T: Serialize>(
    scope: Scope,
    kind: &'static str,
    id: &str,
    body: &T,
    condition: Condition,
) -> Result<Move, TableError> {
    let body = to_raw_value(body).map_err(|error| TableError::Corrupt {
        key: format!("a new {kind}"),
        reason: error.to_string(),
    })?;
    Ok(Move {
        scope,
        kind,
        id: id.to_owned(),
        body: Some(body),
        command: None,
        condition,
    })
}
