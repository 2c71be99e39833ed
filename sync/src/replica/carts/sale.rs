//! A sale with the network down: its order, its receipt number and its command are kept in one transaction, or none.

use super::super::Replica;
use super::super::outbox::{NewCommand, add, check_size, damaged};
use super::read::allotted;
use super::waiting;
use crate::error::ReplicaError;
use chrono::{DateTime, NaiveDate, Utc};
use domain::api::sync::command;
use domain::cart::{
    CartOrder, FIRST_OFFLINE_SEQUENCE, MAX_SEQUENCE, OfflineSale, ReceiptNumber, Workstation,
};
use domain::ids::{CommandId, DeviceId, OrderId, Sku, StoreId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;

/// The keepsake with the last number of each day.
const LAST_NUMBERS: &str = "receipt-numbers";
/// Days whose last number is remembered.
const MAX_DAYS: usize = 400;
/// The version of the arguments of `cart.sell`.
const VERSION: u32 = 1;

/// A sale that is to be kept.
#[derive(Debug, Clone)]
pub struct NewSale<'a> {
    /// The command's id: a new one.
    pub id: &'a CommandId,
    /// The only id that the order can have: one sale each.
    pub order: &'a OrderId,
    /// Whose allotment it is from.
    pub device: &'a DeviceId,
    /// The store that sells.
    pub store: &'a StoreId,
    /// The till.
    pub workstation: Workstation,
    /// The day of trade.
    pub day: NaiveDate,
    /// Pieces of each item.
    pub goods: BTreeMap<Sku, u64>,
    /// When, by the clock of the device.
    pub sold_at: DateTime<Utc>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sold {
    /// It is durable.
    Kept(Box<OfflineSale>),
    /// This order was sold here before: this is it.
    Before(Box<OfflineSale>),
    /// More than the device was allotted; nothing was changed.
    TooFew {
        /// What is left of each item that is short.
        left: BTreeMap<Sku, u64>,
    },
    /// No number is left on this day; nothing was changed.
    NoNumber,
}

impl Replica {
    /// Keeps a sale; `make` makes its order of its receipt number. When this returns, a kill loses neither.
    pub fn sell(
        &self,
        new: &NewSale<'_>,
        make: impl FnOnce(ReceiptNumber) -> CartOrder,
    ) -> Result<Sold, ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut before = waiting::sales(&transaction)?.into_iter();
        if let Some(queued) = before.find(|queued| queued.sale.order.id == *new.order) {
            return Ok(Sold::Before(Box::new(queued.sale)));
        }
        let left = short(&transaction, new)?;
        if !left.is_empty() {
            return Ok(Sold::TooFew { left });
        }
        let Some(number) = take_number(&transaction, new)? else {
            return Ok(Sold::NoNumber);
        };
        let sale = OfflineSale {
            order: make(number),
            allotted: new.goods.clone(),
        };
        let command = NewCommand {
            id: new.id,
            kind: command::CART_SELL,
            version: VERSION,
            args: &to_raw_value(&sale).map_err(damaged)?,
            issued_at: new.sold_at,
        };
        check_size(&command)?;
        add(&transaction, &command)?;
        transaction.commit()?;
        Ok(Sold::Kept(Box::new(sale)))
    }
}

/// What is left of items of which there are too few.
fn short(connection: &Connection, new: &NewSale<'_>) -> Result<BTreeMap<Sku, u64>, ReplicaError> {
    let allotted = allotted(connection, new.device)?;
    let left = |sku: &Sku| allotted.get(sku).copied().unwrap_or(0);
    let wanted = new.goods.iter();
    let short = wanted.filter(|(sku, pieces)| left(sku) < **pieces);
    Ok(short.map(|(sku, _)| (sku.clone(), left(sku))).collect())
}

/// The next number of the till's day, written down as taken. A number that a restored device does not remember is seen
/// in the feed.
fn take_number(
    connection: &Connection,
    new: &NewSale<'_>,
) -> Result<Option<ReceiptNumber>, ReplicaError> {
    let number = |sequence| {
        let (store, till) = (new.store.clone(), new.workstation);
        ReceiptNumber::new(store, till, new.day, sequence).map_err(damaged)
    };
    let first = number(FIRST_OFFLINE_SEQUENCE)?;
    let day = first.to_string();
    let mut kept = read_numbers(connection)?;
    let fed = last_fed(connection, &first, &number(MAX_SEQUENCE)?)?;
    let last = kept.get(&day).copied().max(fed);
    let next = last.map_or(FIRST_OFFLINE_SEQUENCE, |last| last.saturating_add(1));
    if next > MAX_SEQUENCE {
        return Ok(None);
    }
    kept.insert(day, next);
    while kept.len() > MAX_DAYS {
        kept.pop_first();
    }
    let bytes = serde_json::to_vec(&kept).map_err(damaged)?;
    connection.execute(include_str!("../sql/keep.sql"), (LAST_NUMBERS, bytes))?;
    number(next).map(Some)
}

/// The last sequence of each till's day, by the day's first number.
fn read_numbers(connection: &Connection) -> Result<BTreeMap<String, u32>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("../sql/kept.sql"))?;
    let kept: Option<Vec<u8>> = statement
        .query_row([LAST_NUMBERS], |row| row.get(0))
        .optional()?;
    kept.map_or(Ok(BTreeMap::new()), |bytes| {
        serde_json::from_slice(&bytes).map_err(damaged)
    })
}

/// The last number of the day that the feed has. Numbers of a day sort as texts do.
fn last_fed(
    connection: &Connection,
    first: &ReceiptNumber,
    last: &ReceiptNumber,
) -> Result<Option<u32>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("../sql/last_receipt.sql"))?;
    let found: Option<String> =
        statement.query_row([first.to_string(), last.to_string()], |row| row.get(0))?;
    Ok(found.and_then(|text| Some(text.parse::<ReceiptNumber>().ok()?.sequence())))
}
