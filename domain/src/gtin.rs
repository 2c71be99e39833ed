//! Global Trade Item Numbers (GS1 General Specifications, section 3 and 7.9).

use serde::{Deserialize, Serialize};

/// A GTIN in its 14-digit form with a correct check digit.
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
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, example = "04006381333931")]
pub struct Gtin(u64);

/// Why digits are not a GTIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GtinError {
    /// Not 8, 12, 13 or 14 digits.
    #[error("`{0}` is not 8, 12, 13 or 14 digits")]
    Shape(String),
    /// The last digit is not the one that the others give.
    #[error("`{0}` has a wrong check digit")]
    CheckDigit(String),
}

impl Gtin {
    /// Reads GTIN-8, -12 (UPC-A), -13 (EAN) or -14.
    pub fn parse(text: &str) -> Result<Self, GtinError> {
        let text = text.trim();
        let shown = || text.chars().take(20).collect::<String>();
        if !matches!(text.len(), 8 | 12..=14) || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(GtinError::Shape(shown()));
        }
        let number: u64 = text.parse().map_err(|_| GtinError::Shape(shown()))?;
        if check_digit(number / 10) == number % 10 {
            Ok(Self(number))
        } else {
            Err(GtinError::CheckDigit(shown()))
        }
    }

    /// Whether the number is for use inside a store only (prefixes 02 and 20-29): a weight or price may be in it.
    #[must_use]
    pub fn is_in_store(self) -> bool {
        let prefix = self.0 / 100_000_000_000 % 100;
        self.0 < 10_000_000_000_000 && (prefix == 2 || (20..=29).contains(&prefix))
    }
}

/// The check digit for the digits before it: weights 3, 1, 3 … from the right.
#[must_use]
pub fn check_digit(mut body: u64) -> u64 {
    let (mut sum, mut weight) = (0, 3);
    while body > 0 {
        sum += body % 10 * weight;
        weight = 4 - weight;
        body /= 10;
    }
    (10 - sum % 10) % 10
}

impl std::fmt::Display for Gtin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl std::str::FromStr for Gtin {
    type Err = GtinError;
    fn from_str(text: &str) -> Result<Self, GtinError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Gtin {
    type Error = GtinError;
    fn try_from(text: String) -> Result<Self, GtinError> {
        Self::parse(&text)
    }
}

impl From<Gtin> for String {
    fn from(gtin: Gtin) -> Self {
        gtin.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths_become_fourteen_digits() {
        assert_eq!(
            Gtin::parse("4006381333931").unwrap().to_string(),
            "04006381333931"
        );
        assert_eq!(
            Gtin::parse("036000291452").unwrap().to_string(),
            "00036000291452"
        );
        assert_eq!(
            Gtin::parse("96385074").unwrap().to_string(),
            "00000096385074"
        );
        assert_eq!(
            Gtin::parse("4006381333932"),
            Err(GtinError::CheckDigit("4006381333932".into()))
        );
        assert!(matches!(Gtin::parse("12345"), Err(GtinError::Shape(_))));
    }

    #[test]
    fn in_store_numbers_are_told_apart() {
        assert!(Gtin::parse("2012345678903").unwrap().is_in_store());
        assert!(!Gtin::parse("4006381333931").unwrap().is_in_store());
    }
}
