//! How many pieces are here, as a shelf says it.

/// From how many pieces on nobody needs to hurry.
const PLENTY: i64 = 4;

/// What a shelf says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stock {
    /// Nobody counted.
    Unknown,
    /// None is left.
    None,
    /// A few.
    Few(u32),
    /// Enough.
    Plenty(u32),
}

impl Stock {
    /// What to say of a count; a negative one is a count that went wrong, and none.
    #[must_use]
    pub fn of(on_hand: Option<i64>) -> Self {
        match on_hand {
            None => Self::Unknown,
            Some(..=0) => Self::None,
            Some(pieces) => {
                let count = u32::try_from(pieces).unwrap_or(u32::MAX);
                if pieces < PLENTY {
                    Self::Few(count)
                } else {
                    Self::Plenty(count)
                }
            }
        }
    }

    /// The name that styles know it by.
    #[must_use]
    pub const fn style(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::None => "none",
            Self::Few(_) => "few",
            Self::Plenty(_) => "plenty",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_says_what_was_counted() {
        assert_eq!(Stock::of(None), Stock::Unknown);
        assert_eq!(Stock::of(Some(-2)), Stock::None);
        assert_eq!(Stock::of(Some(3)), Stock::Few(3));
        assert_eq!(Stock::of(Some(4)), Stock::Plenty(4));
    }
}
