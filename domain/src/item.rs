//! What a store sells: items, their prices and their stock.

use crate::gtin::Gtin;
use crate::ids::{DepartmentId, Sku, StoreId, StyleId};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A sellable variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Item {
    /// Its key.
    pub sku: Sku,
    /// Its bar code, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// The design that it is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<StyleId>,
    /// Its name on a shelf.
    pub title: String,
    /// A sentence or two.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The maker.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub brand: String,
    /// Where it hangs.
    pub department: DepartmentId,
    /// Within the department, for people: `Rain jackets`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// A colour's name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub colour: String,
    /// A size as printed: `39`, `M`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub size: String,
    /// The drawing that stands for it: a symbol of the art sprite.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub art: String,
    /// Free words that the retailer filed it under.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Bought again when used up: may be recommended to who already has one.
    #[serde(default)]
    pub replenishable: bool,
}

/// What an item costs, from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Price {
    /// Of which item.
    pub sku: Sku,
    /// What a shopper pays.
    pub amount: Money,
    /// What it was before a reduction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Money>,
    /// Valid from this instant on.
    pub valid_from: DateTime<Utc>,
    /// And until before this one, where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
}

/// How many of an item a store has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stock {
    /// Of which item.
    pub sku: Sku,
    /// Where.
    pub store: StoreId,
    /// Pieces that can be sold; negative where more was sold than counted.
    pub on_hand: i64,
    /// When this was true.
    pub counted_at: DateTime<Utc>,
}

impl Item {
    /// The words that a search looks in.
    #[must_use]
    pub fn search_text(&self) -> String {
        let tags = self.tags.join(" ");
        [
            &self.title,
            &self.brand,
            &self.category,
            &self.colour,
            &self.size,
            &tags,
            self.sku.as_str(),
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(crate::text::fold)
        .collect::<Vec<_>>()
        .join(" ")
    }
}

impl Stock {
    /// The id of its entity, `<store>/<sku>`: an item has a stock in each store.
    #[must_use]
    pub fn entity_id(store: &StoreId, sku: &Sku) -> String {
        format!("{store}/{sku}")
    }

    /// The SKU in an id that [`Stock::entity_id`] made.
    #[must_use]
    pub fn sku_of(entity_id: &str) -> &str {
        entity_id.split_once('/').map_or(entity_id, |(_, sku)| sku)
    }
}

impl Price {
    /// Whether the price may be charged at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }
}
