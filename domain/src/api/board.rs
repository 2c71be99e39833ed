//! The live board of a store, seconds fresh.

use crate::ids::{Sku, StoreId};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Minutes that a board's sparklines go back.
pub const BOARD_MINUTES: usize = 60;

/// A figure and how it came about, minute by minute.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tile {
    /// The figure now: a count, or minor units of the board's currency.
    pub value: i64,
    /// The last [`BOARD_MINUTES`] minutes, oldest first.
    pub minutes: Vec<i64>,
}

/// `GET /v1/analytics/board?store=…`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Board {
    /// Of which store.
    pub store: StoreId,
    /// When the figures were taken.
    pub as_of: DateTime<Utc>,
    /// The newest event in them.
    pub newest_event_at: Option<DateTime<Utc>>,
    /// Shoppers with an event in the last five minutes.
    pub shoppers_now: Tile,
    /// Items viewed in the last hour.
    pub views: Tile,
    /// Additions to carts in the last hour.
    pub adds: Tile,
    /// Orders in the last hour.
    pub orders: Tile,
    /// Sales in the last hour.
    pub sales: Money,
    /// Sales, minute by minute, in minor units, oldest first.
    pub sales_minutes: Vec<i64>,
    /// The items looked at most in the last hour, with their views; at most ten.
    pub top_items: Vec<TopItem>,
}

/// An item of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TopItem {
    /// Which.
    pub sku: Sku,
    /// Its name.
    pub title: String,
    /// Views in the last hour.
    pub views: u32,
}
