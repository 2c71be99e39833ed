//! Customers and the look-ups that find them.

use super::{WriteError, lookup, moved};
use crate::feed::{self, PublishError};
use crate::ports::ledger::{Key, Write};
use crate::services::Services;
use crate::table;
use domain::api::sync::{Scope, kind};
use domain::customer::Customer;
use std::collections::BTreeMap;

/// Writes customers into the feeds of their stores, with look-ups by card, phone and e-mail. Whoever is known already
/// stays where she is at home: an entity is told in one scope for its whole life.
pub async fn write_customers(
    services: &Services,
    customers: &[Customer],
) -> Result<(), WriteError> {
    for chunk in customers.chunks(18) {
        let chunk = at_home(services, chunk).await?;
        let moves = chunk
            .iter()
            .map(|customer| {
                moved(
                    Scope::customers(&customer.home_store),
                    kind::CUSTOMER,
                    customer.id.as_str(),
                    customer,
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        // Two people may share a phone or an address: the last one in the file is found by it.
        let lookups: BTreeMap<Key, Write> = chunk
            .iter()
            .flat_map(customer_lookups)
            .map(|write| (write.key().clone(), write))
            .collect();
        feed::publish(
            &*services.ledger,
            &services.poke,
            &moves,
            &lookups.into_values().collect::<Vec<_>>(),
        )
        .await?;
    }
    Ok(())
}

/// The customers, each with the home store that the ledger has of her.
async fn at_home(services: &Services, customers: &[Customer]) -> Result<Vec<Customer>, WriteError> {
    let key = |customer: &Customer| feed::entity_key(kind::CUSTOMER, customer.id.as_str());
    let keys: Vec<Key> = customers.iter().map(key).collect();
    let stored = services.ledger.read_all(&keys).await?;
    let pairs = customers.iter().zip(stored);
    let kept = pairs.map(|(customer, stored)| {
        let mut customer = customer.clone();
        if let Some(stored) = stored {
            let held = table::row::<Customer>(&stored).map_err(PublishError::from)?;
            customer.home_store = held.value.home_store;
        }
        Ok(customer)
    });
    kept.collect()
}

fn customer_lookups(customer: &Customer) -> Vec<Write> {
    let card = customer
        .card
        .as_ref()
        .map(|card| ("card", card.to_string()));
    let phone = customer
        .phone
        .as_ref()
        .map(|phone| ("phone", phone.digits()))
        .filter(|(_, digits)| !digits.is_empty());
    let email = customer.email.clone().map(|email| ("email", email));
    [card, phone, email]
        .into_iter()
        .flatten()
        .map(|(by, value)| lookup(by, &value, customer.id.as_str()))
        .collect()
}
