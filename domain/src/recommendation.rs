//! A recommendation and the evidence it stands on.

use crate::ids::{DepartmentId, Sku};
use serde::{Deserialize, Serialize};

/// An item and why it is worth showing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recommendation {
    /// What.
    pub sku: Sku,
    /// How strongly; comparable within one list only.
    pub score: f32,
    /// The evidence that gave most of the score.
    pub reason: Reason,
}

/// The evidence behind a recommendation. A screen makes one plain sentence of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "because")]
pub enum Reason {
    /// People who viewed `sku` in a session went on to this.
    ViewedWith {
        /// What she viewed.
        sku: Sku,
    },
    /// Bought in one basket with `sku`.
    BoughtWith {
        /// What she has or looks at.
        sku: Sku,
    },
    /// She buys this again and again.
    BoughtBefore {
        /// How often so far.
        times: u32,
    },
    /// On her wish list.
    Wished,
    /// An associate chose it for her.
    Picked,
    /// Another piece of the same kind as `sku`.
    SimilarTo {
        /// What she looks at.
        sku: Sku,
    },
    /// Many people buy it.
    Popular,
    /// Many people buy it in a department that she likes.
    PopularIn {
        /// Which.
        department: DepartmentId,
    },
}

impl Reason {
    /// The item that the reason names.
    #[must_use]
    pub const fn names(&self) -> Option<&Sku> {
        match self {
            Self::ViewedWith { sku } | Self::BoughtWith { sku } | Self::SimilarTo { sku } => {
                Some(sku)
            }
            Self::BoughtBefore { .. }
            | Self::Wished
            | Self::Picked
            | Self::Popular
            | Self::PopularIn { .. } => None,
        }
    }
}
