//! The live behavioural profile: what somebody looked at, searched for, put in her cart, and how she buys.
//!
//! A profile is a fold over events: [`Profile::apply`] is the whole rule. Every list has a bound, so a profile stays
//! a few kilobytes however long somebody browses.

use crate::event::{Action, Event, ProductRef, Who};
use crate::ids::{DepartmentId, Sku};
use crate::money::{Currency, Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Recent views kept.
pub const MAX_VIEWS: usize = 20;
/// Recent searches kept.
pub const MAX_SEARCHES: usize = 10;
/// Cart lines kept.
pub const MAX_CART_LINES: usize = 50;
/// Departments kept.
pub const MAX_DEPARTMENTS: usize = 12;
/// An interest halves in this many days.
pub const INTEREST_HALF_LIFE_DAYS: f64 = 14.0;
/// Somebody is active for this long after her last event.
pub const ACTIVE_MINUTES: i64 = 5;

/// An item that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct View {
    /// Which.
    pub sku: Sku,
    /// When last.
    pub at: DateTime<Utc>,
}

/// A search that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Search {
    /// What for.
    pub query: String,
    /// When last.
    pub at: DateTime<Utc>,
}

/// A line of the cart on the web.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartLine {
    /// Which.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

/// How strongly she is drawn to a department.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Affinity {
    /// Which.
    pub department: DepartmentId,
    /// Views count 1, additions 3, purchases 5, each halved every [`INTEREST_HALF_LIFE_DAYS`].
    pub weight: f64,
    /// The instant that [`Affinity::weight`] is for.
    pub at: DateTime<Utc>,
}

/// What she spent in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Spending {
    /// Orders.
    pub orders: u32,
    /// Their sum, in minor units.
    pub minor: i64,
}

/// What somebody does, kept live.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Profile {
    /// Views, newest first, each item once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// Searches, newest first, each query once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub searches: Vec<Search>,
    /// What lies in her cart on the web.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cart: Vec<CartLine>,
    /// Departments, the strongest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affinities: Vec<Affinity>,
    /// What she spent, by currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spending: BTreeMap<Currency, Spending>,
    /// Her last order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_order_at: Option<DateTime<Utc>>,
    /// Her last event of any kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl Profile {
    /// Counts one event. Events may come late: lists stay in the order of [`Event::at`].
    pub fn apply(&mut self, event: &Event) {
        self.last_seen_at = self.last_seen_at.max(Some(event.at));
        match &event.action {
            Action::ProductsSearched { query } => self.count_search(query, event.at),
            Action::ProductListViewed {
                department: Some(department),
            } => self.count_interest(department, 1.0, event.at),
            Action::ProductClicked(product) | Action::ProductViewed(product) => {
                self.count_view(product, event.at);
            }
            Action::ProductAdded(product) => self.count_addition(product, event.at),
            Action::ProductRemoved(product) => self.remove_from_cart(product),
            Action::ProductWished(product) => self.count_product_interest(product, 3.0, event.at),
            Action::OrderCompleted {
                total, products, ..
            } => self.count_order(*total, products, event.at),
            _ => {}
        }
    }

    /// Takes over the history of somebody anonymous who turned out to be this customer.
    #[must_use]
    pub fn join(mut self, anonymous: Self) -> Self {
        for view in anonymous.views {
            self.keep_view(view);
        }
        for search in anonymous.searches {
            self.keep_search(search);
        }
        for line in anonymous.cart {
            self.keep_cart_line(line.sku, line.quantity);
        }
        for affinity in anonymous.affinities {
            self.count_interest(&affinity.department, affinity.weight, affinity.at);
        }
        for (currency, spending) in anonymous.spending {
            let mine = self.spending.entry(currency).or_default();
            mine.orders = mine.orders.saturating_add(spending.orders);
            mine.minor = mine.minor.saturating_add(spending.minor);
        }
        self.last_order_at = self.last_order_at.max(anonymous.last_order_at);
        self.last_seen_at = self.last_seen_at.max(anonymous.last_seen_at);
        self
    }

    /// Whether she is browsing at `now`.
    #[must_use]
    pub fn is_active_at(&self, now: DateTime<Utc>) -> bool {
        self.last_seen_at
            .is_some_and(|seen| now - seen <= chrono::TimeDelta::minutes(ACTIVE_MINUTES))
    }

    /// Orders in all currencies.
    #[must_use]
    pub fn order_count(&self) -> u32 {
        self.spending
            .values()
            .fold(0, |sum, spending| sum.saturating_add(spending.orders))
    }

    /// The average order, in the currency that she ordered in most often.
    #[must_use]
    pub fn average_order(&self) -> Option<Money> {
        let (currency, spending) = self
            .spending
            .iter()
            .max_by_key(|(_, spending)| spending.orders)?;
        let orders = i64::from(spending.orders);
        (orders > 0).then(|| Money::new(spending.minor / orders, *currency))
    }

    fn count_view(&mut self, product: &ProductRef, at: DateTime<Utc>) {
        self.keep_view(View {
            sku: product.sku.clone(),
            at,
        });
        self.count_product_interest(product, 1.0, at);
    }

    fn keep_view(&mut self, mut view: View) {
        if let Some(index) = self.views.iter().position(|kept| kept.sku == view.sku) {
            view.at = view.at.max(self.views.remove(index).at);
        }
        let place = self.views.partition_point(|kept| kept.at > view.at);
        self.views.insert(place, view);
        self.views.truncate(MAX_VIEWS);
    }

    fn count_search(&mut self, query: &str, at: DateTime<Utc>) {
        self.keep_search(Search {
            query: query.to_owned(),
            at,
        });
    }

    fn keep_search(&mut self, mut search: Search) {
        if let Some(index) = self
            .searches
            .iter()
            .position(|kept| kept.query == search.query)
        {
            search.at = search.at.max(self.searches.remove(index).at);
        }
        let place = self.searches.partition_point(|kept| kept.at > search.at);
        self.searches.insert(place, search);
        self.searches.truncate(MAX_SEARCHES);
    }

    fn count_addition(&mut self, product: &ProductRef, at: DateTime<Utc>) {
        let had = self
            .cart
            .iter()
            .find(|line| line.sku == product.sku)
            .map_or(0, |line| line.quantity);
        self.keep_cart_line(product.sku.clone(), had.saturating_add(product.quantity));
        self.count_product_interest(product, 3.0, at);
    }

    /// Keeps the larger quantity: two carts that meet lose nothing and double nothing.
    fn keep_cart_line(&mut self, sku: Sku, quantity: u32) {
        if let Some(line) = self.cart.iter_mut().find(|line| line.sku == sku) {
            line.quantity = line.quantity.max(quantity);
        } else if self.cart.len() < MAX_CART_LINES {
            self.cart.push(CartLine { sku, quantity });
        }
    }

    fn remove_from_cart(&mut self, product: &ProductRef) {
        if let Some(line) = self.cart.iter_mut().find(|line| line.sku == product.sku) {
            line.quantity = line.quantity.saturating_sub(product.quantity);
        }
        self.cart.retain(|line| line.quantity > 0);
    }

    fn count_order(&mut self, total: Option<Money>, products: &[ProductRef], at: DateTime<Utc>) {
        if let Some(total) = total {
            let spending = self.spending.entry(total.currency).or_default();
            spending.orders = spending.orders.saturating_add(1);
            spending.minor = spending.minor.saturating_add(total.minor);
        }
        self.last_order_at = self.last_order_at.max(Some(at));
        for product in products {
            self.cart.retain(|line| line.sku != product.sku);
            self.count_product_interest(product, 5.0, at);
        }
    }

    fn count_product_interest(&mut self, product: &ProductRef, weight: f64, at: DateTime<Utc>) {
        if let Some(department) = &product.department {
            self.count_interest(department, weight, at);
        }
    }

    fn count_interest(&mut self, department: &DepartmentId, weight: f64, at: DateTime<Utc>) {
        match self
            .affinities
            .iter_mut()
            .find(|affinity| affinity.department == *department)
        {
            Some(affinity) => {
                let later = affinity.at.max(at);
                affinity.weight =
                    decayed(affinity.weight, affinity.at, later) + decayed(weight, at, later);
                affinity.at = later;
            }
            None => self.affinities.push(Affinity {
                department: department.clone(),
                weight,
                at,
            }),
        }
        let newest = self
            .affinities
            .iter()
            .map(|affinity| affinity.at)
            .max()
            .unwrap_or(at);
        self.affinities.sort_by(|a, b| {
            let (a_now, b_now) = (
                decayed(a.weight, a.at, newest),
                decayed(b.weight, b.at, newest),
            );
            b_now
                .total_cmp(&a_now)
                .then_with(|| a.department.cmp(&b.department))
        });
        self.affinities.truncate(MAX_DEPARTMENTS);
    }
}

/// What is left of `weight`, given at `at`, by the time it is `later`.
fn decayed(weight: f64, at: DateTime<Utc>, later: DateTime<Utc>) -> f64 {
    let days = (later - at).num_seconds() as f64 / 86_400.0;
    weight * (-days / INTEREST_HALF_LIFE_DAYS).exp2()
}

/// Whose profile an event belongs to: the customer's where she is known.
#[must_use]
pub fn profile_key(who: &Who) -> Option<String> {
    match who {
        Who {
            customer: Some(customer),
            ..
        } => Some(format!("c/{customer}")),
        Who {
            anonymous: Some(anonymous),
            ..
        } => Some(format!("a/{anonymous}")),
        Who {
            anonymous: None,
            customer: None,
        } => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "tests may panic"
    )]
    use super::*;
    use crate::ids::{AnonymousId, MessageId, OrderId};

    fn event(minute: u32, action: Action) -> Event {
        let at = format!("2026-05-01T10:{minute:02}:00Z").parse().unwrap();
        let who = Who {
            anonymous: Some(AnonymousId::parse("a-1").unwrap()),
            customer: None,
        };
        Event {
            message_id: MessageId::parse(format!("m-{minute}")).unwrap(),
            who,
            at,
            received_at: at,
            store: None,
            opted_out: false,
            action,
        }
    }

    fn product(sku: &str) -> ProductRef {
        ProductRef {
            sku: Sku::parse(sku).unwrap(),
            department: Some(DepartmentId::parse("outdoor").unwrap()),
            quantity: 1,
            price: None,
        }
    }

    fn profile(events: &[Event]) -> Profile {
        events
            .iter()
            .fold(Profile::default(), |mut profile, event| {
                profile.apply(event);
                profile
            })
    }

    #[test]
    fn a_late_view_takes_its_place_in_time() {
        let profile = profile(&[
            event(3, Action::ProductViewed(product("b"))),
            event(1, Action::ProductViewed(product("a"))),
            event(2, Action::ProductViewed(product("b"))),
        ]);
        let order: Vec<_> = profile.views.iter().map(|view| view.sku.as_str()).collect();
        assert_eq!(order, ["b", "a"]);
        assert_eq!(profile.views[0].at, event(3, Action::CartViewed).at);
    }

    #[test]
    fn an_order_empties_the_cart_of_what_was_bought() {
        let total = Some(Money::new(5_000, Currency::EUR));
        let order = OrderId::parse("o-1").unwrap();
        let profile = profile(&[
            event(1, Action::ProductAdded(product("a"))),
            event(2, Action::ProductAdded(product("b"))),
            event(
                3,
                Action::OrderCompleted {
                    order,
                    total,
                    products: vec![product("a")],
                },
            ),
        ]);
        assert_eq!(
            profile.cart,
            vec![CartLine {
                sku: Sku::parse("b").unwrap(),
                quantity: 1
            }]
        );
        assert_eq!(profile.average_order(), total);
        assert_eq!(profile.order_count(), 1);
    }

    #[test]
    fn lists_are_bounded() {
        let views: Vec<_> = (0..50)
            .map(|n| event(n, Action::ProductViewed(product(&format!("s-{n}")))))
            .collect();
        let profile = profile(&views);
        assert_eq!(profile.views.len(), MAX_VIEWS);
        assert_eq!(profile.views[0].sku.as_str(), "s-49");
    }

    #[test]
    fn joining_loses_nothing_and_doubles_nothing() {
        let known = profile(&[
            event(1, Action::ProductAdded(product("a"))),
            event(2, Action::ProductViewed(product("b"))),
        ]);
        let anonymous = profile(&[
            event(3, Action::ProductAdded(product("a"))),
            event(4, Action::ProductViewed(product("c"))),
        ]);
        let joined = known.join(anonymous);
        assert_eq!(
            joined.cart,
            vec![CartLine {
                sku: Sku::parse("a").unwrap(),
                quantity: 1
            }]
        );
        assert_eq!(
            joined
                .views
                .iter()
                .map(|view| view.sku.as_str())
                .collect::<Vec<_>>(),
            ["c", "b"]
        );
    }

    #[test]
    fn an_interest_halves_in_its_half_life() {
        let start: DateTime<Utc> = "2026-05-01T00:00:00Z".parse().unwrap();
        let later = start + chrono::TimeDelta::days(14);
        assert!((decayed(4.0, start, later) - 2.0).abs() < 1e-9);
    }
}
