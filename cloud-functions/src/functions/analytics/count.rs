//! Counts events into the windows of their stores.

use super::window::Window;
use super::window_key;
use crate::clicks::{Heard, first_failure, hear};
use crate::feed::entity_key;
use crate::ports::events::{Consumed, Consumer, Delivery, Failed};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError};
use crate::services::Services;
use crate::table::{self, TableError};
use async_trait::async_trait;
use domain::api::sync::kind;
use domain::ids::{CustomerId, StoreId};
use domain::money::Currency;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How often a window is counted anew because another writer was first.
const MAX_TRIES: usize = 8;

pub(super) struct Figures {
    services: Services,
}

/// Of a store only what is needed here.
#[derive(Deserialize)]
struct Shop {
    currency: Currency,
}

/// Of a customer only what is needed here.
#[derive(Deserialize)]
struct Home {
    home_store: StoreId,
}

#[async_trait]
impl Consumer for Figures {
    fn name(&self) -> &'static str {
        "analytics"
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let (heard, unreadable) = hear(batch);
        let failed = self.count_all(&heard).await;
        first_failure(unreadable, failed).map_or(Ok(()), Err)
    }
}

fn fault(first: Option<&Heard>, error: &TableError) -> Option<Failed> {
    first.map(|heard| Failed {
        sequence: heard.sequence,
        reason: error.to_string(),
    })
}

impl Figures {
    pub(super) const fn new(services: Services) -> Self {
        Self { services }
    }

    /// Counts the events of every store; a store that cannot be written does not stop the others.
    async fn count_all(&self, heard: &[Heard]) -> Option<Failed> {
        let stores = match self.by_store(heard).await {
            Ok(stores) => stores,
            Err(error) => return fault(heard.first(), &error),
        };
        let mut failed = None;
        for (store, events) in stores {
            failed = first_failure(failed, self.count(&store, &events).await);
        }
        failed
    }

    /// The store that an event is about is the one it says, or its customer's. Events about none are nobody's figure.
    async fn by_store<'a>(
        &self,
        heard: &'a [Heard],
    ) -> Result<BTreeMap<StoreId, Vec<&'a Heard>>, TableError> {
        let homes = self.homes(heard).await?;
        let mut stores: BTreeMap<StoreId, Vec<&Heard>> = BTreeMap::new();
        for heard in heard {
            let home = || homes.get(heard.event.who.customer.as_ref()?);
            if let Some(store) = heard.event.store.as_ref().or_else(home) {
                stores.entry(store.clone()).or_default().push(heard);
            }
        }
        Ok(stores)
    }

    async fn homes(&self, heard: &[Heard]) -> Result<BTreeMap<CustomerId, StoreId>, LedgerError> {
        let customers: BTreeSet<&CustomerId> = heard
            .iter()
            .filter(|heard| heard.event.store.is_none())
            .filter_map(|heard| heard.event.who.customer.as_ref())
            .collect();
        let keys: Vec<Key> = customers
            .iter()
            .map(|id| entity_key(kind::CUSTOMER, id.as_str()))
            .collect();
        if keys.is_empty() {
            return Ok(BTreeMap::new());
        }
        let stored = self.services.ledger.read_all(&keys).await?;
        let homes = customers
            .into_iter()
            .zip(stored)
            .filter_map(|(id, stored)| {
                let home: Home = serde_json::from_str(&stored?.body).ok()?;
                Some((id.clone(), home.home_store))
            });
        Ok(homes.collect())
    }

    async fn count(&self, store: &StoreId, events: &[&Heard]) -> Option<Failed> {
        let first = events.first().copied();
        for _ in 0..MAX_TRIES {
            match self.try_count(store, events).await {
                Ok(()) => return None,
                Err(TableError::Ledger(LedgerError::Conflict { .. })) => {}
                Err(error) => return fault(first, &error),
            }
        }
        fault(
            first,
            &TableError::Ledger(LedgerError::Conflict { index: 0 }),
        )
    }

    /// A store that nobody knows has no board: senders may write any name.
    async fn try_count(&self, store: &StoreId, events: &[&Heard]) -> Result<(), TableError> {
        let ledger: &dyn Ledger = &*self.services.ledger;
        let shop_key = entity_key(kind::STORE, store.as_str());
        let Some(shop) = table::lookup::<Shop>(ledger, &shop_key).await? else {
            tracing::debug!(%store, "events about a store that nobody knows");
            return Ok(());
        };
        let key = window_key(store);
        let row = table::lookup::<Window>(ledger, &key).await?;
        let condition = row
            .as_ref()
            .map_or(Condition::Absent, table::Row::unchanged);
        let before = row.map(|row| row.value).unwrap_or_default();
        let mut window = before.clone();
        let now = self.services.clock.now();
        window.prune(now);
        for heard in events {
            window.count(heard, shop.value.currency, now);
        }
        if window.through == before.through {
            // Nothing new; a replayed event is, whatever its place.
            if !events.iter().any(|heard| heard.replayed) {
                return Ok(());
            }
        }
        let write = table::put(key, &window, condition)?;
        Ok(ledger.write(vec![write]).await?)
    }
}
