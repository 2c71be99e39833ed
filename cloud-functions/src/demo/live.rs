//! A quiet afternoon in the web shop, for as long as the demo runs: a dozen shoppers look at things, some buy.

use super::SEED;
use super::assets::Assets;
use super::behaviour::{Shopping, envelope};
use super::chance::Chance;
use super::people::{self, Person};
use crate::services::Services;
use chrono::Utc;
use domain::event::{Action, Event, Who};
use domain::ids::{AnonymousId, MessageId, OrderId};
use domain::money::Money;
use std::collections::VecDeque;
use std::time::Duration;

/// Shoppers at a time.
const SHOPPERS: usize = 14;
/// Between two events of the whole shop.
const PACE: Duration = Duration::from_millis(900);
/// Of a hundred visits, how many are of customers who signed in.
const KNOWN_PERCENT: usize = 35;
/// Of a hundred visits with something in the cart, how many end with an order.
const BUYING_PERCENT: usize = 40;

/// Lets shoppers in until it is dropped. What cannot be appended is lost: it is only a demo.
pub async fn run_live(services: Services) {
    let assets = match Assets::read() {
        Ok(assets) => assets,
        Err(error) => return tracing::error!(%error, "the demo's shoppers stay at home"),
    };
    let mut crowd = Crowd::new(&services, &assets);
    let mut pace = tokio::time::interval(PACE);
    loop {
        pace.tick().await;
        let Some(event) = crowd.next(&services, &assets) else {
            continue;
        };
        if let Some(event) = envelope(&event)
            && let Err(error) = services.events.append(vec![event]).await
        {
            tracing::warn!(%error, "a demo event was not taken");
        }
    }
}

struct Crowd {
    chance: Chance,
    people: Vec<Person>,
    visits: Vec<VecDeque<Event>>,
    /// Tells runs apart, so that the events of each are new.
    run: i64,
    number: u64,
}

impl Crowd {
    fn new(services: &Services, assets: &Assets) -> Self {
        let now = services.clock.now();
        // The same people as the seeding drew, doing something else.
        let people = people::draw(assets, &mut Chance::new(SEED), now);
        let run = now.timestamp();
        let chance = Chance::new(SEED ^ run.unsigned_abs());
        Self {
            chance,
            people,
            visits: vec![VecDeque::new(); SHOPPERS],
            run,
            number: 0,
        }
    }

    /// The next thing that somebody does, now.
    fn next(&mut self, services: &Services, assets: &Assets) -> Option<Event> {
        let shopper = self.chance.below(SHOPPERS);
        if self.visits.get(shopper)?.is_empty() {
            let visit = self.begin(assets, services);
            *self.visits.get_mut(shopper)? = visit;
        }
        let event = self.visits.get_mut(shopper)?.pop_front()?;
        self.number += 1;
        let now = services.clock.now();
        let message_id =
            MessageId::parse(format!("demo-live:{}:{}", self.run, self.number)).ok()?;
        Some(Event {
            message_id,
            at: now,
            received_at: now,
            ..event
        })
    }

    fn begin(&mut self, assets: &Assets, services: &Services) -> VecDeque<Event> {
        let shopping = Shopping::new(assets);
        let now: chrono::DateTime<Utc> = services.clock.now();
        let known = if self.chance.percent(KNOWN_PERCENT) {
            self.chance.pick(&self.people)
        } else {
            None
        };
        let anonymous = AnonymousId::parse(format!("demo-live-{}-{}", self.run, self.number)).ok();
        let (who, tastes, store) = match known {
            Some(person) => {
                let who = Who {
                    anonymous: None,
                    customer: Some(person.customer.id.clone()),
                };
                (
                    who,
                    person.tastes.clone(),
                    Some(person.customer.home_store.clone()),
                )
            }
            None => {
                let store = self
                    .chance
                    .pick(&assets.stores)
                    .map(|store| store.id.clone());
                (
                    Who {
                        anonymous,
                        customer: None,
                    },
                    vec![assets.draw_taste(&mut self.chance)],
                    store,
                )
            }
        };
        let mut visit: VecDeque<Event> = shopping
            .visit(&who, &tastes, store.as_ref(), now, &mut self.chance)
            .into();
        let purchase = self.purchase(&visit);
        visit.extend(purchase);
        visit
    }

    /// An order of what was put into the cart, often.
    fn purchase(&mut self, visit: &VecDeque<Event>) -> Option<Event> {
        let in_cart = |event: &Event| match &event.action {
            Action::ProductAdded(product) => Some(product.clone()),
            _ => None,
        };
        let products: Vec<_> = visit.iter().filter_map(in_cart).collect();
        let last = visit
            .back()
            .filter(|_| !products.is_empty() && self.chance.percent(BUYING_PERCENT))?;
        let total = products
            .iter()
            .filter_map(|product| product.price)
            .reduce(|a, b| a.checked_add(b).unwrap_or(a));
        let total: Option<Money> = total;
        let order = OrderId::parse(format!("L{}-{}", self.run, self.number)).ok()?;
        Some(Event {
            action: Action::OrderCompleted {
                order,
                total,
                products,
            },
            ..last.clone()
        })
    }
}
