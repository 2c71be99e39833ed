//! Requests to the recommend function.

use crate::ids::{AnonymousId, CustomerId, DepartmentId, Sku, StoreId};
use crate::recommendation::Recommendation;
use serde::{Deserialize, Serialize};

/// The most items that one answer has.
pub const MAX_LIMIT: usize = 48;

/// `POST /v1/recommend/for-you`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ForYou {
    /// For whom, where she is known.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// For which browser, where she is not.
    #[serde(default)]
    pub anonymous: Option<AnonymousId>,
    /// Where she is: only what that store has in stock.
    pub store: StoreId,
    /// Only from this department.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// How many; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// `POST /v1/recommend/similar`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Similar {
    /// To what.
    pub sku: Sku,
    /// In stock where.
    pub store: StoreId,
    /// How many; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// `POST /v1/recommend/bought-together`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoughtTogether {
    /// With what: an item, or a whole cart.
    pub skus: Vec<Sku>,
    /// In stock where.
    pub store: StoreId,
    /// How many; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// The answer to each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recommendations {
    /// The best first.
    pub items: Vec<Recommendation>,
    /// The version of the model: the same version and the same input give the same answer.
    pub model: String,
}
