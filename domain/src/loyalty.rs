//! Loyalty: the tier that points and spending give.

use serde::{Deserialize, Serialize};

/// A customer's standing.
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
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Everybody to begin with.
    #[default]
    Member,
    /// From [`SILVER_FROM`] points a year.
    Silver,
    /// From [`GOLD_FROM`] points a year.
    Gold,
}

/// Points in twelve months that make silver.
pub const SILVER_FROM: u64 = 500;
/// Points in twelve months that make gold.
pub const GOLD_FROM: u64 = 1_500;

impl Tier {
    /// The tier for points earned in the last twelve months.
    #[must_use]
    pub const fn for_points(points: u64) -> Self {
        match points {
            GOLD_FROM.. => Self::Gold,
            SILVER_FROM.. => Self::Silver,
            _ => Self::Member,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_begins_at_its_points() {
        assert_eq!(Tier::for_points(499), Tier::Member);
        assert_eq!(Tier::for_points(500), Tier::Silver);
        assert_eq!(Tier::for_points(1_500), Tier::Gold);
    }
}
