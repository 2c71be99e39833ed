//! Recommendations: for you, next, similar, bought together, a list in her order; the model that tablets answer from;
//! and why something was recommended.

mod learn;
mod replay;
mod serve;
mod snapshot;

use crate::functions::Function;
use crate::learning;
use crate::services::Services;
use crate::telemetry::figures::UPKEEP_FAILED;
use futures_util::future::BoxFuture;

pub use learn::consumer;
pub use serve::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "recommend",
    routes,
    consumer: Some(consumer),
    upkeep: Some(upkeep),
};

/// Builds a base of the model where one is due.
#[must_use]
pub fn upkeep(services: Services) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let due = learning::read_head(&*services.ledger)
            .await
            .map(|head| learning::is_due(&head, services.clock.now()));
        let done = match due {
            Ok(false) => return,
            Ok(true) => learning::build(&services).await.map(|built| {
                let model = built.pupil.model();
                let (sessions, baskets) = model.history_count();
                tracing::info!(sessions, baskets, version = %model.version(), "a new base of the recommender");
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            UPKEEP_FAILED.add(1, &[("kind", "recommend")]);
            tracing::error!(%error, "the upkeep of the recommender failed");
        }
    })
}

#[cfg(test)]
mod tests;
