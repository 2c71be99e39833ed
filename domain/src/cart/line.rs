//! A line of a cart.

use super::author::Author;
use super::command::{Action, MAX_QUANTITY, Observed};
use super::price::PriceSnapshot;
use crate::ids::{CommandId, LineId, Sku};
use serde::{Deserialize, Serialize};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Line {
    /// Its key.
    pub id: LineId,
    /// What.
    pub sku: Sku,
    /// The command that put it there.
    pub added: CommandId,
    /// Who put it there.
    pub by: Author,
    /// The sum of all that was added and taken. It may fall below nothing, and is remembered so: were it cut off at 0,
    /// the order of two changes would matter. [`Line::quantity`] is what counts.
    pub balance: i64,
    /// How many commands have made it what it is.
    pub version: u64,
    /// What one piece costs, as it was when the line was added or confirmed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceSnapshot>,
    /// What was said of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Line {
    /// How many pieces: never below 0, never over [`MAX_QUANTITY`].
    #[must_use]
    pub fn quantity(&self) -> u32 {
        pieces(self.balance)
    }

    /// What somebody sees of it who takes it away now.
    #[must_use]
    pub fn observed(&self) -> Observed {
        Observed {
            added: self.added.clone(),
            version: self.version,
        }
    }

    /// What a tap on *one more* (or *one less*) does. Where others have taken more than there was, one more than
    /// nothing is one.
    #[must_use]
    pub fn step(&self, delta: i32) -> Action {
        if self.balance >= 0 || delta < 0 {
            let line_id = self.id.clone();
            return Action::ChangeQuantity { line_id, delta };
        }
        Action::SetQuantity {
            line_id: self.id.clone(),
            quantity: pieces(delta.into()),
            base_version: self.version,
        }
    }

    /// What two lines must share to be one after a merge: SKU and where the price is from.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let source = |line: &Self| line.price.as_ref().map(|price| price.source.clone());
        self.sku == other.sku && source(self) == source(other) && self.note == other.note
    }
}

/// A balance as pieces.
pub(super) fn pieces(balance: i64) -> u32 {
    u32::try_from(balance.max(0)).map_or(MAX_QUANTITY, |n| n.min(MAX_QUANTITY))
}

/// A line that was ordered: what a late command on it is measured against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SoldLine {
    /// Its key.
    pub id: LineId,
    /// What.
    pub sku: Sku,
    /// The command that had put it there.
    pub added: CommandId,
    /// How many were ordered.
    pub quantity: u32,
    /// What one piece cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PriceSnapshot>,
}
