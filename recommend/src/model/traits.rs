//! What an item is like, as far as recommendations care.

use crate::names::Names;
use domain::ids::{DepartmentId, Sku, StyleId};
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
pub(crate) fn intern_category(categories: &mut Names<String>, item: &Description<'_>) -> u32 {
    if item.category.is_empty() {
        return NONE;
    }
    categories.intern(&category_name(item))
}

/// The name of an item's category among those of all departments.
pub(crate) fn category_name(item: &Description<'_>) -> String {
    format!("{}#{}", item.department, item.category)
}

/// What a model keeps of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Description<'a> {
    pub(crate) sku: &'a Sku,
    pub(crate) department: &'a DepartmentId,
    pub(crate) style: Option<&'a StyleId>,
    pub(crate) category: &'a str,
    pub(crate) replenishable: bool,
}

impl<'a> Description<'a> {
    pub(crate) fn of(item: &'a Item) -> Self {
        Self {
            sku: &item.sku,
            department: &item.department,
            style: item.style.as_ref(),
            category: &item.category,
            replenishable: item.replenishable,
        }
    }
}
