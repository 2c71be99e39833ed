//! Orders, and the events that consumers learn from.

use super::{WriteError, encoded, moved};
use crate::feed::{self, MAX_PUBLISH, entity_key};
use crate::ports::events::{CloudEvent, MAX_APPEND};
use crate::ports::ledger::{Key, MAX_PAGE, MAX_WRITES};
use crate::services::Services;
use chrono::{DateTime, Utc};
use domain::api::sync::{Scope, kind};
use domain::event::{Action, Event, ProductRef, Who};
use domain::ids::{CustomerId, DepartmentId, MessageId, Sku};
use domain::item::Item;
use domain::order::{Order, OrderLine};
use domain::store::Store;
use serde_json::value::to_raw_value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Orders of a customer that her card shows, and so travel to tablets.
pub const ORDERS_ON_CARD: usize = 10;

/// Writes orders under their numbers, those on customers' cards into the feeds, and one event each.
pub async fn write_orders(
    services: &Services,
    store: &Store,
    orders: &[Order],
) -> Result<(), WriteError> {
    for chunk in orders.chunks(MAX_WRITES) {
        let put = |order: &Order| encoded(Key::new(format!("O#{}", order.id), "V"), order);
        services
            .ledger
            .write(chunk.iter().map(put).collect::<Result<_, _>>()?)
            .await?;
    }
    for chunk in on_cards(orders).chunks(MAX_PUBLISH) {
        let moves = chunk
            .iter()
            .map(|order| {
                moved(
                    Scope::customers(&store.id),
                    kind::ORDER,
                    order.id.as_str(),
                    order,
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        feed::publish(&*services.ledger, &services.poke, &moves, &[]).await?;
    }
    let departments = departments(services, orders).await?;
    let now = services.clock.now();
    let mut by_time: Vec<&Order> = orders.iter().collect();
    by_time.sort_by(|a, b| a.placed_at.cmp(&b.placed_at).then_with(|| a.id.cmp(&b.id)));
    for chunk in by_time.chunks(MAX_APPEND) {
        let events = chunk
            .iter()
            .filter_map(|order| order_event(order, &departments, now).transpose());
        services
            .events
            .append(events.collect::<Result<_, _>>()?)
            .await?;
    }
    Ok(())
}

/// The newest orders of each customer.
fn on_cards(orders: &[Order]) -> Vec<&Order> {
    let mut by_customer = BTreeMap::<&CustomerId, Vec<&Order>>::new();
    for order in orders {
        if let Some(customer) = &order.customer {
            by_customer.entry(customer).or_default().push(order);
        }
    }
    for orders in by_customer.values_mut() {
        orders.sort_by(|a, b| b.placed_at.cmp(&a.placed_at).then_with(|| a.id.cmp(&b.id)));
        orders.truncate(ORDERS_ON_CARD);
    }
    by_customer.into_values().flatten().collect()
}

async fn departments(
    services: &Services,
    orders: &[Order],
) -> Result<HashMap<Sku, DepartmentId>, WriteError> {
    let skus: BTreeSet<&Sku> = orders
        .iter()
        .flat_map(|order| order.lines.iter().map(|line| &line.sku))
        .collect();
    let skus: Vec<&Sku> = skus.into_iter().collect();
    let mut departments = HashMap::new();
    for chunk in skus.chunks(MAX_PAGE) {
        let keys: Vec<Key> = chunk
            .iter()
            .map(|sku| entity_key(kind::ITEM, sku.as_str()))
            .collect();
        let stored = services.ledger.read_all(&keys).await?.into_iter().flatten();
        let items = stored.filter_map(|stored| serde_json::from_str::<Item>(&stored.body).ok());
        departments.extend(items.map(|item| (item.sku, item.department)));
    }
    Ok(departments)
}

/// What consumers learn from an order: profiles count it, the recommender keeps its basket. An order that brought nothing
/// is no event.
fn order_event(
    order: &Order,
    departments: &HashMap<Sku, DepartmentId>,
    now: DateTime<Utc>,
) -> Result<Option<CloudEvent>, serde_json::Error> {
    let product = |line: &OrderLine| ProductRef {
        sku: line.sku.clone(),
        department: departments.get(&line.sku).cloned(),
        quantity: u32::try_from(line.quantity.unsigned_abs()).unwrap_or(u32::MAX),
        price: Some(line.unit_price),
    };
    let (bought, brought_back): (Vec<_>, Vec<_>) =
        order.lines.iter().partition(|line| line.quantity > 0);
    let order_id = order.id.clone();
    let action = if bought.is_empty() {
        Action::OrderRefunded {
            order: order_id,
            products: brought_back.into_iter().map(product).collect(),
        }
    } else {
        let products = bought.into_iter().map(product).collect();
        Action::OrderCompleted {
            order: order_id,
            total: order.total().ok().flatten(),
            products,
        }
    };
    let Ok(message_id) = MessageId::parse(format!("order:{}", order.id)) else {
        return Ok(None);
    };
    let event = Event {
        message_id,
        who: Who {
            anonymous: None,
            customer: order.customer.clone(),
        },
        at: order.placed_at,
        received_at: now,
        opted_out: false,
        store: Some(order.store.clone()),
        action,
    };
    Ok(Some(CloudEvent {
        specversion: "1.0".to_owned(),
        id: event.message_id.to_string(),
        source: "/import/orders".to_owned(),
        kind: event.action.event_type().to_owned(),
        time: event.at,
        partitionkey: domain::profile::profile_key(&event.who)
            .unwrap_or_else(|| order.id.to_string()),
        traceparent: None,
        data: to_raw_value(&event)?,
    }))
}
