//! Keeps the live behavioural profile of everybody who clicks, and moves the customer's card with it.
//!
//! A customer's profile is the entity `profile` in the feed of her home store; it and the entry in the feed are one
//! write. Somebody anonymous is kept at `P#a/<id>` until an event names her: then her history joins the customer's,
//! once. A customer whom nobody knows yet waits at `P#c/<id>`, in no feed. This function never decides on a message
//! or an offer, and never keeps what somebody did who asked not to be followed.

mod kept;
mod people;
mod slot;
mod store;
#[cfg(test)]
mod tests;

use crate::clicks::{Heard, first_failure, hear};
use crate::functions::Function;
use crate::http::Routes;
use crate::ports::events::{Consumed, Consumer, Delivery, Failed};
use crate::services::Services;
use async_trait::async_trait;
use people::People;
use std::sync::Arc;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "profile",
    routes: Routes::new,
    consumer: Some(consumer),
    upkeep: None,
};

/// How often in a row a batch is decided on anew because somebody else wrote its profiles first.
const MAX_TRIES: usize = 8;

/// Keeps profiles from the events of the log.
#[must_use]
pub fn consumer(services: Services) -> Arc<dyn Consumer> {
    Arc::new(Profiles { services })
}

struct Profiles {
    services: Services,
}

#[async_trait]
impl Consumer for Profiles {
    fn name(&self) -> &'static str {
        "profile"
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let (heard, unreadable) = hear(batch);
        let failed = self.count(heard).await;
        match first_failure(unreadable, failed) {
            Some(failed) => Err(failed),
            None => Ok(()),
        }
    }
}

impl Profiles {
    /// Counts all events, or answers the first that is not counted. Those after it may be: each profile knows how far
    /// it has come.
    async fn count(&self, mut pending: Vec<Heard>) -> Option<Failed> {
        let mut idle_tries = 0;
        while let Some(first) = pending.first().map(|heard| heard.sequence) {
            let before = pending.len();
            if let Some(failed) = self.count_some(&mut pending).await {
                return Some(failed);
            }
            idle_tries = if pending.len() < before {
                0
            } else {
                idle_tries + 1
            };
            if idle_tries >= MAX_TRIES {
                return Some(Failed {
                    sequence: first,
                    reason: "somebody else writes its profile all the time".to_owned(),
                });
            }
        }
        None
    }

    /// Counts as many events as one plan holds, and takes those that are counted for good out of `pending`.
    async fn count_some(&self, pending: &mut Vec<Heard>) -> Option<Failed> {
        let first = pending.first()?.sequence;
        let mut people = match People::load(&*self.services.ledger, pending).await {
            Ok(people) => people,
            Err(error) => {
                return Some(Failed {
                    sequence: first,
                    reason: error.to_string(),
                });
            }
        };
        let taken = people.count(pending);
        let later = pending.split_off(taken);
        let written = store::write(&self.services, people).await;
        pending.retain(|heard| !written.done.contains(&heard.sequence));
        let left = pending.first().map(|heard| heard.sequence);
        pending.extend(later);
        Some(Failed {
            sequence: left?,
            reason: written.fault?,
        })
    }
}
