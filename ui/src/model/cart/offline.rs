//! What may be sold while there is no network: only what was allotted to this device.

use crate::model::cart::line;
use domain::api::device::CartPage;

/// An item of which there is not enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Its title.
    pub title: String,
    /// Pieces in the cart.
    pub wanted: u64,
    /// Pieces that may be sold.
    pub allotted: u64,
}

/// What keeps a cart from being sold here and now; empty where nothing does.
#[must_use]
pub fn short(page: &CartPage) -> Vec<Short> {
    let goods = page.cart.goods().into_iter();
    let lacks = goods.filter_map(|(sku, wanted)| {
        let allotted = page.allotted.get(&sku).copied().unwrap_or_default();
        let title = line::title(page, &sku);
        (wanted > allotted).then_some(Short {
            title,
            wanted,
            allotted,
        })
    });
    lacks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_allotted_cannot_be_sold() {
        let mut page = line::tests::page();
        let lacks = short(&page);
        let boots = Short {
            title: "Boots".into(),
            wanted: 2,
            allotted: 0,
        };
        assert_eq!(lacks, [boots]);
        let sku = page.cart.lines.first().unwrap().sku.clone();
        page.allotted.insert(sku, 2);
        assert!(short(&page).is_empty());
    }
}
