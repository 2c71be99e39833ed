//! Lines of a cart with their items: what clicks tell.

use crate::shop::catalogue::Catalogue;
use domain::api::content::ItemView;
use domain::cart::Line;

/// A line with its item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Priced {
    /// The item.
    pub(crate) view: ItemView,
    /// How many.
    pub(crate) pieces: u32,
}

/// The lines whose items the catalogue has.
pub(crate) fn priced(lines: &[Line], catalogue: &Catalogue) -> Vec<Priced> {
    let one = |line: &Line| {
        let view = catalogue.find(&line.sku)?.clone();
        let pieces = line.quantity();
        Some(Priced { view, pieces })
    };
    lines.iter().filter_map(one).collect()
}
