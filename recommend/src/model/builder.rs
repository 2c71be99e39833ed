//! Builds a model from items, then sessions and orders, in any order of these.

use super::popularity::{self, Popularity, Ranked, STORES_MAX};
use super::traits::Description;
use super::{MAX_ITEMS, Model, ModelVersion, sorted};
use crate::names::Names;
use crate::sessions::{Bounds, SessionIndex};
use crate::snapshot;
use chrono::{DateTime, Utc};
use domain::ids::{DepartmentId, Sku, StoreId, StyleId};
use domain::item::Item;
use domain::order::Order;
use std::collections::BTreeMap;

/// An order counts as much as this many sessions for popularity.
const ORDER_WEIGHT: u32 = 4;
/// A longer basket (a reseller's, a stock transfer) says nothing about pairs; it counts for popularity.
const BASKET_ITEMS_MAX: usize = 128;
/// Stands for "no store".
const NO_STORE: u32 = u32::MAX;
const SECONDS_PER_DAY: i64 = 86_400;

/// Collects what a model is made of. Only items given at the start are learnt and recommended.
#[derive(Debug, Clone)]
pub struct ModelBuilder {
    model: Model,
    stores: Names<StoreId>,
    sessions: Vec<Past>,
    /// Counted for popularity, and indexed by the caller.
    going_on: Vec<Past>,
    baskets: Vec<Past>,
    session_bounds: Bounds,
    basket_bounds: Bounds,
}

/// A session or basket. The order of the fields is the order in which they are indexed: by time, and
/// by content where times are equal, so that the order of insertion does not show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Past {
    at: i64,
    items: Vec<u32>,
    store: u32,
}

impl ModelBuilder {
    /// A builder for a catalogue. The last description of a SKU counts; items past
    /// [`MAX_ITEMS`] are left out.
    pub fn new<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let described: BTreeMap<&Sku, &Item> = items
            .into_iter()
            .take(MAX_ITEMS)
            .map(|item| (&item.sku, item))
            .collect();
        let empty = || SessionIndex::build(Vec::<Vec<u32>>::new(), Bounds::SESSIONS);
        let mut model = Model {
            skus: Names::sorted(described.keys().map(|sku| (*sku).clone())),
            departments: Names::<DepartmentId>::default(),
            styles: Names::<StyleId>::default(),
            categories: Names::default(),
            traits: Vec::with_capacity(described.len()),
            sessions: empty(),
            baskets: empty(),
            popularity: Popularity::default(),
            version: ModelVersion(0),
        };
        // In the order of the SKUs, so that the numbers of departments and styles are fixed too.
        for item in described.values() {
            let traits = model.traits_of(&Description::of(item));
            model.traits.push(traits);
        }
        Self {
            model,
            stores: Names::default(),
            sessions: Vec::new(),
            going_on: Vec::new(),
            baskets: Vec::new(),
            session_bounds: Bounds::SESSIONS,
            basket_bounds: Bounds::BASKETS,
        }
    }

    /// Sets what the indexes of sessions and of baskets may grow to.
    #[must_use]
    pub fn with_bounds(mut self, sessions: Bounds, baskets: Bounds) -> Self {
        self.session_bounds = sessions;
        self.basket_bounds = baskets;
        self
    }

    /// Adds the items viewed in one session, oldest first; `at` is when it began.
    pub fn add_session<'a>(&mut self, at: DateTime<Utc>, skus: impl IntoIterator<Item = &'a Sku>) {
        let past = self.past(at, skus);
        self.sessions.extend(past);
    }

    /// Counts a session that may still go on for what is popular. It is not indexed: the caller appends it to the model
    /// that is built, with [`Model::append_session`].
    pub fn count_session<'a>(
        &mut self,
        at: DateTime<Utc>,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) {
        let past = self.past(at, skus);
        self.going_on.extend(past);
    }

    fn past<'a>(&self, at: DateTime<Utc>, skus: impl IntoIterator<Item = &'a Sku>) -> Option<Past> {
        let items = self.model.numbers(skus);
        (!items.is_empty()).then(|| Past {
            at: at.timestamp(),
            items,
            store: NO_STORE,
        })
    }

    /// Adds what was bought in one order. Lines that take goods back do not count.
    pub fn add_order(&mut self, order: &Order) {
        let bought = order
            .lines
            .iter()
            .filter(|line| line.quantity > 0)
            .map(|line| &line.sku);
        self.add_basket(order.placed_at, Some(&order.store), bought);
    }

    /// Adds items that were bought together.
    pub fn add_basket<'a>(
        &mut self,
        at: DateTime<Utc>,
        store: Option<&StoreId>,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) {
        let items = sorted(self.model.numbers(skus));
        if !items.is_empty() {
            let store = store.map_or(NO_STORE, |store| self.stores.intern(store));
            self.baskets.push(Past {
                at: at.timestamp(),
                items,
                store,
            });
        }
    }

    /// The model of all that was added.
    #[must_use]
    pub fn build(mut self) -> Model {
        self.sessions.sort_unstable();
        self.baskets.sort_unstable();
        let mut model = self.model;
        self.going_on.extend_from_slice(&self.sessions);
        self.going_on.sort_unstable();
        model.popularity = popularity_of(&self.going_on, &self.baskets, &self.stores);
        let several = self
            .baskets
            .iter()
            .filter(|basket| (2..=BASKET_ITEMS_MAX).contains(&basket.items.len()));
        model.baskets =
            SessionIndex::build(several.map(|basket| &basket.items), self.basket_bounds);
        model.sessions = SessionIndex::build(
            self.sessions.iter().map(|session| &session.items),
            self.session_bounds,
        );
        model.version = ModelVersion(snapshot::content_hash(&model));
        model
    }
}

fn popularity_of(sessions: &[Past], baskets: &[Past], stores: &Names<StoreId>) -> Popularity {
    let newest = sessions
        .last()
        .max(baskets.last())
        .map_or(0, |past| past.at);
    let newest = baskets.last().map_or(newest, |past| past.at.max(newest));
    let weight = |past: &Past| popularity::age_weight((newest - past.at) / SECONDS_PER_DAY);
    let mut overall: Vec<Ranked> = Vec::new();
    let mut by_store: Vec<Vec<Ranked>> = vec![Vec::new(); stores.len()];
    for session in sessions {
        overall.extend(
            sorted(session.items.clone())
                .into_iter()
                .map(|item| (item, weight(session))),
        );
    }
    for basket in baskets {
        let weight = weight(basket) * ORDER_WEIGHT;
        overall.extend(basket.items.iter().map(|item| (*item, weight)));
        if let Some(list) = by_store.get_mut(basket.store as usize) {
            list.extend(basket.items.iter().map(|item| (*item, weight)));
        }
    }
    let mut stores: Vec<(StoreId, Vec<Ranked>)> = stores
        .as_slice()
        .iter()
        .cloned()
        .zip(by_store.into_iter().map(popularity::rank))
        .collect();
    stores.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    stores.truncate(STORES_MAX);
    Popularity {
        overall: popularity::rank(overall),
        stores,
    }
}
