//! Commands about carts that the feed does not show yet.

use super::super::outbox::{QUEUED, damaged, instant};
use super::super::store::MAX_LIST;
use crate::error::ReplicaError;
use chrono::{DateTime, Utc};
use domain::api::sync::command;
use domain::cart::{CartChange, CartCommand, OfflineSale, Opening};
use domain::ids::{CartId, CommandId};
use rusqlite::Connection;

/// A command about a cart that waits here, or that the cloud took and the feed has not brought yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) id: CommandId,
    pub(super) what: What,
    /// Whether it was not sent, or not answered.
    pub(super) unsent: bool,
    /// When, by the clock of the device.
    pub(super) issued_at: DateTime<Utc>,
}

/// What it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Begin(Opening),
    Change(CartCommand),
    Sell(Box<OfflineSale>),
    /// Queued by a program that knows more than this one: shown once it is decided.
    Unread,
}

impl What {
    fn read(kind_name: &str, args: &str) -> Self {
        let read = match kind_name {
            command::CART_BEGIN => serde_json::from_str(args).map(Self::Begin),
            command::CART_CHANGE => {
                serde_json::from_str(args).map(|change: CartChange| Self::Change(change.command))
            }
            command::CART_SELL => serde_json::from_str(args).map(Self::Sell),
            _ => Ok(Self::Unread),
        };
        read.unwrap_or(Self::Unread)
    }
}

/// What waits of a cart, in the order in which it was done.
pub(super) fn of_cart(connection: &Connection, cart: &str) -> Result<Vec<Waiting>, ReplicaError> {
    let mut statement =
        connection.prepare_cached(include_str!("../sql/list_waiting_of_cart.sql"))?;
    let mut rows = statement.query((cart, MAX_LIST))?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        waiting.push(Waiting {
            id: CommandId::parse(row.get::<_, String>(4)?).map_err(damaged)?,
            what: What::read(text(0)?, text(2)?),
            unsent: row.get::<_, u8>(1)? == QUEUED,
            issued_at: instant(row.get(3)?),
        });
    }
    Ok(waiting)
}

/// Carts of which something waits, those of the last commands first; at most `limit`.
pub(super) fn carts(connection: &Connection, limit: usize) -> Result<Vec<CartId>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("../sql/list_waiting_carts.sql"))?;
    let ids = statement.query_map([limit], |row| row.get::<_, String>(0))?;
    let mut carts = Vec::new();
    for id in ids {
        // What has no readable id was queued by another program.
        carts.extend(CartId::parse(id?));
    }
    Ok(carts)
}

/// Commands of a cart that were not sent, or not answered.
pub(super) fn count_unsent(connection: &Connection, cart: &CartId) -> Result<u32, ReplicaError> {
    let mut statement =
        connection.prepare_cached(include_str!("../sql/count_unsent_of_cart.sql"))?;
    Ok(statement.query_row([cart.as_str()], |row| row.get(0))?)
}

/// A sale of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueuedSale {
    pub(super) state: u8,
    pub(super) reason: Option<String>,
    pub(super) sale: OfflineSale,
}

/// Sales of the queue, refused ones included, the latest first.
pub(super) fn sales(connection: &Connection) -> Result<Vec<QueuedSale>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("../sql/list_sales.sql"))?;
    let mut rows = statement.query([MAX_LIST])?;
    let mut sales = Vec::new();
    while let Some(row) = rows.next()? {
        let args = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let Ok(sale) = serde_json::from_str(args) else {
            continue;
        };
        sales.push(QueuedSale {
            state: row.get(0)?,
            reason: row.get(1)?,
            sale,
        });
    }
    Ok(sales)
}
