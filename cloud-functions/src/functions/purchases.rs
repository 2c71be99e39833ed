//! Keeps what each customer bought and brought back, and tells her store's tablets: nobody is recommended what she has.

use crate::clicks::{Heard, first_failure, hear};
use crate::feed::{self, Move, PublishError, entity_key};
use crate::functions::Function;
use crate::http::Routes;
use crate::ports::events::{Consumed, Consumer, Delivery, Failed};
use crate::ports::ledger::{Condition, Key, Stored, Write};
use crate::services::Services;
use crate::table::{self, TableError};
use async_trait::async_trait;
use domain::api::sync::{Scope, kind};
use domain::customer::Customer;
use domain::event::Action;
use domain::ids::CustomerId;
use domain::purchases::Purchases;
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "purchases",
    routes: Routes::new,
    consumer: Some(consumer),
    upkeep: None,
};

#[cfg(test)]
mod tests;

/// Customers in one write: an entity, an entry and at most a head each.
const CUSTOMERS_PER_WRITE: usize = 33;

/// The body of the entity `purchases`. Devices read the purchases and pass `through` over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    purchases: Purchases,
    /// The place in the log of the last order that was counted.
    #[serde(default)]
    through: u64,
}

/// Keeps purchases from the events of the log.
#[must_use]
pub fn consumer(services: Services) -> Arc<dyn Consumer> {
    Arc::new(Bookkeeper { services })
}

struct Bookkeeper {
    services: Services,
}

/// Why some customers' orders are not counted.
#[derive(Debug, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error("purchases could not be encoded: {0}")]
    Encode(#[from] serde_json::Error),
}

#[async_trait]
impl Consumer for Bookkeeper {
    fn name(&self) -> &'static str {
        "purchases"
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let (heard, unreadable) = hear(batch);
        let mut orders = BTreeMap::<CustomerId, Vec<Heard>>::new();
        for heard in heard {
            let Some(customer) = buyer(&heard) else {
                continue;
            };
            orders.entry(customer).or_default().push(heard);
        }
        let failed = self.keep(orders).await;
        first_failure(unreadable, failed).map_or(Ok(()), Err)
    }
}

impl Bookkeeper {
    /// Counts everybody's orders; answers the first that is not counted.
    async fn keep(&self, orders: BTreeMap<CustomerId, Vec<Heard>>) -> Option<Failed> {
        let mut failed = None;
        let everybody: Vec<_> = orders.into_iter().collect();
        for some in everybody.chunks(CUSTOMERS_PER_WRITE) {
            let Err(error) = self.keep_some(some).await else {
                continue;
            };
            let first = some
                .iter()
                .flat_map(|(_, heard)| heard)
                .map(|heard| heard.sequence)
                .min();
            let fault = first.map(|sequence| Failed {
                sequence,
                reason: error.to_string(),
            });
            failed = first_failure(failed, fault);
        }
        failed
    }

    async fn keep_some(&self, some: &[(CustomerId, Vec<Heard>)]) -> Result<(), KeepError> {
        let keys: Vec<Key> = some.iter().flat_map(|(id, _)| keys(id)).collect();
        let stored = self
            .services
            .ledger
            .read_all(&keys)
            .await
            .map_err(PublishError::from)?;
        let mut moves = Vec::new();
        let mut beside = Vec::new();
        for ((id, orders), stored) in some.iter().zip(stored.chunks(2)) {
            let [customer, kept] = stored else { continue };
            let Some((kept, condition)) = counted(kept.as_ref(), orders)? else {
                continue;
            };
            match customer.as_ref().map(table::row::<Customer>).transpose()? {
                Some(customer) => moves.push(told(id, &customer.value, &kept, condition)?),
                // Nobody knows her yet: kept for when somebody does, told to no tablet.
                None => beside.push(Write::put(
                    entity_key(kind::PURCHASES, id.as_str()),
                    serde_json::to_string(&kept)?,
                    condition,
                )),
            }
        }
        if moves.is_empty() && beside.is_empty() {
            return Ok(());
        }
        feed::publish(&*self.services.ledger, &self.services.poke, &moves, &beside).await?;
        Ok(())
    }
}

fn buyer(heard: &Heard) -> Option<CustomerId> {
    let is_order = matches!(
        heard.event.action,
        Action::OrderCompleted { .. } | Action::OrderRefunded { .. }
    );
    heard.event.who.customer.clone().filter(|_| is_order)
}

fn keys(id: &CustomerId) -> [Key; 2] {
    [kind::CUSTOMER, kind::PURCHASES].map(|kind| entity_key(kind, id.as_str()))
}

/// What was kept with the orders that were not counted yet; `None` where nothing changes.
fn counted(
    stored: Option<&Stored>,
    orders: &[Heard],
) -> Result<Option<(Kept, Condition)>, TableError> {
    let row = stored.map(table::row::<Kept>).transpose()?;
    let condition = row
        .as_ref()
        .map_or(Condition::Absent, table::Row::unchanged);
    let mut kept = row.map(|row| row.value).unwrap_or_default();
    let before = kept.clone();
    for heard in orders {
        if !heard.is_counted(kept.through) {
            kept.purchases.apply(&heard.event);
            kept.through = kept.through.max(heard.sequence);
        }
    }
    Ok((kept != before).then_some((kept, condition)))
}

fn told(
    id: &CustomerId,
    customer: &Customer,
    kept: &Kept,
    condition: Condition,
) -> Result<Move, KeepError> {
    let scope = Scope::customers(&customer.home_store);
    let body = Some(to_raw_value(kept)?);
    Ok(Move {
        scope,
        kind: kind::PURCHASES,
        id: id.to_string(),
        body,
        command: None,
        condition,
    })
}
