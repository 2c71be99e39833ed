//! Requests to the recommend function.

use crate::ids::{AnonymousId, CustomerId, DecisionId, DepartmentId, Sku, StoreId};
use crate::recommendation::{Reason, Recommendation};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most items that one answer has.
pub const MAX_LIMIT: usize = 48;
/// The most items that one request may name.
pub const MAX_NAMED: usize = 50;
/// The most items of a list that is put in her order.
pub const MAX_RERANKED: usize = 1_000;

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

/// `POST /v1/recommend/next`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Next {
    /// What is looked at now, newest first; nothing is what is known of her visit.
    #[serde(default)]
    pub session: Vec<Sku>,
    /// For whom, where she is known.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// For which browser, where she is not.
    #[serde(default)]
    pub anonymous: Option<AnonymousId>,
    /// In stock where.
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
    /// Whose: nothing that she has, brought back or does not want.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// In stock where.
    pub store: StoreId,
    /// Only from this department.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// How many; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// `POST /v1/recommend/bought-together`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BoughtTogether {
    /// With what: an item, or a whole cart.
    pub skus: Vec<Sku>,
    /// Whose: nothing that she has, brought back or does not want.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// In stock where.
    pub store: StoreId,
    /// Only from this department.
    #[serde(default)]
    pub department: Option<DepartmentId>,
    /// How many; at most [`MAX_LIMIT`].
    pub limit: usize,
}

/// `POST /v1/recommend/rerank`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rerank {
    /// A list that somebody else made, in its order: hits of a search, say.
    pub skus: Vec<Sku>,
    /// For whom, where she is known.
    #[serde(default)]
    pub customer: Option<CustomerId>,
    /// For which browser, where she is not.
    #[serde(default)]
    pub anonymous: Option<AnonymousId>,
    /// Where she is.
    pub store: StoreId,
}

/// The answer to all but [`Rerank`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Recommendations {
    /// The best first.
    pub items: Vec<Recommendation>,
    /// The version of the model: the same version and the same input give the same answer.
    pub model: String,
    /// Under which the decision is kept for a while, with all that it stood on.
    pub decision: DecisionId,
}

/// An item of a list in her order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ranked {
    /// Which.
    pub sku: Sku,
    /// The evidence that moved it up; `None` where there is none, and it keeps its place behind the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// The answer to [`Rerank`]: all of its items, once each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ranking {
    /// The best first.
    pub items: Vec<Ranked>,
    /// The version of the model.
    pub model: String,
    /// Under which the decision is kept for a while.
    pub decision: DecisionId,
}

/// `GET /v1/recommend/decisions/{id}`: a decision that was kept, and the same decided anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replayed {
    /// When it was decided, by the cloud's clock.
    pub at: DateTime<Utc>,
    /// The version of the model that decided.
    pub model: String,
    /// What was asked, with all that the answer stood on.
    #[schema(value_type = Object)]
    pub request: serde_json::Value,
    /// What was answered.
    #[schema(value_type = Object)]
    pub answered: serde_json::Value,
    /// What the same model answers to the same now; `None` where that model is no longer kept.
    #[schema(value_type = Option<Object>)]
    pub replayed: Option<serde_json::Value>,
}
