//! Departments of items, remembered: the catalogue is read once for an item, not once for a click.

use crate::feed::entity_key;
use crate::ports::ledger::{Key, Ledger, LedgerError, MAX_PAGE};
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::sync::kind;
use domain::event::{Action, Event, ProductRef};
use domain::ids::{DepartmentId, Sku};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// Items remembered; when there are more, all are forgotten and read again as they come.
const MAX_ITEMS: usize = 50_000;
/// An item may move to another department: this is how long it takes to be noticed.
const MAX_AGE_MINUTES: i64 = 10;

/// Departments of items, remembered for ten minutes.
#[derive(Debug, Default)]
pub struct Catalogue {
    known: Mutex<HashMap<Sku, Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    department: DepartmentId,
    until: DateTime<Utc>,
}

/// Of an item only what is needed here.
#[derive(Deserialize)]
struct Filed {
    department: DepartmentId,
}

impl Catalogue {
    /// Fills in the departments that calls did not say. An item that the catalogue does not know stays without.
    pub(super) async fn fill(
        &self,
        ledger: &dyn Ledger,
        now: DateTime<Utc>,
        events: &mut [Event],
    ) -> Result<(), LedgerError> {
        let missing: BTreeSet<Sku> = self.fill_known(now, events);
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<Sku> = missing.into_iter().collect();
        let mut read = HashMap::new();
        for page in missing.chunks(MAX_PAGE) {
            let keys: Vec<Key> = page
                .iter()
                .map(|sku| entity_key(kind::ITEM, sku.as_str()))
                .collect();
            for (sku, stored) in page.iter().zip(ledger.read_all(&keys).await?) {
                let filed = stored.and_then(|item| serde_json::from_str(&item.body).ok());
                if let Some(Filed { department }) = filed {
                    read.insert(sku.clone(), department);
                }
            }
        }
        for product in events.iter_mut().flat_map(products) {
            if product.department.is_none() {
                product.department = read.get(&product.sku).cloned();
            }
        }
        self.remember(now, read);
        Ok(())
    }

    /// Fills in what is remembered; answers what is not.
    fn fill_known(&self, now: DateTime<Utc>, events: &mut [Event]) -> BTreeSet<Sku> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut missing = BTreeSet::new();
        for product in events.iter_mut().flat_map(products) {
            if product.department.is_some() {
                continue;
            }
            match known.get(&product.sku).filter(|known| now < known.until) {
                Some(known) => product.department = Some(known.department.clone()),
                None => {
                    missing.insert(product.sku.clone());
                }
            }
        }
        missing
    }

    fn remember(&self, now: DateTime<Utc>, read: HashMap<Sku, DepartmentId>) {
        let until = now + TimeDelta::minutes(MAX_AGE_MINUTES);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len().saturating_add(read.len()) > MAX_ITEMS {
            known.clear();
        }
        let read = read.into_iter().take(MAX_ITEMS);
        known.extend(read.map(|(sku, department)| (sku, Known { department, until })));
    }
}

/// The products that an event names.
fn products(event: &mut Event) -> &mut [ProductRef] {
    match &mut event.action {
        Action::ProductClicked(product)
        | Action::ProductViewed(product)
        | Action::ProductAdded(product)
        | Action::ProductRemoved(product)
        | Action::ProductWished(product) => std::slice::from_mut(product),
        Action::OrderCompleted { products, .. } => products,
        _ => &mut [],
    }
}
