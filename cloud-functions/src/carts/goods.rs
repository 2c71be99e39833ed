//! Stock of a store, and the part of it that one device alone may sell.
//!
//! An allotment is told in the store's feed of carts; `D#<device>` / `A#<sku>` finds all of a device.

use super::moved;
use crate::devices;
use crate::feed::{self, Move, PublishError, entity_key};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use domain::api::sync::{Scope, kind};
use domain::cart::Allotment;
use domain::ids::{DeviceId, Sku, StoreId};
use domain::item::Stock;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Items that one write gives, takes or sells: with all that lies beside they fit.
pub const AT_ONCE: usize = 12;
/// How often a write starts over when others sell the same.
const MAX_RACES: usize = 30;

/// What a write does.
pub type Plan = (Vec<Move>, Vec<Write>);

/// Stock of items, of those that are counted.
pub async fn stocks(
    ledger: &dyn Ledger,
    store: &StoreId,
    skus: impl Iterator<Item = &Sku>,
) -> Result<BTreeMap<Sku, Row<Stock>>, TableError> {
    let id = |sku: &Sku| Stock::entity_id(store, sku);
    rows(ledger, kind::STOCK, skus, id).await
}

/// What a device was allotted of items.
pub async fn allotments(
    ledger: &dyn Ledger,
    device: &DeviceId,
    skus: impl Iterator<Item = &Sku>,
) -> Result<BTreeMap<Sku, Row<Allotment>>, TableError> {
    let id = |sku: &Sku| Allotment::entity_id(device, sku);
    rows(ledger, kind::ALLOTMENT, skus, id).await
}

async fn rows<T: DeserializeOwned>(
    ledger: &dyn Ledger,
    kind: &str,
    skus: impl Iterator<Item = &Sku>,
    id: impl Fn(&Sku) -> String,
) -> Result<BTreeMap<Sku, Row<T>>, TableError> {
    let skus: Vec<&Sku> = skus.collect();
    let keys: Vec<Key> = skus.iter().map(|sku| entity_key(kind, &id(sku))).collect();
    let stored = ledger.read_all(&keys).await?;
    let there = skus.into_iter().zip(stored);
    let there = there.filter_map(|(sku, stored)| Some((sku, stored?)));
    there
        .map(|(sku, stored)| Ok((sku.clone(), table::row(&stored)?)))
        .collect()
}

/// The move that makes the pieces of an item `change`.
pub fn stock_move(row: &Row<Stock>, change: impl FnOnce(i64) -> i64) -> Result<Move, TableError> {
    let mut stock = row.value.clone();
    stock.on_hand = change(stock.on_hand);
    let scope = Scope::inventory(&stock.store);
    let id = Stock::entity_id(&stock.store, &stock.sku);
    moved(scope, kind::STOCK, &id, &stock, row.unchanged())
}

/// The move that makes an allotment this many pieces, and the row that finds it; nothing where there was and is none.
fn allotment_move(
    before: Option<&Row<Allotment>>,
    after: &Allotment,
) -> Result<Option<(Move, Write)>, TableError> {
    let condition = before.map_or(Condition::Absent, Row::unchanged);
    let id = Allotment::entity_id(&after.device, &after.sku);
    let scope = Scope::carts(&after.store);
    let mut moved = moved(scope, kind::ALLOTMENT, &id, after, condition)?;
    let key = Key::new(format!("D#{}", after.device), format!("A#{}", after.sku));
    let condition = Condition::Any;
    Ok(match (before, after.pieces) {
        (None, 0) => None,
        (Some(_), 0) => {
            moved.body = None;
            Some((moved, Write::Delete { key, condition }))
        }
        _ => Some((moved, Write::put(key, "{}", condition))),
    })
}

/// Plans that a device has so many pieces of each item, or as many as there are. At most [`AT_ONCE`]. Items that nobody
/// counted are not allotted.
pub async fn allot(
    ledger: &dyn Ledger,
    device: &DeviceId,
    store: &StoreId,
    wanted: &BTreeMap<Sku, u64>,
) -> Result<(Plan, Vec<Allotment>), TableError> {
    let stocks = stocks(ledger, store, wanted.keys()).await?;
    let before = allotments(ledger, device, wanted.keys()).await?;
    let ((mut moves, mut writes), mut after) = (Plan::default(), Vec::new());
    for (sku, wanted) in wanted {
        let row = before.get(sku);
        let has = row.map_or(0, |row| row.value.pieces);
        let stock = stocks.get(sku);
        let free = stock.map_or(0, |row| u64::try_from(row.value.on_hand).unwrap_or(0));
        let allotment = Allotment {
            device: device.clone(),
            store: store.clone(),
            sku: sku.clone(),
            pieces: (*wanted).min(has.saturating_add(free)),
        };
        if allotment.pieces != has {
            let given = |there: i64| {
                there
                    .saturating_add_unsigned(has)
                    .saturating_sub_unsigned(allotment.pieces)
            };
            moves.extend(stock.map(|row| stock_move(row, given)).transpose()?);
            if let Some((moved, write)) = allotment_move(row, &allotment)? {
                moves.push(moved);
                writes.push(write);
            }
        }
        after.push(allotment);
    }
    Ok(((moves, writes), after))
}

/// Plans what a sale with the network down takes: first from what the device was allotted, as far as it says so and has
/// it, then from the stock, which may fall below nothing: that is the truth. At most [`AT_ONCE`] items.
pub async fn sell(
    ledger: &dyn Ledger,
    device: &DeviceId,
    store: &StoreId,
    goods: &BTreeMap<Sku, u64>,
    allotted: &BTreeMap<Sku, u64>,
) -> Result<Plan, TableError> {
    let stocks = stocks(ledger, store, goods.keys()).await?;
    let before = allotments(ledger, device, goods.keys()).await?;
    let (mut moves, mut writes) = Plan::default();
    for (sku, sold) in goods {
        let row = before.get(sku);
        let has = row.map_or(0, |row| row.value.pieces);
        let said = allotted.get(sku).copied().unwrap_or(0);
        let of_device = said.min(*sold).min(has);
        if let (Some(row), true) = (row, of_device > 0) {
            let allotment = Allotment {
                pieces: has - of_device,
                ..row.value.clone()
            };
            if let Some((moved, write)) = allotment_move(Some(row), &allotment)? {
                moves.push(moved);
                writes.push(write);
            }
        }
        let of_store = sold - of_device;
        if let (Some(row), true) = (stocks.get(sku), of_store > 0) {
            moves.push(stock_move(row, |there| {
                there.saturating_sub_unsigned(of_store)
            })?);
        }
    }
    Ok((moves, writes))
}

/// Puts back all that a device was allotted: it is revoked. Doing it twice does nothing more.
pub async fn put_back(
    services: &Services,
    device: &DeviceId,
    store: &StoreId,
) -> Result<(), PublishError> {
    let ledger = &*services.ledger;
    for _ in 0..MAX_RACES {
        let partition = devices::state_key(device).partition;
        let page = ledger.range(&partition, "A#".."A$", AT_ONCE).await?;
        let skus = page
            .iter()
            .filter_map(|stored| stored.key.sort.strip_prefix("A#"));
        let none: BTreeMap<Sku, u64> = skus
            .filter_map(|sku| Some((Sku::parse(sku).ok()?, 0)))
            .collect();
        if none.is_empty() {
            return Ok(());
        }
        let ((moves, writes), _) = allot(ledger, device, store, &none).await?;
        if moves.is_empty() {
            return Ok(());
        }
        match feed::publish(ledger, &services.poke, &moves, &writes).await {
            Ok(_)
            | Err(
                PublishError::Moved { .. } | PublishError::Ledger(LedgerError::UnknownOutcome(_)),
            ) => {}
            Err(error) => return Err(error),
        }
    }
    Err(PublishError::Busy)
}
