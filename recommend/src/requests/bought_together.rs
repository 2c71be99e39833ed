//! Bought together: what goes with an item or with a whole cart.

use super::filters::{Admission, Filters};
use super::shelf;
use crate::model::Model;
use crate::sessions::Reach;
use domain::ids::Sku;
use domain::recommendation::{Reason, Recommendation};

/// A cart's newest items count; see [`crate::sessions::REQUEST_ITEMS_MAX`].
const REACH: Reach = Reach {
    candidates: 500,
    neighbours: 500,
    items: 32,
};

impl Model {
    /// What people bought in one basket with `skus` (newest first), best first. Empty where no basket
    /// has any of them: nothing is made up.
    #[must_use]
    pub fn bought_together(
        &self,
        skus: &[Sku],
        filters: &Filters<'_>,
        limit: usize,
    ) -> Vec<Recommendation> {
        let items = self.numbers(skus);
        let admission = Admission::new(self, filters, Vec::new(), items.clone());
        let companions = self.baskets.companions(&items, REACH);
        let ranked = shelf::admitted(companions.companion_items(), &admission);
        let shelf = shelf::mixed(self, &ranked, admission.diversity(), limit);
        let shown: Vec<u32> = shelf.iter().map(|scored| scored.item).collect();
        let because = companions.because(&shown).into_iter();
        let reasons = because.map(|because| {
            Some(Reason::BoughtWith {
                sku: self.skus.name(because?)?.clone(),
            })
        });
        shelf::explained(self, &shelf, reasons.collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests may panic")]
    use super::*;
    use crate::requests::fixtures::*;

    #[test]
    fn a_basket_names_the_item_that_speaks_most() {
        let answer = store().bought_together(&skus("lamp milk"), &Filters::default(), 5);
        assert_eq!(answer[0].sku, sku("coffee"));
        assert_eq!(answer[0].reason, Reason::BoughtWith { sku: sku("milk") });
        assert_eq!(shown(&answer), ["coffee", "tea"]);
    }

    #[test]
    fn nothing_is_made_up() {
        assert!(
            store()
                .bought_together(&skus("rug"), &Filters::default(), 5)
                .is_empty()
        );
        assert!(
            store()
                .bought_together(&skus("nope"), &Filters::default(), 5)
                .is_empty()
        );
        assert!(
            store()
                .bought_together(&[], &Filters::default(), 5)
                .is_empty()
        );
    }

    #[test]
    fn an_order_counts_in_the_next_request() {
        let mut model = store();
        let before = model.version();
        assert!(model.append_basket(&skus("rug stove")));
        assert_eq!(
            shown(&model.bought_together(&skus("rug"), &Filters::default(), 5)),
            ["stove"]
        );
        assert_ne!(model.version(), before);
        assert!(!model.append_basket(&skus("rug nope")));
    }
}
