//! What has to happen outside after a turn. Each is safe to do twice.

use crate::ids::{OrderId, PaymentKey};
use serde::{Deserialize, Serialize};

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Duty {
    /// Keep the goods of the cart's lines back for this order.
    Reserve {
        /// For which.
        order: OrderId,
    },
    /// Let go of the goods that were kept back for it.
    Release {
        /// For which.
        order: OrderId,
    },
    /// Ask the provider for the money.
    Charge {
        /// Under this key.
        payment: PaymentKey,
    },
    /// Give the money of this payment back: it came too late, or is not the sum that was asked for.
    Reverse {
        /// Which.
        payment: PaymentKey,
    },
}
