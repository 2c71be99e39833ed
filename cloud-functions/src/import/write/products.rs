//! Items, prices and stock.

use super::{WriteError, lookup, moved};
use crate::feed::{self, Move};
use crate::import::merchant::Product;
use crate::ports::ledger::Write;
use crate::services::Services;
use chrono::{DateTime, Utc};
use domain::api::sync::{Scope, catalogue_shard, kind};
use domain::ids::Sku;
use domain::item::{Item, Price, Stock};
use domain::store::Store;
use std::collections::BTreeMap;

/// Writes items, prices and stock, with their look-ups.
pub async fn write_products(
    services: &Services,
    store: &Store,
    products: &[Product],
) -> Result<(), WriteError> {
    let now = services.clock.now();
    // Each product is up to three moves and a look-up: ten fill a batch without passing its bound.
    for chunk in products.chunks(10) {
        let mut moves = Vec::new();
        let mut beside = BTreeMap::new();
        let newest: BTreeMap<&Sku, &Product> = chunk
            .iter()
            .map(|product| (&product.item.sku, product))
            .collect();
        for (sku, product) in newest {
            product_moves(store, product, now, &mut moves)?;
            let found = product
                .item
                .gtin
                .map(|gtin| lookup("gtin", &gtin.to_string(), sku.as_str()));
            beside.extend(found.map(|write| (write.key().clone(), write)));
        }
        let beside: Vec<Write> = beside.into_values().collect();
        feed::publish(&*services.ledger, &services.poke, &moves, &beside).await?;
    }
    Ok(())
}

fn product_moves(
    store: &Store,
    product: &Product,
    now: DateTime<Utc>,
    moves: &mut Vec<Move>,
) -> Result<(), WriteError> {
    let Item { sku, .. } = &product.item;
    moves.push(moved(
        Scope::catalogue(catalogue_shard(sku.as_str())),
        kind::ITEM,
        sku.as_str(),
        &product.item,
    )?);
    if let Some(amount) = product.price {
        let (valid_from, valid_until) = match product.validity {
            Some((from, until)) => (from, Some(until)),
            None => (DateTime::UNIX_EPOCH, None),
        };
        let price = Price {
            sku: sku.clone(),
            amount,
            was: product.was,
            valid_from,
            valid_until,
        };
        moves.push(moved(Scope::prices(), kind::PRICE, sku.as_str(), &price)?);
    }
    if let Some(on_hand) = product.on_hand {
        let stock = Stock {
            sku: sku.clone(),
            store: store.id.clone(),
            on_hand,
            counted_at: now,
        };
        moves.push(moved(
            Scope::inventory(&store.id),
            kind::STOCK,
            &Stock::entity_id(&store.id, sku),
            &stock,
        )?);
    }
    Ok(())
}
