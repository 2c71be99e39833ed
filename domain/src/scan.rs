//! What a bar code scanner types: told apart from a person by its timing, and routed by what it says.

use crate::gtin::Gtin;
use crate::ids::CardNumber;
use serde::{Deserialize, Serialize};

/// What a scan turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Scan {
    /// An item's number, from EAN / UPC, GS1 element strings or a GS1 Digital Link.
    Item {
        /// Its GTIN.
        gtin: Gtin,
    },
    /// A loyalty card: `AISLE-CARD:<number>` in a QR code, or a number with a card's prefix.
    Card {
        /// Its number.
        card: CardNumber,
    },
    /// Nothing that Aisle knows; shown as it is.
    Unknown {
        /// What was read, at most 200 characters.
        text: String,
    },
}
