//! A personalised page, assembled from components.

use crate::ids::{AnonymousId, CardNumber, DepartmentId, Sku, StoreId};
use crate::item::{Item, Price};
use crate::loyalty::Tier;
use crate::recommendation::Recommendation;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An item with what a shelf shows of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ItemView {
    /// What it is.
    pub item: Item,
    /// What it costs now; `None` where no price is valid.
    pub price: Option<Price>,
    /// Pieces in the store; `None` where that is not known.
    pub on_hand: Option<i64>,
}

/// An item on a shelf, with the reason why it is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShelfItem {
    /// The item.
    pub view: ItemView,
    /// Why.
    pub recommendation: Recommendation,
    /// The title of the item that the reason names, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because_title: Option<String>,
}

/// Which shelf: the screen words its title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ShelfKind {
    /// For this person.
    ForYou,
    /// What many buy here.
    Popular,
    /// From a department that she likes.
    Department {
        /// Which.
        department: DepartmentId,
    },
    /// Like the item that is open.
    Similar,
    /// Bought with the item that is open.
    BoughtTogether,
}

/// A row of items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shelf {
    /// Which.
    pub kind: ShelfKind,
    /// The best first; never empty.
    pub items: Vec<ShelfItem>,
}

/// How a shopper says who she is at a kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identify {
    /// By her loyalty card.
    Card(CardNumber),
    /// By her telephone, as she typed it.
    Phone(String),
}

/// `POST /v1/content/guest`, from a kiosk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct GuestRequest {
    /// Who she says she is.
    pub identify: Identify,
    /// Where.
    pub store: StoreId,
}

/// A recognised shopper: as little as greets her. No contact, no history, no id leaves for a kiosk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Guest {
    /// The name to greet her by.
    pub first_name: String,
    /// Her standing.
    pub tier: Tier,
    /// Her points.
    pub points: u64,
    /// Whether she has bought before.
    pub returning: bool,
    /// Her home screen.
    pub shelves: Vec<Shelf>,
    /// When it was assembled.
    pub as_of: DateTime<Utc>,
}

/// `POST /v1/content/shop`, from a browser with the shop's write key: shelves for somebody anonymous.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShopRequest {
    /// Which browser.
    pub anonymous: AnonymousId,
    /// Which store's stock.
    pub store: StoreId,
    /// The item that is open, where one is.
    #[serde(default)]
    pub sku: Option<Sku>,
}

/// The answer: shelves, none of them empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShopShelves {
    /// The most personal first.
    pub shelves: Vec<Shelf>,
}

/// `GET /v1/catalogue?store=…&after=…&limit=…`: items with price and stock, in the order of their SKUs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CataloguePage {
    /// The items.
    pub items: Vec<ItemView>,
    /// What to pass as `after` for the next page; `None` at the end.
    pub next: Option<Sku>,
}
