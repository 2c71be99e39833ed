//! The catalogue with prices and stock, followed through the feeds as a tablet follows them.

use crate::feed::snapshot::{Merge, Merged};
use crate::feed::{self, Head, PublishError};
use crate::ports::ledger::Ledger;
use crate::services::Services;
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::content::ItemView;
use domain::api::sync::{CATALOGUE_SHARDS, Change, Cursor, Scope, kind};
use domain::ids::{Sku, StoreId};
use domain::item::{Item, Price, Stock};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tokio::sync::{RwLock, RwLockReadGuard};

/// A change is seen after this long at the latest.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(1);
/// Changes read in one go.
const PAGE: usize = 1_000;

/// Items, prices and stock in memory.
#[derive(Debug, Default)]
pub struct Storefront {
    shown: RwLock<Shown>,
}

/// What the storefront shows.
#[derive(Debug, Default)]
pub struct Shown {
    items: BTreeMap<Sku, Arc<Item>>,
    prices: HashMap<Sku, Price>,
    stock: HashMap<StoreId, HashMap<Sku, i64>>,
    cursors: BTreeMap<Scope, Cursor>,
    /// When each store's view was brought up to date; `None` is the catalogue alone.
    fresh_at: HashMap<Option<StoreId>, DateTime<Utc>>,
    /// Grows with every change of an item.
    items_moved: u64,
}

impl Storefront {
    /// The storefront of a store, at most a second behind the ledger.
    pub async fn show(
        &self,
        services: &Services,
        store: &StoreId,
    ) -> Result<RwLockReadGuard<'_, Shown>, PublishError> {
        self.fresh(services, Some(store)).await
    }

    /// The items, at most a second behind the ledger, whatever stores have.
    pub async fn catalogue(
        &self,
        services: &Services,
    ) -> Result<RwLockReadGuard<'_, Shown>, PublishError> {
        self.fresh(services, None).await
    }

    async fn fresh(
        &self,
        services: &Services,
        store: Option<&StoreId>,
    ) -> Result<RwLockReadGuard<'_, Shown>, PublishError> {
        let now = services.clock.now();
        let store = store.cloned();
        if !self.shown.read().await.is_fresh(&store, now) {
            let mut shown = self.shown.write().await;
            // Somebody else may have brought it up to date while this one waited.
            if !shown.is_fresh(&store, now) {
                shown.follow(&*services.ledger, store.as_ref()).await?;
                shown.fresh_at.insert(store, now);
            }
        }
        Ok(self.shown.read().await)
    }
}

impl Shown {
    /// An item with what it costs and how many there are.
    #[must_use]
    pub fn view(&self, sku: &Sku, store: &StoreId, now: DateTime<Utc>) -> Option<ItemView> {
        let item = self.items.get(sku)?;
        let price = self
            .prices
            .get(sku)
            .filter(|price| price.is_valid_at(now))
            .cloned();
        Some(ItemView {
            item: (**item).clone(),
            price,
            on_hand: self.on_hand(sku, store),
        })
    }

    /// An item's name.
    #[must_use]
    pub fn title(&self, sku: &Sku) -> Option<&str> {
        self.items.get(sku).map(|item| item.title.as_str())
    }

    /// Pieces of an item in a store; `None` where nobody counted.
    #[must_use]
    pub fn on_hand(&self, sku: &Sku, store: &StoreId) -> Option<i64> {
        self.stock.get(store)?.get(sku).copied()
    }

    /// All items, in the order of their SKUs.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values().map(AsRef::as_ref)
    }

    /// A number that is another one whenever an item has changed.
    #[must_use]
    pub fn items_moved(&self) -> u64 {
        self.items_moved
    }

    /// Items after `after`, in the order of their SKUs.
    pub fn items_after<'a>(
        &'a self,
        after: Option<&Sku>,
    ) -> impl Iterator<Item = &'a Sku> + use<'a> {
        use std::ops::Bound;
        let from = after.map_or(Bound::Unbounded, |sku| Bound::Excluded(sku.clone()));
        self.items
            .range((from, Bound::Unbounded))
            .map(|(sku, _)| sku)
    }

    fn is_fresh(&self, store: &Option<StoreId>, now: DateTime<Utc>) -> bool {
        self.fresh_at
            .get(store)
            .is_some_and(|at| now - *at < FRESH_FOR)
    }

    async fn follow(
        &mut self,
        ledger: &dyn Ledger,
        store: Option<&StoreId>,
    ) -> Result<(), PublishError> {
        let catalogue = (0..CATALOGUE_SHARDS).map(Scope::catalogue);
        let of_store = store.map(|store| [Scope::prices(), Scope::inventory(store)]);
        let scopes: Vec<Scope> = catalogue.chain(of_store.into_iter().flatten()).collect();
        let heads = feed::read_all_heads(ledger, &scopes).await?;
        let mut standing = scopes.iter().zip(&heads);
        if standing.any(|(scope, head)| !self.can_follow(scope, head)) {
            *self = Self {
                items_moved: self.items_moved + 1,
                ..Self::default()
            };
        }
        for (scope, head) in scopes.iter().zip(&heads) {
            if !self.cursors.contains_key(scope) {
                self.load(ledger, scope, head).await?;
            }
            self.follow_scope(ledger, scope).await?;
        }
        Ok(())
    }

    /// Whether a feed goes on from where this stands; where it does not, everything is read anew.
    fn can_follow(&self, scope: &Scope, head: &Head) -> bool {
        self.cursors.get(scope).is_none_or(|cursor| {
            cursor.epoch == head.epoch && (head.floor..=head.seq).contains(&cursor.seq)
        })
    }

    /// Begins a feed: with its snapshot, where there is one.
    async fn load(
        &mut self,
        ledger: &dyn Ledger,
        scope: &Scope,
        head: &Head,
    ) -> Result<(), PublishError> {
        let mut cursor = Cursor {
            epoch: head.epoch,
            seq: 0,
        };
        if let Some(at) = head.snapshot {
            let nothing = BTreeMap::<_, Option<()>>::new();
            let rows = Merge::begin(ledger, scope, head.epoch, head.snapshot, nothing).await?;
            // A snapshot that is gone by now is tried again the next time.
            let Some(mut rows) = rows else {
                return Ok(());
            };
            while let Some(stretch) = rows.next(ledger).await? {
                for merged in stretch {
                    if let Merged::Kept(row) = merged {
                        self.put(&row.kind, at.seq, row.body.get());
                    }
                }
            }
            cursor.seq = at.seq;
        }
        self.cursors.insert(scope.clone(), cursor);
        Ok(())
    }

    async fn follow_scope(
        &mut self,
        ledger: &dyn Ledger,
        scope: &Scope,
    ) -> Result<(), PublishError> {
        while let Some(cursor) = self.cursors.get_mut(scope) {
            let changes = feed::read_after(ledger, scope, *cursor, PAGE).await?;
            cursor.seq = changes.last().map_or(cursor.seq, |change| change.seq);
            let ended = changes.len() < PAGE;
            changes.into_iter().for_each(|change| self.apply(&change));
            if ended {
                break;
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: &Change) {
        match &change.body {
            Some(body) => self.put(&change.kind, change.seq, body.get()),
            None => self.remove(change),
        }
    }

    /// What cannot be read is passed over: one bad entity never hides the rest.
    fn put(&mut self, kind_name: &str, seq: u64, body: &str) {
        let read = match kind_name {
            kind::ITEM => serde_json::from_str::<Item>(body).map(|item| {
                self.items_moved += 1;
                self.items.insert(item.sku.clone(), Arc::new(item));
            }),
            kind::PRICE => serde_json::from_str::<Price>(body).map(|price| {
                self.prices.insert(price.sku.clone(), price);
            }),
            kind::STOCK => serde_json::from_str::<Stock>(body).map(|stock| {
                self.stock
                    .entry(stock.store)
                    .or_default()
                    .insert(stock.sku, stock.on_hand);
            }),
            _ => Ok(()),
        };
        if let Err(error) = read {
            crate::telemetry::figures::CHANGES_DROPPED.add(1, &[]);
            tracing::error!(kind = kind_name, seq, %error, "a change in a feed is not readable");
        }
    }

    fn remove(&mut self, change: &Change) {
        if let (kind::ITEM, Ok(sku)) = (change.kind.as_str(), Sku::parse(change.id.as_str())) {
            self.items.remove(&sku);
            self.prices.remove(&sku);
        }
    }
}
