//! What may not be shown, and how mixed a shelf has to be.

use crate::model::Model;
use crate::model::traits::NONE;
use domain::ids::{DepartmentId, Sku};
use std::collections::BTreeSet;

/// Rules for one answer. An item that the model's catalogue does not have is never shown.
#[derive(Clone)]
pub struct Filters<'a> {
    /// Had already: shown again only where the item is replenishable. Purchases of a
    /// [`Taste`](crate::Taste) count as owned without being listed here.
    pub owned: BTreeSet<Sku>,
    /// Never shown: just returned, dismissed, and the like.
    pub hidden: BTreeSet<Sku>,
    /// Whether an item can be had; asked for items in falling order of score until the shelf is full.
    pub available: &'a dyn Fn(&Sku) -> bool,
    /// Only this department.
    pub department: Option<DepartmentId>,
    /// How mixed the shelf has to be.
    pub diversity: Diversity,
    /// Whether what she looked at in this session may come again.
    pub revisit: Revisit,
}

impl Default for Filters<'_> {
    fn default() -> Self {
        Self {
            owned: BTreeSet::new(),
            hidden: BTreeSet::new(),
            available: &|_| true,
            department: None,
            diversity: Diversity::default(),
            revisit: Revisit::default(),
        }
    }
}

impl std::fmt::Debug for Filters<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Filters")
            .field("owned", &self.owned)
            .field("hidden", &self.hidden)
            .field("department", &self.department)
            .field("diversity", &self.diversity)
            .field("revisit", &self.revisit)
            .finish_non_exhaustive()
    }
}

/// The most items of one kind on a shelf; `None` is no limit. Held even where the shelf stays short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Diversity {
    /// Of one style, that is variants of one design.
    pub per_style: Option<u32>,
    /// Of one department.
    pub per_department: Option<u32>,
}

impl Default for Diversity {
    fn default() -> Self {
        Self {
            per_style: Some(1),
            per_department: None,
        }
    }
}

impl Diversity {
    /// Anything goes.
    pub const NONE: Self = Self {
        per_style: None,
        per_department: None,
    };
}

/// Whether items of the current session may be recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revisit {
    /// Not: she has just seen them.
    #[default]
    Hide,
    /// They may, as people often come back to what they looked at.
    Allow,
}

/// The filters in numbers, for one request.
pub(crate) struct Admission<'a> {
    model: &'a Model,
    filters: &'a Filters<'a>,
    /// Sorted.
    owned: Vec<u32>,
    /// Sorted.
    hidden: Vec<u32>,
    /// Designs that she has or sees already, where a shelf may not repeat designs. Sorted.
    taken_styles: Vec<u32>,
    /// `Err` when the department is none of the model's: nothing is admitted then.
    department: Result<Option<u32>, UnknownDepartment>,
}

struct UnknownDepartment;

impl<'a> Admission<'a> {
    /// `owned` and `hidden` come on top of those of `filters`.
    pub(crate) fn new(
        model: &'a Model,
        filters: &'a Filters<'a>,
        owned: Vec<u32>,
        hidden: Vec<u32>,
    ) -> Self {
        let with = |mut numbers: Vec<u32>, skus: &BTreeSet<Sku>| {
            numbers.extend(model.numbers(skus));
            numbers.sort_unstable();
            numbers
        };
        let department = match &filters.department {
            None => Ok(None),
            Some(id) => model
                .departments
                .number(id)
                .map(Some)
                .ok_or(UnknownDepartment),
        };
        let owned = with(owned, &filters.owned);
        let hidden = with(hidden, &filters.hidden);
        Self {
            model,
            filters,
            taken_styles: taken_styles(model, filters, &owned, &hidden),
            owned,
            hidden,
            department,
        }
    }

    /// Whether `item` may be shown. Asks the caller's closure last, which may be slow.
    pub(crate) fn admits(&self, item: u32) -> bool {
        let Some(sku) = self.model.skus.name(item) else {
            return false;
        };
        let traits = self.model.traits(item);
        let in_department = match self.department {
            Ok(None) => true,
            Ok(Some(department)) => traits.department == department,
            Err(UnknownDepartment) => false,
        };
        in_department
            && self.hidden.binary_search(&item).is_err()
            && self.taken_styles.binary_search(&traits.style).is_err()
            && (traits.replenishable || self.owned.binary_search(&item).is_err())
            && (self.filters.available)(sku)
    }

    pub(crate) fn diversity(&self) -> Diversity {
        self.filters.diversity
    }
}

/// Another size of what she looks at or has is no recommendation. What is used up is had for a while only.
fn taken_styles(model: &Model, filters: &Filters<'_>, owned: &[u32], hidden: &[u32]) -> Vec<u32> {
    if filters.diversity.per_style.is_none() {
        return Vec::new();
    }
    let kept = owned
        .iter()
        .map(|item| model.traits(*item))
        .filter(|traits| !traits.replenishable);
    let seen = hidden.iter().map(|item| model.traits(*item));
    let mut styles: Vec<u32> = kept
        .chain(seen)
        .map(|traits| traits.style)
        .filter(|style| *style != NONE)
        .collect();
    styles.sort_unstable();
    styles
}
