//! Typed ids, from one registry: an id of one thing cannot be passed where another is meant.
//!
//! On a wire each is a plain string of 1 to [`MAX_LEN`] visible characters. `#` is refused, because the
//! ledger joins ids into keys with it.

use serde::{Deserialize, Serialize};

/// The longest id that is accepted, in bytes.
pub const MAX_LEN: usize = 128;

/// Why a text is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Nothing, or only white space.
    #[error("is empty")]
    Empty,
    /// Over [`MAX_LEN`] bytes.
    #[error("is longer than {MAX_LEN} bytes")]
    TooLong,
    /// A control character, white space at an end, or `#`.
    #[error("has a character that ids may not have")]
    BadCharacter,
}

fn check(text: &str) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > MAX_LEN {
        return Err(IdError::TooLong);
    }
    if text.trim() != text || text.chars().any(|c| c.is_control() || c == '#') {
        return Err(IdError::BadCharacter);
    }
    Ok(())
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            /// Reads an id, refusing what [`IdError`] lists.
            pub fn parse(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The id that follows from `parts`: the same everywhere, another for every other `tag` or part. See
            /// [`crate::digest::derive`].
            #[must_use]
            pub fn derived(tag: &str, parts: &[&str]) -> Self {
                Self(crate::digest::derive(tag, parts))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

typed_ids! {
    /// An identified person who buys.
    CustomerId,
    /// Somebody on a web site or at a kiosk who has not said who she is: Segment's `anonymousId`.
    AnonymousId,
    /// A shop.
    StoreId,
    /// Stock keeping unit: the sellable variant.
    Sku,
    /// What variants of one design share: Google Merchant's `item_group_id`.
    StyleId,
    /// An order, sale or return.
    OrderId,
    /// A tablet or kiosk.
    DeviceId,
    /// Somebody who works in a store.
    AssociateId,
    /// One event, unique for its sender: Segment's `messageId`.
    MessageId,
    /// A note on a customer.
    NoteId,
    /// One command of a device: UUIDv7, made on the device.
    CommandId,
    /// A decision on recommendations, kept for a while.
    DecisionId,
    /// The number on a loyalty card.
    CardNumber,
    /// A department of the catalogue, as a slug: `outdoor`.
    DepartmentId,
    /// A cart, whichever channel it was begun on.
    CartId,
    /// A line of a cart: made on the device that adds it.
    LineId,
    /// A promotion.
    PromotionId,
    /// A list that prices are taken from: `default`.
    PriceListId,
    /// One attempt to pay one order: what a payment provider recognises a repeat by.
    PaymentKey,
    /// A refund of an order.
    RefundId,
    /// A handoff code, by what it may be found under.
    HandoffId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_refuses_what_would_break_a_key() {
        assert_eq!(Sku::parse(""), Err(IdError::Empty));
        assert_eq!(Sku::parse("a#b"), Err(IdError::BadCharacter));
        assert_eq!(Sku::parse(" a"), Err(IdError::BadCharacter));
        assert_eq!(Sku::parse("a\nb"), Err(IdError::BadCharacter));
        assert_eq!(Sku::parse("x".repeat(129)), Err(IdError::TooLong));
        assert!(Sku::parse("85123A").is_ok());
    }

    #[test]
    fn a_bad_id_on_the_wire_is_an_error() {
        assert!(serde_json::from_str::<CustomerId>("\"a#b\"").is_err());
        assert!(serde_json::from_str::<CustomerId>("\"c-1\"").is_ok());
    }
}
