//! Writes what a file said: entities and their feeds, look-ups, orders, and the events that consumers learn from.

mod customers;
mod history;
mod orders;
mod products;

pub use customers::write_customers;
pub use orders::{ORDERS_ON_CARD, write_orders};
pub use products::write_products;

use super::collected::Collected;
use super::summary::Summary;
use crate::feed::{self, MAX_PUBLISH, Move, PublishError};
use crate::ports::events::LogError;
use crate::ports::ledger::{Condition, Key, LedgerError, MAX_WRITES, Write};
use crate::services::Services;
use domain::api::sync::{Scope, kind};
use domain::order::Order;
use domain::store::Store;
use serde::Serialize;
use serde_json::value::to_raw_value;

/// The ledger's list of all fences.
pub const FENCE_INDEX: &str = "G#fences";

/// Why writing stopped. What was written before stays; importing again goes on.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The feed did not take it.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The ledger did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The event log did not take it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A value could not be written as JSON.
    #[error("a value could not be encoded: {0}")]
    Encode(#[from] serde_json::Error),
}

/// Writes everything.
pub(crate) async fn write(
    services: &Services,
    store: &Store,
    collected: Collected,
    summary: &mut Summary,
) -> Result<(), WriteError> {
    let Collected {
        products,
        customers,
        orders,
        fences,
        terms,
    } = collected;
    summary.items += count(products.len());
    summary.orders += count(orders.len());
    summary.fences += count(fences.len());
    write_products(services, store, &products).await?;
    for chunk in fences.chunks(MAX_WRITES) {
        let put = |fence: &domain::fence::Fence| encoded(Key::new(FENCE_INDEX, &fence.id), fence);
        services
            .ledger
            .write(chunk.iter().map(put).collect::<Result<_, _>>()?)
            .await?;
    }
    if let Some(terms) = terms {
        summary.terms += 1;
        let scope = Scope::inventory(&store.id);
        let moved = moved(scope, kind::TERMS, store.id.as_str(), &terms)?;
        publish(services, vec![moved]).await?;
    }
    let orders: Vec<Order> = orders.into_values().collect();
    let customers = history::with_orders(services, store, customers, &orders).await?;
    summary.customers += count(customers.len());
    write_customers(services, &customers).await?;
    write_orders(services, store, &orders).await
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn encoded<T: Serialize>(key: Key, value: &T) -> Result<Write, serde_json::Error> {
    Ok(Write::put(
        key,
        serde_json::to_string(value)?,
        Condition::Any,
    ))
}

pub(crate) fn moved<T: Serialize>(
    scope: Scope,
    kind: &'static str,
    id: &str,
    value: &T,
) -> Result<Move, serde_json::Error> {
    Ok(Move {
        scope,
        kind,
        id: id.to_owned(),
        body: Some(to_raw_value(value)?),
        command: None,
        condition: Condition::Any,
    })
}

/// Opens a store, or changes its settings.
pub async fn write_store(services: &Services, store: &Store) -> Result<(), WriteError> {
    let scope = Scope::inventory(&store.id);
    publish(
        services,
        vec![moved(scope, kind::STORE, store.id.as_str(), store)?],
    )
    .await
}

/// Publishes moves in as many writes as they need.
pub(crate) async fn publish(services: &Services, moves: Vec<Move>) -> Result<(), WriteError> {
    for chunk in moves.chunks(MAX_PUBLISH) {
        feed::publish(&*services.ledger, &services.poke, chunk, &[]).await?;
    }
    Ok(())
}

fn lookup(by: &str, value: &str, id: &str) -> Write {
    let body = serde_json::json!({ "id": id }).to_string();
    Write::put(
        Key::new(format!("L#{by}#{value}"), "V"),
        body,
        Condition::Any,
    )
}
