//! Clickstream events: Segment's e-commerce events v2, validated into the store's vocabulary.

use crate::ids::{AnonymousId, CustomerId, DepartmentId, MessageId, OrderId, Sku, StoreId};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most products that one event may name.
pub const MAX_PRODUCTS: usize = 200;
/// The longest search query that is kept, in characters.
pub const MAX_QUERY_CHARS: usize = 200;

/// One thing that somebody did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// Unique for its sender: a second arrival is dropped.
    pub message_id: MessageId,
    /// Who did it.
    pub who: Who,
    /// When, corrected for the sender's clock: `received - (sentAt - timestamp)`.
    pub at: DateTime<Utc>,
    /// When it reached us.
    pub received_at: DateTime<Utc>,
    /// The store it is about: where the shop says so, the customer's home store otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// Her browser said `Sec-GPC: 1` (Global Privacy Control): counted in figures, never kept in a profile.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opted_out: bool,
    /// What was done.
    pub action: Action,
}

/// Who did it: the customer where she is known, the browser's own id otherwise; often both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Who {
    /// Segment's `anonymousId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous: Option<AnonymousId>,
    /// Segment's `userId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
}

/// A product as an event names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProductRef {
    /// Which.
    pub sku: Sku,
    /// Its department, as the shop says or as the catalogue knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<DepartmentId>,
    /// How many; 1 where nothing is said.
    #[serde(default = "one")]
    pub quantity: u32,
    /// What one costs, where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
}

const fn one() -> u32 {
    1
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Action {
    /// `Products Searched`.
    ProductsSearched {
        /// What for.
        query: String,
    },
    /// `Product List Viewed`, `Product List Filtered`.
    ProductListViewed {
        /// Of which department, where the list has one.
        department: Option<DepartmentId>,
    },
    /// `Product Clicked`.
    ProductClicked(ProductRef),
    /// `Product Viewed`.
    ProductViewed(ProductRef),
    /// `Product Added`.
    ProductAdded(ProductRef),
    /// `Product Removed`.
    ProductRemoved(ProductRef),
    /// `Product Added to Wishlist`.
    ProductWished(ProductRef),
    /// `Cart Viewed`.
    CartViewed,
    /// `Checkout Started`.
    CheckoutStarted,
    /// `Order Completed`.
    OrderCompleted {
        /// Its number.
        order: OrderId,
        /// What was paid, where it is said.
        total: Option<Money>,
        /// What was bought; at most [`MAX_PRODUCTS`].
        products: Vec<ProductRef>,
    },
    /// `Order Refunded`.
    OrderRefunded {
        /// Its number.
        order: OrderId,
        /// What was brought back, where it is said; at most [`MAX_PRODUCTS`].
        #[serde(default)]
        products: Vec<ProductRef>,
    },
    /// `Promotion Viewed`, `Promotion Clicked`, `Coupon Applied`.
    PromotionSeen {
        /// Which, as the shop names it.
        promotion: String,
        /// Whether it was clicked or applied, not only seen.
        acted: bool,
    },
    /// A `page` or `screen` call.
    PageViewed {
        /// Its name.
        name: String,
    },
    /// An `identify` call: from here on the anonymous id is this customer.
    Identified,
    /// A `group` call or an event that Aisle keeps without a rule of its own.
    Other {
        /// The event's name.
        name: String,
    },
}

impl Action {
    /// The CloudEvents type: `product.viewed.v1`.
    #[must_use]
    pub const fn event_type(&self) -> &'static str {
        match self {
            Self::ProductsSearched { .. } => "products.searched.v1",
            Self::ProductListViewed { .. } => "product_list.viewed.v1",
            Self::ProductClicked(_) => "product.clicked.v1",
            Self::ProductViewed(_) => "product.viewed.v1",
            Self::ProductAdded(_) => "product.added.v1",
            Self::ProductRemoved(_) => "product.removed.v1",
            Self::ProductWished(_) => "product.wished.v1",
            Self::CartViewed => "cart.viewed.v1",
            Self::CheckoutStarted => "checkout.started.v1",
            Self::OrderCompleted { .. } => "order.completed.v1",
            Self::OrderRefunded { .. } => "order.refunded.v1",
            Self::PromotionSeen { .. } => "promotion.seen.v1",
            Self::PageViewed { .. } => "page.viewed.v1",
            Self::Identified => "customer.identified.v1",
            Self::Other { .. } => "event.other.v1",
        }
    }
}
