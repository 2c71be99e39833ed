//! What a bar code scanner reads, routed by what it says: GS1 element strings, GS1 Digital Link, plain EAN and UPC,
//! loyalty cards (GS1 General Specifications 3 and 7.8; GS1 Digital Link URI Syntax 1.4).

use crate::gtin::Gtin;
use crate::ids::CardNumber;
use serde::{Deserialize, Serialize};

/// What stands before a card's number in a QR code.
pub const CARD_PREFIX: &str = "AISLE-CARD:";
/// Loyalty cards printed as EAN-13 begin with this prefix of the in-store range.
pub const CARD_EAN_PREFIX: &str = "29";
/// The longest text that is looked at, in bytes.
pub const MAX_SCAN_BYTES: usize = 2_048;
/// The separator that ends an element of variable length (FNC1 as the scanner types it).
const GROUP_SEPARATOR: char = '\u{1d}';

/// What a scan turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Scan {
    /// An item's number, from EAN / UPC, GS1 element strings or a GS1 Digital Link.
    Item {
        /// Its GTIN.
        gtin: Gtin,
    },
    /// A loyalty card.
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

/// Reads what a scanner typed.
#[must_use]
pub fn read_scan(typed: &str) -> Scan {
    let text =
        without_symbology(typed.trim_matches(|c: char| c.is_whitespace() && c != GROUP_SEPARATOR));
    if text.len() > MAX_SCAN_BYTES {
        return unknown(text);
    }
    if let Some(card) = read_card(text) {
        return Scan::Card { card };
    }
    let gtin = Gtin::parse(text)
        .ok()
        .or_else(|| from_digital_link(text))
        .or_else(|| from_elements(text));
    gtin.map_or_else(|| unknown(text), |gtin| Scan::Item { gtin })
}

fn unknown(text: &str) -> Scan {
    Scan::Unknown {
        text: text.chars().filter(|c| !c.is_control()).take(200).collect(),
    }
}

/// Drops an AIM symbology identifier (ISO/IEC 15424): `]` and two characters.
fn without_symbology(text: &str) -> &str {
    let identifier = text
        .strip_prefix(']')
        .and_then(|rest| rest.char_indices().nth(2));
    match identifier {
        Some((at, _)) => text.get(at + 1..).unwrap_or(text),
        None => text,
    }
}

fn read_card(text: &str) -> Option<CardNumber> {
    let printed =
        text.len() == 13 && text.starts_with(CARD_EAN_PREFIX) && Gtin::parse(text).is_ok();
    let number = if printed {
        text
    } else {
        text.strip_prefix(CARD_PREFIX)?
    };
    CardNumber::parse(number).ok()
}

/// `https://any.host/any/path/01/<gtin>/…`
fn from_digital_link(text: &str) -> Option<Gtin> {
    let path = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let path = path.split(['?', '#']).next()?;
    let mut segments = path.split('/').skip(1);
    segments
        .by_ref()
        .find(|segment| matches!(*segment, "01" | "gtin"))?;
    Gtin::parse(segments.next()?).ok()
}

/// Element strings with application identifiers, as typed or as printed with brackets: `(01)…(10)…`.
fn from_elements(text: &str) -> Option<Gtin> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(['(', GROUP_SEPARATOR]);
        let identifier = rest.get(..2)?;
        let after = rest.get(2..)?;
        let value = after.strip_prefix(')').unwrap_or(after);
        rest = match identifier {
            "01" => return Gtin::parse(value.get(..14)?).ok(),
            // Predefined lengths that may stand before the GTIN: SSCC, dates, variant.
            "00" => value.get(18..)?,
            "11" | "12" | "13" | "15" | "16" | "17" => value.get(6..)?,
            "20" => value.get(2..)?,
            // Variable length: lot, serial number. Ends at the separator or the next bracket.
            "10" | "21" | "22" => value.get(value.find([GROUP_SEPARATOR, '('])?..)?,
            // AI 414 and what Aisle has no use for end the search.
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gtin(text: &str) -> Scan {
        Scan::Item {
            gtin: Gtin::parse(text).unwrap(),
        }
    }

    #[test]
    fn the_same_item_in_every_symbol() {
        let item = gtin("4006381333931");
        for typed in [
            "4006381333931",
            "]E04006381333931",
            "]C10104006381333931",
            "]d201040063813339311725123110AB-1\u{1d}21X",
            "1725123110AB-1\u{1d}0104006381333931",
            "(01)04006381333931(10)AB",
            "(10)AB(01)04006381333931",
            "https://id.example.org/01/04006381333931/10/AB?17=251231",
        ] {
            assert_eq!(read_scan(typed), item, "{typed}");
        }
    }

    #[test]
    fn a_card_is_told_from_an_item() {
        let card = |number: &str| Scan::Card {
            card: CardNumber::parse(number).unwrap(),
        };
        assert_eq!(read_scan("AISLE-CARD:A-100"), card("A-100"));
        assert_eq!(read_scan("2900000000018"), card("2900000000018"));
    }

    #[test]
    fn what_is_not_known_is_shown_without_control_characters() {
        assert_eq!(
            read_scan("hello\u{7}"),
            Scan::Unknown {
                text: "hello".into()
            }
        );
        assert_eq!(
            read_scan("4006381333932"),
            Scan::Unknown {
                text: "4006381333932".into()
            }
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,300}") {
            let _ = read_scan(&text);
        }
    }
}
