//! Carts as this device shows them: what the cloud decided, with what waits here on top; and what sums need.

mod project;
mod read;
mod sale;
mod waiting;

pub use read::{OrderHere, ShownCart};
pub use sale::{NewSale, Sold};

use super::outbox::damaged;
use super::projection::Projection;
use crate::error::ReplicaError;
use chrono::DateTime;
use domain::api::sync::kind;
use rusqlite::Connection;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Hexadecimal digits of the time in a UUIDv7.
const TIME_DIGITS: usize = 12;

/// What look-ups need of a [`domain::cart::Cart`].
#[derive(Deserialize)]
pub(super) struct CartBody<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
    #[serde(default, borrow)]
    customer: Option<Cow<'b, str>>,
    #[serde(borrow)]
    status: StatusBody<'b>,
    #[serde(default, borrow)]
    decided: BTreeMap<Cow<'b, str>, IgnoredAny>,
}

#[derive(Deserialize)]
struct StatusBody<'b> {
    #[serde(borrow)]
    state: Cow<'b, str>,
}

/// What look-ups need of a [`domain::cart::CartOrder`].
#[derive(Deserialize)]
pub(super) struct CartOrderBody<'b> {
    #[serde(borrow)]
    id: Cow<'b, str>,
    #[serde(default, borrow)]
    receipt: Option<Cow<'b, str>>,
}

impl CartBody<'_> {
    pub(super) fn is(&self, id: &str) -> bool {
        self.id == id
    }

    pub(super) fn project(self) -> Projection {
        let ids = self.decided.keys();
        Projection::Cart {
            open: matches!(&*self.status.state, "open" | "checkout"),
            at: ids.filter_map(|id| minted_at(id)).max().unwrap_or(0),
            customer: self.customer.map(Cow::into_owned),
        }
    }
}

impl CartOrderBody<'_> {
    pub(super) fn is(&self, id: &str) -> bool {
        self.id == id
    }

    /// An order without a number is found by its id alone.
    pub(super) fn project(self) -> Option<Projection> {
        let receipt = self.receipt?.into_owned();
        Some(Projection::CartOrder { receipt })
    }
}

/// When a command was made, by the clock of its device: its id says so (UUIDv7, RFC 9562). In milliseconds.
fn minted_at(id: &str) -> Option<i64> {
    if id.as_bytes().get(14) != Some(&b'7') {
        return None;
    }
    let digits: String = id.chars().filter(|c| *c != '-').take(TIME_DIGITS).collect();
    let millis = i64::from_str_radix(&digits, 16).ok()?;
    DateTime::from_timestamp_millis(millis).map(|_| millis)
}

/// Writes the look-ups of a cart.
pub(super) fn put_cart(
    connection: &Connection,
    row: i64,
    customer: Option<&str>,
    open: bool,
    at: i64,
) -> Result<(), ReplicaError> {
    connection
        .prepare_cached(include_str!("../sql/put_cart.sql"))?
        .execute((row, customer, open, at))?;
    Ok(())
}

/// Writes the look-ups of an order.
pub(super) fn put_order(
    connection: &Connection,
    row: i64,
    receipt: &str,
) -> Result<(), ReplicaError> {
    connection
        .prepare_cached(include_str!("../sql/put_cart_order.sql"))?
        .execute((row, receipt))?;
    Ok(())
}

/// Looks into carts that a program of before kept as they came.
pub(super) fn project_all(connection: &Connection) -> Result<(), ReplicaError> {
    let mut statement = connection.prepare(include_str!("../sql/list_entities_of.sql"))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let (id, body, kind_name) = (text(1)?, text(2)?, text(3)?);
        match Projection::read(kind_name, id, body) {
            Some(Projection::Cart { customer, open, at }) => {
                put_cart(connection, number, customer.as_deref(), open, at)?;
            }
            Some(Projection::CartOrder { receipt }) => put_order(connection, number, &receipt)?,
            _ => {}
        }
    }
    Ok(())
}

/// The cart that an order was made of, or that what was given back is of.
pub(super) fn cart_of_order(
    connection: &Connection,
    order: &str,
) -> Result<Option<String>, ReplicaError> {
    #[derive(Deserialize)]
    struct Body {
        cart: String,
    }
    let body: Option<Body> = super::store::lookup(connection, kind::CART_ORDER, order)?;
    Ok(body.map(|body| body.cart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_command_is_in_its_id() {
        let at = minted_at("019e3552-7a00-7abc-8000-000000000000");
        assert_eq!(at, Some(0x019e_3552_7a00));
        for other in [
            "",
            "c-1",
            "019e3552-7a00-4abc-8000-000000000000",
            "019é3552-7a00-7abc-8",
        ] {
            assert_eq!(minted_at(other), None, "{other}");
        }
    }
}
