//! Prices as a cart keeps them: what was shown, from where, and in which version.

use super::state::Cart;
use crate::ids::{AssociateId, LineId, PriceListId, Sku};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A price as it was at some time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PriceSnapshot {
    /// What one piece costs; with tax or without it, as the store's prices are.
    pub unit: Money,
    /// Of which version of the price.
    pub version: u64,
    /// Where it is from.
    pub source: PriceSource,
    /// Until before when it may be charged, where it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<DateTime<Utc>>,
}

/// Where a price is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum PriceSource {
    /// A list.
    List {
        /// Which.
        list: PriceListId,
    },
    /// An associate agreed on it with the shopper: it does not move with a list.
    Agreed {
        /// Who.
        by: AssociateId,
    },
}

/// A price that was confirmed for a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LinePrice {
    /// Which line.
    pub line_id: LineId,
    /// Its price.
    pub price: PriceSnapshot,
}

/// A price that is not what the cart shows. She confirms it before she pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PriceChange {
    /// Of which line.
    pub line_id: LineId,
    /// Of what.
    pub sku: Sku,
    /// What the cart shows; `None` where it shows no price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<Money>,
    /// What it costs; `None` where it has no price and cannot be sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<PriceSnapshot>,
    /// Why.
    pub reason: PriceChangeReason,
}

/// Why a price is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PriceChangeReason {
    /// There is a newer one.
    Moved,
    /// The one shown may not be charged any more.
    Expired,
    /// The cart shows none.
    NewlyPriced,
    /// There is none.
    NotSold,
}

impl PriceSnapshot {
    /// Whether it may be charged at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// Compares a cart with the prices of `now`; no change means that it can be sold as it is shown. A new version of a
/// price with the same amount is no change that anybody needs to confirm.
pub fn reprice(
    cart: &Cart,
    current: impl Fn(&Sku) -> Option<PriceSnapshot>,
    now: DateTime<Utc>,
) -> Vec<PriceChange> {
    let valid = |sku: &Sku| current(sku).filter(|price| price.is_valid_at(now));
    let change = |line: &super::line::Line| {
        let shown = line.price.as_ref();
        let agreed = |price: &PriceSnapshot| matches!(price.source, PriceSource::Agreed { .. });
        if shown.is_some_and(|price| agreed(price) && price.is_valid_at(now)) {
            return None;
        }
        let now_price = valid(&line.sku);
        let reason = reason(shown, now_price.as_ref(), now)?;
        Some(PriceChange {
            line_id: line.id.clone(),
            sku: line.sku.clone(),
            was: shown.map(|price| price.unit),
            now: now_price,
            reason,
        })
    };
    cart.counted().filter_map(change).collect()
}

fn reason(
    shown: Option<&PriceSnapshot>,
    current: Option<&PriceSnapshot>,
    now: DateTime<Utc>,
) -> Option<PriceChangeReason> {
    match (shown, current) {
        (_, None) => Some(PriceChangeReason::NotSold),
        (None, Some(_)) => Some(PriceChangeReason::NewlyPriced),
        (Some(shown), Some(current)) if shown.unit == current.unit => None,
        (Some(shown), Some(_)) if !shown.is_valid_at(now) => Some(PriceChangeReason::Expired),
        (Some(_), Some(_)) => Some(PriceChangeReason::Moved),
    }
}
