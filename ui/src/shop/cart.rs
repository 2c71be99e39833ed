//! The demo shop's cart: kept in the browser, priced by the catalogue.

use crate::shop::catalogue::Catalogue;
use domain::api::content::ItemView;
use domain::ids::Sku;
use domain::money::Money;
use serde::{Deserialize, Serialize};

/// The most different items.
const LINES_MAX: usize = 50;
/// The most pieces of one item.
const PIECES_MAX: u32 = 20;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    /// What.
    pub(crate) sku: Sku,
    /// How many.
    pub(crate) pieces: u32,
}

/// The cart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Cart(Vec<Line>);

/// A line with its item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Priced {
    /// The item.
    pub(crate) view: ItemView,
    /// How many.
    pub(crate) pieces: u32,
}

impl Cart {
    /// Reads what was kept; anything else is an empty cart.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What to keep.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// One piece more. Gives whether there was room.
    pub(crate) fn add(&mut self, sku: &Sku) -> bool {
        let room = self.0.len() < LINES_MAX;
        match self.0.iter_mut().find(|line| &line.sku == sku) {
            Some(line) if line.pieces < PIECES_MAX => line.pieces += 1,
            None if room => self.0.push(Line {
                sku: sku.clone(),
                pieces: 1,
            }),
            _ => return false,
        }
        true
    }

    /// One piece less; the last takes the line with it.
    pub(crate) fn remove(&mut self, sku: &Sku) {
        for line in &mut self.0 {
            if &line.sku == sku {
                line.pieces = line.pieces.saturating_sub(1);
            }
        }
        self.0.retain(|line| line.pieces > 0);
    }

    /// Pieces of an item.
    pub(crate) fn pieces_of(&self, sku: &Sku) -> u32 {
        self.0
            .iter()
            .find(|line| &line.sku == sku)
            .map_or(0, |line| line.pieces)
    }

    /// All pieces.
    pub(crate) fn pieces(&self) -> u32 {
        self.0
            .iter()
            .fold(0, |sum, line| sum.saturating_add(line.pieces))
    }

    /// The lines whose items the catalogue still has.
    pub(crate) fn priced(&self, catalogue: &Catalogue) -> Vec<Priced> {
        let priced = |line: &Line| {
            Some(Priced {
                view: catalogue.find(&line.sku)?.clone(),
                pieces: line.pieces,
            })
        };
        self.0.iter().filter_map(priced).collect()
    }
}

/// The sum; `None` where nothing has a price, or prices are in several currencies.
pub(crate) fn total(lines: &[Priced]) -> Option<Money> {
    let mut total: Option<Money> = None;
    for line in lines {
        let Some(price) = &line.view.price else {
            continue;
        };
        let amount = price.amount.checked_mul(i64::from(line.pieces)).ok()?;
        total = Some(match total {
            None => amount,
            Some(sum) => sum.checked_add(amount).ok()?,
        });
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sku(text: &str) -> Sku {
        Sku::parse(text).unwrap()
    }

    #[test]
    fn pieces_come_and_go() {
        let mut cart = Cart::default();
        assert!(cart.add(&sku("a")) && cart.add(&sku("a")) && cart.add(&sku("b")));
        assert_eq!((cart.pieces(), cart.pieces_of(&sku("a"))), (3, 2));
        cart.remove(&sku("b"));
        cart.remove(&sku("c"));
        assert_eq!(Cart::read(&cart.write()), cart);
        assert_eq!(cart.pieces(), 2);
    }

    #[test]
    fn it_is_bounded_and_survives_nonsense() {
        let mut cart = Cart::default();
        (0..PIECES_MAX).for_each(|_| assert!(cart.add(&sku("a"))));
        assert!(!cart.add(&sku("a")));
        (1..LINES_MAX).for_each(|n| assert!(cart.add(&sku(&format!("s{n}")))));
        assert!(!cart.add(&sku("one too many")));
        assert_eq!(Cart::read("{]"), Cart::default());
    }

    #[test]
    fn the_sum_is_of_what_has_a_price() {
        let mut catalogue = Catalogue::default();
        let item = |sku: &str, price: serde_json::Value| {
            serde_json::from_value(serde_json::json!({
                "item": {"sku": sku, "title": sku, "department": "home"}, "price": price, "on_hand": 1}))
            .unwrap()
        };
        let price = serde_json::json!({"sku": "a", "amount": {"minor": 1290, "currency": "EUR"}, "valid_from": "2026-01-01T00:00:00Z"});
        catalogue.add(vec![item("a", price), item("b", serde_json::Value::Null)]);
        let mut cart = Cart::default();
        for name in ["a", "a", "b", "gone"] {
            cart.add(&sku(name));
        }
        let lines = cart.priced(&catalogue);
        assert_eq!(lines.len(), 2);
        assert_eq!(total(&lines).map(|money| money.minor), Some(2_580));
        assert_eq!(total(&[]), None);
    }
}
