//! Who did something to a cart, and where.

use crate::ids::{AssociateId, DeviceId};
use serde::{Deserialize, Serialize};

/// Where a cart is seen and changed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The shopper's own web app.
    Phone,
    /// The online shop.
    Online,
    /// A kiosk in a store.
    Kiosk,
    /// An associate's tablet.
    Tablet,
}

impl Channel {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Online => "online",
            Self::Kiosk => "kiosk",
            Self::Tablet => "tablet",
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Author {
    /// Where.
    pub channel: Channel,
    /// On which device; a browser has an id too.
    pub device: DeviceId,
    /// The associate who did it; `None` for a shopper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associate: Option<AssociateId>,
}
