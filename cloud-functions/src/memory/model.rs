//! The recommender, built from the ledger's lists of sessions and baskets.

use crate::feed::PublishError;
use crate::history::{self, Basket, Session};
use crate::services::Services;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::StoreId;
use recommend::{Model, ModelBuilder};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A model is built anew after this long, where somebody asks for it.
const REBUILT_AFTER: TimeDelta = TimeDelta::seconds(60);

/// The model that serves now.
#[derive(Debug, Default)]
pub struct LiveModel {
    current: Mutex<Option<Built>>,
}

#[derive(Debug, Clone)]
struct Built {
    model: Arc<Model>,
    at: DateTime<Utc>,
}

impl LiveModel {
    /// The model, at most a minute old plus the time that building takes. While one request builds, the others
    /// wait for it: building twice would help nobody.
    pub async fn current(
        &self,
        services: &Services,
        store: &StoreId,
    ) -> Result<Arc<Model>, PublishError> {
        let now = services.clock.now();
        let mut current = self.current.lock().await;
        if let Some(built) = current
            .as_ref()
            .filter(|built| now - built.at < REBUILT_AFTER)
        {
            return Ok(built.model.clone());
        }
        let model = Arc::new(build(services, store).await?);
        *current = Some(Built {
            model: model.clone(),
            at: now,
        });
        Ok(model)
    }

    /// Forgets the model: the next request builds one of what the ledger holds then.
    pub async fn forget(&self) {
        *self.current.lock().await = None;
    }
}

async fn build(services: &Services, store: &StoreId) -> Result<Model, PublishError> {
    let sessions = history::sessions(&*services.ledger).await?;
    let baskets = history::baskets(&*services.ledger).await?;
    let shown = services.memory.storefront.show(services, store).await?;
    let mut builder = ModelBuilder::new(shown.items());
    for Session { started_at, skus } in &sessions {
        builder.add_session(*started_at, skus);
    }
    for Basket { at, store, skus } in &baskets {
        builder.add_basket(*at, Some(store), skus);
    }
    drop(shown);
    Ok(builder.build())
}
