//! What functions keep in memory of the ledger. It can be made anew from the ledger at any time, so an instance may
//! start, stop and be doubled as the platform likes.

mod decisions;
mod model;
mod people;
mod storefront;

pub use decisions::{Decisions, Kept};
pub use model::{Current, LiveModel};
pub use people::People;
pub use storefront::{Shown, Storefront};

use crate::feed::PublishError;
use crate::services::Services;
use domain::ids::StoreId;
use tokio::sync::RwLockReadGuard;

/// The memory of one process.
#[derive(Debug, Default)]
pub struct Memory {
    /// The catalogue with prices and stock.
    pub storefront: Storefront,
    /// The recommender.
    pub model: LiveModel,
    /// Customers who were asked for a moment ago.
    pub people: People,
    /// What it decided lately.
    pub decisions: Decisions,
}

/// What an answer is put together from. Do not wait for anything while this is held.
pub struct Standing<'a> {
    /// The recommender.
    pub current: RwLockReadGuard<'a, Current>,
    /// What the store shows.
    pub shown: RwLockReadGuard<'a, Shown>,
}

impl Memory {
    /// The recommender and the storefront as they are now.
    pub async fn stand(
        &self,
        services: &Services,
        store: &StoreId,
    ) -> Result<Standing<'_>, PublishError> {
        self.model.refresh(services).await?;
        let shown = self.storefront.show(services, store).await?;
        let current = self.model.read().await.ok_or(PublishError::Busy)?;
        Ok(Standing { current, shown })
    }
}
