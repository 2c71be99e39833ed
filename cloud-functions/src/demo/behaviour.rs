//! What people do: visits that follow a taste, baskets that go together, wishes.

use super::assets::Assets;
use super::chance::Chance;
use super::people::Person;
use crate::import::Product;
use crate::ports::events::CloudEvent;
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::{Action, Event, ProductRef, Who};
use domain::ids::{AnonymousId, CustomerId, MessageId, OrderId, Sku, StoreId};
use domain::order::{Order, OrderChannel, OrderLine};
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;

/// How long ago the oldest order is.
const ORDER_DAYS: i64 = 540;
/// How long ago the oldest visit to the web shop is.
const VISIT_DAYS: i64 = 14;
/// Visits of people who did not say who they are.
const ANONYMOUS_VISITS: usize = 3_000;
/// Of a hundred customers, how many visited the web shop lately.
const VISITORS_PERCENT: usize = 40;
/// Of a hundred next items, how many are of the same kind as the one before.
const SAME_KIND_PERCENT: usize = 55;

/// The items as each taste sees them.
pub(super) struct Shopping<'a> {
    assets: &'a Assets,
    /// For each taste, what each product weighs.
    weights: Vec<Vec<u32>>,
}

/// Orders of a store, by number.
pub(super) type Orders = BTreeMap<OrderId, Order>;

impl<'a> Shopping<'a> {
    pub(super) fn new(assets: &'a Assets) -> Self {
        let weigh = |taste: &super::assets::Taste| {
            assets
                .products
                .iter()
                .map(|product| taste.weigh(&product.item))
                .collect()
        };
        Self {
            assets,
            weights: assets.tastes.iter().map(weigh).collect(),
        }
    }

    /// A third of the customers wish for something.
    pub(super) fn draw_wishes(&self, people: &mut [Person], chance: &mut Chance) {
        for person in people {
            let wishes = if chance.percent(33) {
                chance.below(4) + 1
            } else {
                0
            };
            let wished = self.walk(&person.tastes, wishes, chance);
            person.customer.wish_list = wished
                .iter()
                .map(|product| product.item.sku.clone())
                .collect();
        }
    }

    /// Everybody's orders, by store. Regulars come often, most people now and then; one order in thirty comes back.
    pub(super) fn draw_orders(
        &self,
        people: &[Person],
        chance: &mut Chance,
        now: DateTime<Utc>,
    ) -> BTreeMap<StoreId, Orders> {
        let mut orders = BTreeMap::<StoreId, Orders>::new();
        let mut number = 100_000;
        for person in people {
            let many = if chance.percent(12) { 14 } else { 5 };
            for _ in 0..chance.below(many) {
                number += 1;
                let at = some_time(chance, now, ORDER_DAYS);
                let size = 1 + chance.below(4);
                let basket = self.walk(&person.tastes, size, chance);
                let store = &person.customer.home_store;
                let Some(order) = order(number, person, store, at, &basket, chance) else {
                    continue;
                };
                let returned = chance.percent(3).then(|| taken_back(&order, now)).flatten();
                let here = orders.entry(store.clone()).or_default();
                here.extend(
                    [Some(order), returned]
                        .into_iter()
                        .flatten()
                        .map(|order| (order.id.clone(), order)),
                );
            }
        }
        orders
    }

    /// What was done in the web shop of late, oldest first.
    pub(super) fn draw_visits(
        &self,
        people: &[Person],
        chance: &mut Chance,
        now: DateTime<Utc>,
    ) -> Vec<CloudEvent> {
        let mut events = Vec::new();
        for number in 0..ANONYMOUS_VISITS {
            let Ok(id) = AnonymousId::parse(format!("demo-browser-{number}")) else {
                continue;
            };
            let tastes = [self.assets.draw_taste(chance)];
            let start = some_time(chance, now, VISIT_DAYS);
            let store = self.assets.stores.first().map(|store| &store.id);
            let who = Who {
                anonymous: Some(id),
                customer: None,
            };
            events.extend(self.visit(&who, &tastes, store, start, chance));
        }
        for person in people {
            if !chance.percent(VISITORS_PERCENT) {
                continue;
            }
            let who = Who {
                anonymous: None,
                customer: Some(person.customer.id.clone()),
            };
            let start = some_time(chance, now, VISIT_DAYS);
            events.extend(self.visit(
                &who,
                &person.tastes,
                Some(&person.customer.home_store),
                start,
                chance,
            ));
        }
        events.sort_by(|a, b| {
            a.at.cmp(&b.at)
                .then_with(|| a.message_id.cmp(&b.message_id))
        });
        events.iter().filter_map(envelope).collect()
    }

    /// One visit: looks at some items, puts some of them into the cart.
    pub(super) fn visit(
        &self,
        who: &Who,
        tastes: &[usize],
        store: Option<&StoreId>,
        start: DateTime<Utc>,
        chance: &mut Chance,
    ) -> Vec<Event> {
        let mut at = start;
        let mut events = Vec::new();
        let looks = 2 + chance.below(7);
        for product in self.walk(tastes, looks, chance) {
            at += TimeDelta::seconds(chance.between(8, 90));
            let viewed = Action::ProductViewed(product_ref(product));
            let added = chance
                .percent(14)
                .then(|| Action::ProductAdded(product_ref(product)));
            for action in std::iter::once(viewed).chain(added) {
                let Ok(message_id) = MessageId::parse(message_id(who, at, action.event_type()))
                else {
                    continue;
                };
                let store = store.cloned();
                events.push(Event {
                    message_id,
                    who: who.clone(),
                    at,
                    received_at: at,
                    store,
                    opted_out: false,
                    action,
                });
            }
        }
        events
    }

    /// Different items one after another: the first by taste, the next often of the same kind as the one before.
    /// What somebody would put into a cart.
    pub(super) fn basket(&self, tastes: &[usize], pieces: usize, chance: &mut Chance) -> Vec<Sku> {
        let walked = self.walk(tastes, pieces, chance);
        walked
            .iter()
            .map(|product| product.item.sku.clone())
            .collect()
    }

    fn walk(&self, tastes: &[usize], steps: usize, chance: &mut Chance) -> Vec<&'a Product> {
        let mut path: Vec<&Product> = Vec::new();
        for _ in 0..steps {
            let next = self.next(tastes, path.last().copied(), chance);
            let fresh = next.filter(|next| {
                !path.iter().any(|seen| {
                    seen.item.style == next.item.style && seen.item.sku == next.item.sku
                })
            });
            path.extend(fresh);
        }
        path
    }

    fn next(
        &self,
        tastes: &[usize],
        last: Option<&Product>,
        chance: &mut Chance,
    ) -> Option<&'a Product> {
        let weights = chance
            .pick(tastes)
            .and_then(|taste| self.weights.get(*taste))?;
        let close = last.filter(|_| chance.percent(SAME_KIND_PERCENT));
        let Some(last) = close else {
            return self.assets.products.get(chance.weighted(weights)?);
        };
        let near = |product: &Product| {
            product.item.category == last.item.category && product.item.style != last.item.style
        };
        let weighed = self
            .assets
            .products
            .iter()
            .zip(weights)
            .map(|(product, weight)| if near(product) { weight + 1 } else { 0 });
        let weights: Vec<u32> = weighed.collect();
        self.assets.products.get(chance.weighted(&weights)?)
    }
}

/// Some time in the last `days`, between nine in the morning and nine in the evening, never in the future.
fn some_time(chance: &mut Chance, now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let day = now - TimeDelta::days(chance.between(0, days - 1));
    let midnight = day - TimeDelta::seconds(day.timestamp().rem_euclid(86_400));
    let at = midnight + TimeDelta::seconds(chance.between(9 * 3_600, 21 * 3_600));
    if at < now {
        at
    } else {
        now - TimeDelta::seconds(chance.between(3_600, 20_000))
    }
}

fn message_id(who: &Who, at: DateTime<Utc>, kind: &str) -> String {
    let who = domain::profile::profile_key(who).unwrap_or_default();
    format!("demo:{who}:{}:{kind}", at.timestamp())
}

fn product_ref(product: &Product) -> ProductRef {
    let department = Some(product.item.department.clone());
    ProductRef {
        sku: product.item.sku.clone(),
        department,
        quantity: 1,
        price: product.price,
    }
}

fn order(
    number: u32,
    person: &Person,
    store: &StoreId,
    at: DateTime<Utc>,
    basket: &[&Product],
    chance: &mut Chance,
) -> Option<Order> {
    let line = |product: &&Product| {
        Some(OrderLine {
            sku: product.item.sku.clone(),
            quantity: 1,
            unit_price: product.price?,
        })
    };
    let lines: Vec<OrderLine> = basket.iter().filter_map(line).collect();
    let channel = if chance.percent(35) {
        OrderChannel::Online
    } else {
        OrderChannel::Store
    };
    let customer: Option<CustomerId> = Some(person.customer.id.clone());
    let id = OrderId::parse(number.to_string()).ok()?;
    (!lines.is_empty()).then(|| Order {
        id,
        customer,
        store: store.clone(),
        channel,
        placed_at: at,
        lines,
        paid: None,
    })
}

/// The first line of an order, brought back a week later.
fn taken_back(order: &Order, now: DateTime<Utc>) -> Option<Order> {
    let line = order.lines.first()?;
    let placed_at = order.placed_at + TimeDelta::days(7);
    let id = OrderId::parse(format!("R{}", order.id)).ok()?;
    let lines = vec![OrderLine {
        quantity: -line.quantity,
        ..line.clone()
    }];
    (placed_at < now).then(|| Order {
        id,
        placed_at,
        lines,
        ..order.clone()
    })
}

/// The event as the log takes it.
pub(super) fn envelope(event: &Event) -> Option<CloudEvent> {
    Some(CloudEvent {
        specversion: "1.0".to_owned(),
        id: event.message_id.to_string(),
        source: "/demo".to_owned(),
        kind: event.action.event_type().to_owned(),
        time: event.at,
        partitionkey: domain::profile::profile_key(&event.who)?,
        traceparent: None,
        data: to_raw_value(event).ok()?,
    })
}
