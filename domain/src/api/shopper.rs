//! What a shopper's own phone asks: who she is, her carts, her orders, her points. Carts themselves are
//! [`crate::api::cart`]'s.

use crate::api::cart::CartView;
use crate::cart::{CartOrder, Settlement};
use crate::ids::{CustomerId, DeviceId, StoreId};
use crate::loyalty::Tier;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most carts or orders that one answer has.
pub const MAX_LISTED: usize = 50;

/// `POST /v1/shopper/guest`: a browser without anybody in it. Its token is good for its own guest carts alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BecomeGuest {
    /// Which store's stock and prices; `None` for the one that serves the online shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
}

/// What a phone shows with each call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShopperToken {
    /// A bearer token.
    pub access_token: String,
    /// Seconds that it is good for.
    pub expires_in: u32,
    /// What the next access token is made of; each is good once.
    pub refresh_token: String,
    /// The browser's own id, the same for as long as it refreshes.
    pub device: DeviceId,
    /// Whose it is; `None` for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Her store.
    pub store: StoreId,
}

/// `POST /v1/shopper/codes`: sends a code to whoever has this e-mail address or telephone. The answer is the same where
/// nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SendCode {
    /// As she typed it.
    pub contact: String,
}

/// The answer to [`SendCode`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CodeSent {
    /// To be shown with the code.
    pub challenge: String,
    /// Seconds that the code is good for.
    pub expires_in: u32,
}

/// `POST /v1/shopper/sign-in`, by a guest's token: the browser is hers from now on. Its guest cart can be merged after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ShopperSignIn {
    /// What [`CodeSent`] said.
    pub challenge: String,
    /// Six digits.
    pub code: String,
}

/// `POST /v1/shopper/refresh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RefreshShopper {
    /// As [`ShopperToken`] has it.
    pub refresh_token: String,
}

/// `GET /v1/shopper/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Me {
    /// The name to greet her by; `None` for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Her standing.
    pub tier: Tier,
    /// Her points.
    pub points: u64,
    /// The number on her card, for its bar code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<String>,
    /// Her store's name.
    pub store_name: String,
}

/// `GET /v1/shopper/carts`: her open carts on every channel, the latest first; at most [`MAX_LISTED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MyCarts {
    /// Each with what it costs.
    pub carts: Vec<CartView>,
}

/// `GET /v1/shopper/orders`: her orders, the latest first; at most [`MAX_LISTED`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MyOrders {
    /// Each with what came back of it.
    pub orders: Vec<MyOrder>,
}

/// An order of hers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MyOrder {
    /// The order.
    pub order: CartOrder,
    /// What came back.
    pub settlement: Settlement,
}

/// `GET /v1/carts/{cart}/news?after=…&wait_ms=…`: answers when the cart is not the one of this tag any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartNews {
    /// To be passed as `after` next time: opaque.
    pub tag: String,
    /// The cart; `None` where nothing happened in the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<CartView>,
    /// By the cloud's clock.
    pub at: DateTime<Utc>,
}
