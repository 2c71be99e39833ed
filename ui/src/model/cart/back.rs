//! Goods that come back: which pieces, and what is given back for them. The sum is the domain's, so that the screen
//! shows what the cloud will give.

use domain::api::device::OrderPage;
use domain::cart::{LineTotal, refund};
use domain::ids::{LineId, RefundId};
use domain::money::Money;
use std::collections::BTreeMap;

/// What a refund is planned under before it has an id.
const PLAN: &str = "plan";

/// Pieces of lines that somebody brings back.
pub type Pieces = BTreeMap<LineId, u32>;

/// How many pieces of a line can still come back.
#[must_use]
pub fn left(page: &OrderPage, line: &LineTotal) -> u32 {
    let returned = page.settlement.returned(&line.line_id);
    line.quantity.saturating_sub(returned)
}

/// Whether nothing of the order is out any more.
#[must_use]
pub fn all_back(page: &OrderPage) -> bool {
    let lines = &page.order.totals.lines;
    lines.iter().all(|line| left(page, line) == 0)
}

/// The pieces with one more or one fewer of a line, within what can come back.
pub fn step(pieces: &mut Pieces, line: &LineId, more: bool, left: u32) {
    let now = pieces.get(line).copied().unwrap_or_default();
    let next = if more {
        now.saturating_add(1).min(left)
    } else {
        now.saturating_sub(1)
    };
    if next == 0 {
        pieces.remove(line);
    } else {
        pieces.insert(line.clone(), next);
    }
}

/// What is given back for these pieces; `None` for none.
#[must_use]
pub fn given_back(page: &OrderPage, pieces: &Pieces) -> Option<Money> {
    let id = RefundId::parse(PLAN).ok()?;
    let (planned, _) = refund(&page.order, &page.settlement, &id, pieces).ok()?;
    Some(planned.total)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::cart::line;
    use serde_json::json;

    /// The order of [`line::tests::page`].
    pub(crate) fn order() -> OrderPage {
        let page = line::tests::page();
        let total = json!({"minor": 15_300, "currency": "EUR"});
        serde_json::from_value(json!({
            "order": {"id": "o-1", "cart": "k-1", "generation": 1, "receipt": "1-003-20261123-000042", "store": "1",
                "channel": "tablet", "placed_at": "2026-11-23T10:00:00Z", "totals": page.totals, "payment": "p-1",
                "capture": {"amount": total, "reference": "r-1", "brand": "visa", "last_four": "4711"}},
            "items": page.items, "settlement": {"refunds": []},
            "store": {"id": "1", "name": "Fleetkant", "country": "DE", "locale": "de", "zone": "Europe/Berlin",
                "currency": "EUR"},
            "state": "sent"}))
        .unwrap()
    }

    #[test]
    fn no_more_comes_back_than_was_sold() {
        let page = order();
        let boots = page.order.totals.lines.first().unwrap();
        let mut pieces = Pieces::new();
        for _ in 0..5 {
            step(&mut pieces, &boots.line_id, true, left(&page, boots));
        }
        assert_eq!(pieces.get(&boots.line_id), Some(&2));
        assert_eq!(given_back(&page, &pieces).unwrap().minor, 14_400);
        step(&mut pieces, &boots.line_id, false, 2);
        assert_eq!(given_back(&page, &pieces).unwrap().minor, 7_200);
        step(&mut pieces, &boots.line_id, false, 2);
        assert!(pieces.is_empty());
        assert_eq!(given_back(&page, &pieces), None);
        assert!(!all_back(&page));
    }

    #[test]
    fn what_came_back_is_back() {
        let mut page = order();
        let lines = page.order.totals.lines.clone();
        let pieces: Pieces = lines
            .iter()
            .map(|l| (l.line_id.clone(), l.quantity))
            .collect();
        let id = RefundId::parse("r").unwrap();
        let (_, settled) = refund(&page.order, &page.settlement, &id, &pieces).unwrap();
        page.settlement = settled;
        assert!(all_back(&page));
        assert_eq!(left(&page, lines.first().unwrap()), 0);
    }
}
