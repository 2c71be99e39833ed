//! Prices that moved since they were shown: she agrees to each line before she pays.

use domain::cart::{LinePrice, PriceChange};
use domain::ids::LineId;
use std::collections::BTreeSet;

/// What was agreed to so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// What changed.
    pub changes: Vec<PriceChange>,
    /// The version of the cart that it was compared with.
    pub version: u64,
    agreed: BTreeSet<LineId>,
}

impl Agreement {
    /// Nothing is agreed to yet.
    #[must_use]
    pub const fn new(changes: Vec<PriceChange>, version: u64) -> Self {
        let agreed = BTreeSet::new();
        Self {
            changes,
            version,
            agreed,
        }
    }

    /// She agrees to a line, or takes that back.
    pub fn set(&mut self, line: &LineId, agrees: bool) {
        if agrees {
            self.agreed.insert(line.clone());
        } else {
            self.agreed.remove(line);
        }
    }

    /// Whether she agreed to a line.
    #[must_use]
    pub fn has(&self, line: &LineId) -> bool {
        self.agreed.contains(line)
    }

    /// The prices to confirm, once she agreed to each; `None` before, and where something is not sold any more.
    #[must_use]
    pub fn prices(&self) -> Option<Vec<LinePrice>> {
        let price = |change: &PriceChange| {
            let agreed = self.has(&change.line_id);
            let price = change.now.clone().filter(|_| agreed)?;
            let line_id = change.line_id.clone();
            Some(LinePrice { line_id, price })
        };
        self.changes.iter().map(price).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(line: &str, sold: bool) -> PriceChange {
        let price = json!({"unit": {"minor": 990, "currency": "EUR"}, "version": 2,
            "source": {"type": "list", "list": "default"}});
        serde_json::from_value(
            json!({"line_id": line, "sku": "mug", "was": {"minor": 900, "currency": "EUR"},
            "now": sold.then_some(price), "reason": if sold { "moved" } else { "not_sold" }}),
        )
        .unwrap()
    }

    #[test]
    fn nothing_is_confirmed_before_every_line_is() {
        let mut agreement = Agreement::new(vec![change("l-1", true), change("l-2", true)], 4);
        let (first, second) = (LineId::parse("l-1").unwrap(), LineId::parse("l-2").unwrap());
        agreement.set(&first, true);
        assert_eq!(agreement.prices(), None);
        agreement.set(&second, true);
        assert_eq!(agreement.prices().unwrap().len(), 2);
        agreement.set(&first, false);
        assert_eq!(agreement.prices(), None);
    }

    #[test]
    fn what_is_not_sold_any_more_cannot_be_agreed_to() {
        let mut agreement = Agreement::new(vec![change("l-1", false)], 4);
        agreement.set(&LineId::parse("l-1").unwrap(), true);
        assert_eq!(agreement.prices(), None);
    }
}
