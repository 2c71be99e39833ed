//! What an item is like, as far as recommendations care.

use crate::names::Names;
use domain::item::Item;

/// Stands for "none" where a name's number is expected.
pub(crate) const NONE: u32 = u32::MAX;

/// The traits of an item, with numbers for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traits {
    pub(crate) department: u32,
    pub(crate) category: u32,
    pub(crate) style: u32,
    /// Bought again when used up.
    pub(crate) replenishable: bool,
}

impl Default for Traits {
    fn default() -> Self {
        Self {
            department: NONE,
            category: NONE,
            style: NONE,
            replenishable: false,
        }
    }
}

/// The number of an item's category. Two departments may use one word for different things, so the
/// department is part of the name.
pub(crate) fn intern_category(categories: &mut Names<String>, item: &Item) -> u32 {
    if item.category.is_empty() {
        return NONE;
    }
    categories.intern(&format!("{}#{}", item.department, item.category))
}
