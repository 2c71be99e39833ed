//! Carts as they lie in the ledger: what the functions share that read and write them.
//!
//! A cart, its orders and what was given back are told in its store's feed of carts. In the same write the look-ups move
//! that say whose open carts there are ([`index`]).

pub mod index;
pub mod terms;

use crate::feed::{Move, entity_key};
use crate::ports::ledger::{Condition, Ledger};
use crate::table::{self, Row, TableError};
use domain::api::sync::{Scope, kind};
use domain::cart::Cart;
use domain::ids::{CartId, CommandId, StoreId};
use serde::Serialize;
use serde_json::value::to_raw_value;

/// How often what came late follows its cart into another.
pub const MAX_FORWARDS: usize = 5;

/// A cart, where there is one.
pub async fn lookup(ledger: &dyn Ledger, cart: &CartId) -> Result<Option<Row<Cart>>, TableError> {
    table::lookup(ledger, &entity_key(kind::CART, cart.as_str())).await
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
