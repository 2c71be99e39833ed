//! Tax: in the prices, or upon them.

use serde::{Deserialize, Serialize};

/// The whole, in parts per million.
const WHOLE: i128 = 1_000_000;

/// A share in parts per million: 19 % is 190,000, and 8.875 % is 88,750 exactly.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Rate(pub u32);

impl Rate {
    /// Everything.
    pub const WHOLE: Self = Self(1_000_000);

    /// Whole per cent.
    #[must_use]
    pub const fn percent(percent: u32) -> Self {
        Self(percent.saturating_mul(10_000))
    }

    /// This share of an amount, half a minor unit rounded away from zero.
    #[must_use]
    pub fn of(self, minor: i64) -> i64 {
        round(i128::from(minor) * i128::from(self.0), WHOLE)
    }
}

/// Whether a store's prices have the tax in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxMode {
    /// A price is what a shopper pays; the tax is in it.
    Inclusive,
    /// The tax comes on top.
    Exclusive,
}

/// The tax that is in a gross amount.
#[must_use]
pub fn tax_within(gross: i64, rate: Rate) -> i64 {
    let rate = i128::from(rate.0);
    round(i128::from(gross) * rate, WHOLE + rate)
}

/// The tax upon a net amount.
#[must_use]
pub fn tax_upon(net: i64, rate: Rate) -> i64 {
    rate.of(net)
}

/// `dividend / divisor`, half rounded away from zero. Rates are at most 4,295 times the whole, so the result of an
/// amount that a cart can have fits; what does not is capped.
fn round(dividend: i128, divisor: i128) -> i64 {
    let rounded = (2 * dividend.abs() + divisor) / (2 * divisor);
    let size = i64::try_from(rounded).unwrap_or(i64::MAX);
    if dividend < 0 { -size } else { size }
}
