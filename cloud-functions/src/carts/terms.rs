//! What a cart costs now: prices of the ledger, and the store's terms.

use crate::feed::entity_key;
use crate::ports::ledger::Key;
use crate::services::Services;
use crate::table::{self, TableError};
use domain::api::cart::CartView;
use domain::api::sync::kind;
use domain::cart::{Cart, PriceSnapshot, PriceSource, Terms, Totals, TotalsFault};
use domain::ids::{DepartmentId, PriceListId, Sku, StoreId};
use domain::item::{Item, Price};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// Why there is no sum.
#[derive(Debug, thiserror::Error)]
pub enum TermsError {
    /// It is too large.
    #[error(transparent)]
    Totals(#[from] TotalsFault),
    /// The ledger's own error.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// The cart as channels see it.
pub async fn view(services: &Services, cart: Cart) -> Result<CartView, TermsError> {
    // A sum that is too large is no sum: the cart is shown without.
    let totals = totals(services, &cart).await.or_else(|error| match error {
        TermsError::Totals(_) => Ok(None),
        other => Err(other),
    })?;
    Ok(CartView { cart, totals })
}

/// What it costs; `None` where a line has no price.
pub async fn totals(services: &Services, cart: &Cart) -> Result<Option<Totals>, TermsError> {
    let terms = of_store(services, &cart.opening.store).await?;
    let items: BTreeMap<Sku, (Item, u64)> = read_all(services, cart, kind::ITEM).await?;
    let department = |sku: &Sku| -> Option<DepartmentId> {
        items.get(sku).map(|(item, _)| item.department.clone())
    };
    Ok(terms.totals(cart, department, services.clock.now())?)
}

/// On which terms a store sells.
pub async fn of_store(services: &Services, store: &StoreId) -> Result<Terms, TableError> {
    let key = entity_key(kind::TERMS, store.as_str());
    let terms = table::lookup::<Terms>(&*services.ledger, &key).await?;
    Ok(terms.map(|row| row.value).unwrap_or_default())
}

/// The prices of a cart's items, with the revision of each as its version.
pub async fn prices(
    services: &Services,
    cart: &Cart,
) -> Result<BTreeMap<Sku, PriceSnapshot>, TermsError> {
    let now = services.clock.now();
    let list = PriceListId::parse("default").map_err(|error| TableError::Corrupt {
        key: "the list of prices".to_owned(),
        reason: error.to_string(),
    })?;
    let rows: BTreeMap<Sku, (Price, u64)> = read_all(services, cart, kind::PRICE).await?;
    let valid = rows.into_iter().filter(|(_, (price, _))| {
        price.is_valid_at(now) && price.amount.currency == cart.opening.currency
    });
    let snapshot = |(sku, (price, version)): (Sku, (Price, u64))| {
        let source = PriceSource::List { list: list.clone() };
        let snapshot = PriceSnapshot {
            unit: price.amount,
            version,
            source,
            valid_until: price.valid_until,
        };
        (sku, snapshot)
    };
    Ok(valid.map(snapshot).collect())
}

/// Entities that are keyed by SKU, of all items in a cart.
async fn read_all<T: DeserializeOwned>(
    services: &Services,
    cart: &Cart,
    kind: &'static str,
) -> Result<BTreeMap<Sku, (T, u64)>, TermsError> {
    let skus: BTreeSet<Sku> = cart.lines.iter().map(|line| line.sku.clone()).collect();
    let keys: Vec<Key> = skus
        .iter()
        .map(|sku| entity_key(kind, sku.as_str()))
        .collect();
    let stored = services
        .ledger
        .read_all(&keys)
        .await
        .map_err(TableError::from)?;
    let mut found = BTreeMap::new();
    for (sku, stored) in skus.into_iter().zip(stored) {
        if let Some(stored) = stored {
            let row = table::row::<T>(&stored)?;
            found.insert(sku, (row.value, row.revision));
        }
    }
    Ok(found)
}
