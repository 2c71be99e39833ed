//! What orders say of the customers who placed them.

use super::WriteError;
use crate::feed::entity_key;
use crate::ports::ledger::{Key, MAX_PAGE};
use crate::services::Services;
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::sync::kind;
use domain::customer::{Customer, PersonName};
use domain::ids::CustomerId;
use domain::loyalty::Tier;
use domain::order::Order;
use domain::store::Store;
use std::collections::BTreeMap;

/// What orders say of a customer.
#[derive(Debug, Clone, Copy, Default)]
struct History {
    first_at: Option<DateTime<Utc>>,
    last_at: Option<DateTime<Utc>>,
    /// Whole units of money spent in the twelve months before the newest order of the file: a point each.
    points: u64,
}

/// Joins the file's customers and those whom its orders name with what the ledger knows of them.
pub(super) async fn with_orders(
    services: &Services,
    store: &Store,
    mut customers: BTreeMap<CustomerId, Customer>,
    orders: &[Order],
) -> Result<Vec<Customer>, WriteError> {
    let histories = histories(orders);
    let named: Vec<&CustomerId> = histories
        .keys()
        .filter(|id| !customers.contains_key(*id))
        .collect();
    let mut unnamed = Vec::new();
    for chunk in named.chunks(MAX_PAGE) {
        let keys: Vec<Key> = chunk
            .iter()
            .map(|id| entity_key(kind::CUSTOMER, id.as_str()))
            .collect();
        for (id, stored) in chunk.iter().zip(services.ledger.read_all(&keys).await?) {
            let known = stored.and_then(|stored| serde_json::from_str(&stored.body).ok());
            unnamed.push(known.unwrap_or_else(|| nameless(id, store)));
        }
    }
    customers.extend(
        unnamed
            .into_iter()
            .map(|customer| (customer.id.clone(), customer)),
    );
    for (id, history) in histories {
        if let Some(customer) = customers.get_mut(&id) {
            customer.last_visit_at = customer.last_visit_at.max(history.last_at);
            customer.since = [customer.since, history.first_at]
                .into_iter()
                .flatten()
                .min();
            customer.points = customer.points.max(history.points);
            customer.tier = customer.tier.max(Tier::for_points(history.points));
        }
    }
    Ok(customers.into_values().collect())
}

/// Somebody of whom only the number is known.
fn nameless(id: &CustomerId, store: &Store) -> Customer {
    Customer {
        id: id.clone(),
        name: PersonName {
            given: "Customer".to_owned(),
            family: id.to_string(),
            preferred: None,
        },
        phone: None,
        email: None,
        card: None,
        tier: Tier::Member,
        points: 0,
        home_store: store.id.clone(),
        since: None,
        locale: None,
        sizes: Vec::new(),
        wish_list: Vec::new(),
        consents: Vec::new(),
        birthday: None,
        last_visit_at: None,
    }
}

fn histories(orders: &[Order]) -> BTreeMap<CustomerId, History> {
    let newest = orders.iter().map(|order| order.placed_at).max();
    let year_ago = newest.map(|newest| newest - TimeDelta::days(365));
    let mut histories = BTreeMap::<CustomerId, History>::new();
    for order in orders {
        let Some(customer) = &order.customer else {
            continue;
        };
        let history = histories.entry(customer.clone()).or_default();
        history.first_at = [history.first_at, Some(order.placed_at)]
            .into_iter()
            .flatten()
            .min();
        history.last_at = history.last_at.max(Some(order.placed_at));
        let total = order
            .total()
            .ok()
            .flatten()
            .filter(|_| Some(order.placed_at) > year_ago);
        if let Some(total) = total {
            let units = total.minor / 10_i64.pow(u32::from(total.currency.exponent()));
            history.points = history.points.saturating_add_signed(units);
        }
    }
    histories
}
