//! What is asked of a payment provider, and what it answers. No card data: a reference, a brand, four digits.

use crate::ids::{OrderId, PaymentKey};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// After how many seconds without an answer a payment may be given up. What it captures later is given back.
pub const PAYMENT_DOUBT_SECONDS: i64 = 180;

/// How a payment is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// A terminal on the counter.
    Terminal,
    /// A link that the shopper opens.
    PayLink,
    /// Money in the drawer.
    Cash,
}

/// What is asked of the provider. A repeat under the same key is the same payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PaymentRequest {
    /// Order and attempt, see [`super::payment_key`].
    pub payment: PaymentKey,
    /// For which order.
    pub order: OrderId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// How much.
    pub amount: Money,
    /// How.
    pub method: PaymentMethod,
}

/// What a provider says that it took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Capture {
    /// How much.
    pub amount: Money,
    /// The provider's own reference.
    pub reference: String,
    /// `visa`, where there was a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The last four digits, where there was a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_four: Option<String>,
}

/// What became of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum PaymentOutcome {
    /// The money is taken.
    Captured(Capture),
    /// It is not, and will not be.
    Declined {
        /// The provider's word for why.
        code: String,
    },
    /// Nobody knows: no answer in time, or a broken line.
    Unknown,
}

/// An answer of the provider, at once or much later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PaymentAnswer {
    /// To which payment.
    pub payment: PaymentKey,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: PaymentOutcome,
    /// When it came, by the cloud's clock.
    pub at: DateTime<Utc>,
}
