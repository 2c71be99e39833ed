//! Money: `i64` minor units with the exponent of the currency (ISO 4217). Never a float.

use serde::{Deserialize, Serialize};

/// Currencies whose exponent is not 2 (ISO 4217, list one), as `(code, exponent)`.
const OTHER_EXPONENTS: [(&str, u8); 24] = [
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
];

/// Currencies with two decimals that Aisle accepts.
const TWO_DECIMALS: &str = "AED ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP \
    BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ \
    GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK \
    MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR \
    SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS \
    VED VES WST XCD XPF YER ZAR ZMW";

/// An ISO 4217 currency.
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
#[schema(value_type = String, example = "EUR")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");
    /// The pound sterling.
    pub const GBP: Self = Self(*b"GBP");
    /// The US dollar.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit: 0, 2, 3 or 4.
    #[must_use]
    pub fn exponent(self) -> u8 {
        OTHER_EXPONENTS
            .iter()
            .find(|(code, _)| *code == self.code())
            .map_or(2, |(_, exponent)| *exponent)
    }
}

impl std::str::FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let unknown = || MoneyError::UnknownCurrency(text.chars().take(12).collect());
        let code: [u8; 3] = text
            .trim()
            .to_ascii_uppercase()
            .as_bytes()
            .try_into()
            .map_err(|_| unknown())?;
        let currency = Self(code);
        let known = OTHER_EXPONENTS
            .iter()
            .any(|(other, _)| *other == currency.code())
            || TWO_DECIMALS
                .split_ascii_whitespace()
                .any(|two| two == currency.code());
        if known { Ok(currency) } else { Err(unknown()) }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// Why a text or a sum is not money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number.
    #[error("`{0}` is not an amount")]
    NotANumber(String),
    /// More decimals than the currency has.
    #[error("`{0}` has more decimals than {1} has")]
    TooPrecise(String, Currency),
    /// Outside what an `i64` of minor units holds.
    #[error("the amount is too large")]
    Overflow,
    /// Not in ISO 4217.
    #[error("`{0}` is not a currency of ISO 4217")]
    UnknownCurrency(String),
    /// Two currencies in one sum.
    #[error("{0} and {1} cannot be added")]
    MixedCurrencies(Currency, Currency),
}

/// An amount in minor units of its currency; negative for what is paid back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    /// Minor units: cents where the exponent is 2.
    pub minor: i64,
    /// The currency of [`Money::minor`].
    pub currency: Currency,
}

impl Money {
    /// An amount of `minor` units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads a decimal such as `12.90`, exactly: trailing zeros beyond the exponent are accepted, other
    /// digits there are [`MoneyError::TooPrecise`].
    pub fn parse_decimal(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let not_a_number = || MoneyError::NotANumber(text.chars().take(24).collect());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction)
        {
            return Err(not_a_number());
        }
        let exponent = usize::from(currency.exponent());
        let kept = fraction
            .get(..exponent.min(fraction.len()))
            .unwrap_or(fraction);
        if fraction
            .get(kept.len()..)
            .is_some_and(|rest| rest.bytes().any(|b| b != b'0'))
        {
            return Err(MoneyError::TooPrecise(
                trimmed.chars().take(24).collect(),
                currency,
            ));
        }
        let minor = format!("{whole}{kept:0<exponent$}")
            .parse::<i64>()
            .map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(if negative { -minor } else { minor }, currency))
    }

    /// Adds two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The amount `quantity` times.
    pub fn checked_mul(self, quantity: i64) -> Result<Self, MoneyError> {
        self.minor
            .checked_mul(quantity)
            .map(|minor| Self::new(minor, self.currency))
            .ok_or(MoneyError::Overflow)
    }

    /// Splits the amount by `weights`, to the last minor unit: what rounding leaves over goes one unit each to
    /// the first parts (largest weights are not preferred: the order is the caller's). Parts add up to the whole.
    /// Where all weights are zero, the first part takes everything; no weights give no parts.
    #[must_use]
    pub fn allocate(self, weights: &[u32]) -> Vec<Self> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total == 0 {
            let rest = weights.len().saturating_sub(1);
            let first = (!weights.is_empty()).then_some(self);
            return first
                .into_iter()
                .chain(std::iter::repeat_n(Self::zero(self.currency), rest))
                .collect();
        }
        let whole = i128::from(self.minor);
        let share = |weight: &u32| whole * i128::from(*weight) / total;
        let mut left = whole - weights.iter().map(share).sum::<i128>();
        let unit = left.signum();
        let part = |weight: &u32| {
            let extra = if left != 0 && *weight > 0 { unit } else { 0 };
            left -= extra;
            Self::new(
                i64::try_from(share(weight) + extra).unwrap_or(i64::MAX),
                self.currency,
            )
        };
        weights.iter().map(part).collect()
    }

    /// The amount as a plain decimal without the currency: `12.90`.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let exponent = usize::from(self.currency.exponent());
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!(
            "{:0>width$}",
            self.minor.unsigned_abs(),
            width = exponent + 1
        );
        let (whole, fraction) = digits.split_at(digits.len() - exponent);
        if exponent == 0 {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decimal_keeps_every_minor_unit() {
        let jpy: Currency = "JPY".parse().unwrap();
        let kwd: Currency = "kwd".parse().unwrap();
        assert_eq!(
            Money::parse_decimal("12.9", Currency::EUR).unwrap().minor,
            1290
        );
        assert_eq!(
            Money::parse_decimal("-0.05", Currency::EUR).unwrap().minor,
            -5
        );
        assert_eq!(
            Money::parse_decimal("1500", jpy).unwrap().to_decimal(),
            "1500"
        );
        assert_eq!(
            Money::parse_decimal("1.234", kwd).unwrap().to_decimal(),
            "1.234"
        );
        assert!(matches!(
            Money::parse_decimal("1.005", Currency::EUR),
            Err(MoneyError::TooPrecise(..))
        ));
        assert!(matches!(
            Money::parse_decimal("1,5", Currency::EUR),
            Err(MoneyError::NotANumber(_))
        ));
        assert!(matches!(
            "EUX".parse::<Currency>(),
            Err(MoneyError::UnknownCurrency(_))
        ));
    }

    proptest! {
        #[test]
        fn allocation_conserves_money(minor in -1_000_000_000_i64..1_000_000_000, weights in prop::collection::vec(0_u32..1000, 1..20)) {
            let parts = Money::new(minor, Currency::EUR).allocate(&weights);
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(parts.iter().map(|p| p.minor).sum::<i64>(), minor);
        }

        #[test]
        fn a_printed_amount_reads_back(minor in any::<i64>().prop_filter("has a negation", |m| *m != i64::MIN)) {
            for code in ["EUR", "JPY", "KWD", "CLF"] {
                let money = Money::new(minor, code.parse().unwrap());
                prop_assert_eq!(Money::parse_decimal(&money.to_decimal(), money.currency).unwrap(), money);
            }
        }
    }
}
