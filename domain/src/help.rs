//! A shopper at a kiosk asks for somebody of the team, and the tablets of the store are told.

use crate::cart::Workstation;
use crate::ids::{CartId, DeviceId, StoreId};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Minutes after which nobody waits any more: whoever asked has long gone.
pub const HELP_MINUTES: i64 = 15;

/// A kiosk that asks. It has one call at a time: asking again is the same call, at a later time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HelpCall {
    /// Which kiosk.
    pub device: DeviceId,
    /// Its store.
    pub store: StoreId,
    /// Its number among the tills of its store: what people call it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workstation: Option<Workstation>,
    /// The cart that lies open there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<CartId>,
    /// When, by the cloud's clock.
    pub asked_at: DateTime<Utc>,
}

impl HelpCall {
    /// Whether whoever asked still waits.
    #[must_use]
    pub fn waits(&self, now: DateTime<Utc>) -> bool {
        now - self.asked_at < TimeDelta::minutes(HELP_MINUTES)
    }
}

/// `POST /v1/carts/help`: a kiosk asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HelpRequest {
    /// The cart that lies open there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<CartId>,
}

/// `POST /v1/carts/help/end`: somebody goes there, or the shopper has left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HelpEnd {
    /// Which kiosk's; `None` for the one that says so itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
}

/// The answer to [`HelpRequest`] and [`HelpEnd`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HelpAnswer {
    /// The call as it is now; `None` where nobody asks any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<HelpCall>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asked_long_ago_has_gone() {
        let asked_at: DateTime<Utc> = "2026-05-17T10:00:00Z".parse().unwrap();
        let call = HelpCall {
            device: DeviceId::parse("d-1").unwrap(),
            store: StoreId::parse("1").unwrap(),
            workstation: None,
            cart: None,
            asked_at,
        };
        let after = |minutes| call.waits(asked_at + TimeDelta::minutes(minutes));
        assert!(after(-5) && after(0) && after(HELP_MINUTES - 1));
        assert!(!after(HELP_MINUTES));
    }
}
