//! Dresses recommendations with what a screen shows of an item. The cloud's pages are put together by the same rules.

use crate::device::Shared;
use crate::refusal::of_replica;
use chrono::{DateTime, Utc};
use domain::api::content::{Shelf, ShelfItem, ShelfKind};
use domain::api::device::Refusal;
use domain::ids::Sku;
use domain::recommendation::Recommendation;

/// Items on a shelf.
pub(crate) const SHELF_ITEMS: usize = 12;

impl Shared {
    /// Whether an item can be had here. What is not known cannot.
    pub(crate) fn in_stock(&self, sku: &Sku) -> bool {
        match self.replica.on_hand(sku) {
            Ok(pieces) => pieces.is_some_and(|pieces| pieces > 0),
            Err(error) => {
                tracing::warn!(%error, "the stock of an item cannot be read");
                false
            }
        }
    }

    /// Recommendations of what is still in the catalogue, with what a shelf shows of it.
    pub(crate) fn dress(
        &self,
        recommendations: Vec<Recommendation>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ShelfItem>, Refusal> {
        let mut items = Vec::with_capacity(recommendations.len());
        for recommendation in recommendations {
            let view = self.replica.item_view(&recommendation.sku, now);
            let Some(view) = view.map_err(of_replica)? else {
                continue;
            };
            items.push(ShelfItem {
                view,
                because_title: match recommendation.reason.names() {
                    Some(sku) => self.title(sku)?,
                    None => None,
                },
                recommendation,
            });
        }
        Ok(items)
    }

    /// A shelf; none where nothing is on it.
    pub(crate) fn shelf(
        &self,
        kind: ShelfKind,
        recommendations: Vec<Recommendation>,
        now: DateTime<Utc>,
    ) -> Result<Option<Shelf>, Refusal> {
        let items = self.dress(recommendations, now)?;
        Ok((!items.is_empty()).then_some(Shelf { kind, items }))
    }

    /// An item's name, where it is in the catalogue.
    pub(crate) fn title(&self, sku: &Sku) -> Result<Option<String>, Refusal> {
        let item = self.replica.item(sku).map_err(of_replica)?;
        Ok(item.map(|item| item.title))
    }
}
