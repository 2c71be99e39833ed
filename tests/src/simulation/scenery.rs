//! Two stores with people and things in them, and their devices.

use super::clock::instant;
use anyhow::{Result, anyhow};
use chrono::{DateTime, Utc};
use cloud_functions::devices::{DeviceState, state_key};
use cloud_functions::feed::{self, Move};
use cloud_functions::ports::ledger::Condition;
use cloud_functions::services::Services;
use cloud_functions::table;
use domain::api::identity::DeviceKind;
use domain::api::sync::{Scope, catalogue_shard, kind};
use domain::ids::{DeviceId, StoreId};
use serde_json::{Value, json};

/// The stores.
pub(super) const STORES: [&str; 2] = ["1", "2"];
/// Customers of each store.
pub(super) const CUSTOMERS: u64 = 3;
/// Things that are sold.
const ITEMS: u64 = 4;
/// A kind that no device knows.
const WARDROBE: &str = "wardrobe";

/// A store's id.
pub(super) fn store_id(store: usize) -> Result<StoreId> {
    let name = STORES
        .get(store % STORES.len())
        .copied()
        .unwrap_or_default();
    Ok(StoreId::parse(name)?)
}

/// A customer's id.
#[must_use]
pub(super) fn customer(store: usize, number: u64) -> String {
    format!("c-{store}-{}", number % CUSTOMERS)
}

/// Who writes notes in a store.
#[must_use]
pub(super) fn associate(store: usize) -> String {
    format!("a-{store}")
}

/// Opens both stores.
pub(super) async fn open_stores(services: &Services) -> Result<()> {
    for store in 0..STORES.len() {
        let mut moves = Vec::new();
        let id = store_id(store)?;
        let body = json!({"id": id, "name": "Aisle", "country": "PT", "locale": "pt-PT", "zone": "Europe/Lisbon", "currency": "EUR"});
        moves.push(put(Scope::inventory(&id), kind::STORE, id.as_str(), &body)?);
        let body = json!({"id": associate(store), "name": "Rui", "role": "associate", "store": id, "pin_hash": ""});
        moves.push(put(
            Scope::team(&id),
            kind::ASSOCIATE,
            &associate(store),
            &body,
        )?);
        for number in 0..CUSTOMERS {
            moves.push(change(store, 0, number, 0)?);
        }
        if store == 0 {
            for number in 0..ITEMS {
                moves.push(change(store, 2, number, 0)?);
                moves.push(change(store, 4, number, 0)?);
            }
        }
        feed::publish(&*services.ledger, &services.poke, &moves, &[]).await?;
    }
    Ok(())
}

fn put(scope: Scope, kind: &'static str, id: &str, body: &Value) -> Result<Move> {
    Ok(Move {
        scope,
        kind,
        id: id.to_owned(),
        body: Some(serde_json::value::to_raw_value(body)?),
        command: None,
        condition: Condition::Any,
    })
}

/// A change of the cloud's own: `what` says of which kind, `pick` which entity and what it becomes.
pub(super) fn change(store: usize, what: u64, pick: u64, at_ms: u64) -> Result<Move> {
    let at = instant(at_ms);
    let id = store_id(store)?;
    match what % 6 {
        0 => {
            let her = customer(store, pick);
            let name = format!("Ana {}", pick % 97);
            let body = json!({"id": her, "name": {"given": name}, "home_store": id});
            put(Scope::customers(&id), kind::CUSTOMER, &her, &body)
        }
        1 => {
            let sku = sku(pick);
            let body = json!({"sku": sku, "store": id, "on_hand": pick % 50, "counted_at": at});
            put(
                Scope::inventory(&id),
                kind::STOCK,
                &format!("{id}/{sku}"),
                &body,
            )
        }
        2 => {
            let sku = sku(pick);
            let body = json!({"sku": sku, "title": format!("Coat {}", pick % 89), "department": "outdoor"});
            put(
                Scope::catalogue(catalogue_shard(&sku)),
                kind::ITEM,
                &sku,
                &body,
            )
        }
        3 => {
            let body = json!({"of": pick % 3, "pieces": pick % 11});
            put(
                Scope::customers(&id),
                WARDROBE,
                &format!("w-{store}-{}", pick % 2),
                &body,
            )
        }
        _ => {
            let sku = sku(pick);
            let body = json!({"sku": sku, "amount": {"minor": pick % 9_000, "currency": "EUR"}, "valid_from": at});
            put(Scope::prices(), kind::PRICE, &sku, &body)
        }
    }
}

/// The same entity, gone. Stores, teams and customers stay.
pub(super) fn delete(store: usize, what: u64, pick: u64) -> Result<Move> {
    let mut moved = change(
        store,
        if what.is_multiple_of(6) { 3 } else { what },
        pick,
        0,
    )?;
    moved.body = None;
    Ok(moved)
}

fn sku(pick: u64) -> String {
    format!("sku-{}", pick % ITEMS)
}

/// A device joins a store, or moves to it, as whoever runs the system would have it.
pub(super) async fn place_device(
    services: &Services,
    device: &DeviceId,
    is_kiosk: bool,
    store: usize,
    at: DateTime<Utc>,
) -> Result<()> {
    let kind = if is_kiosk {
        DeviceKind::Kiosk
    } else {
        DeviceKind::Tablet
    };
    let row = cloud_functions::devices::lookup(&*services.ledger, device).await?;
    let (state, condition) = match row {
        Some(row) => {
            let condition = row.unchanged();
            (
                DeviceState {
                    store: store_id(store)?,
                    ..row.value
                },
                condition,
            )
        }
        None => {
            let state = DeviceState {
                device: device.clone(),
                kind,
                store: store_id(store)?,
                secret_hash: String::new(),
                last_cseq: 0,
                revoked: false,
                enrolled_at: at,
            };
            (state, Condition::Absent)
        }
    };
    let write = table::put(state_key(device), &state, condition)?;
    services
        .ledger
        .write(vec![write])
        .await
        .map_err(|error| anyhow!(error))
}
