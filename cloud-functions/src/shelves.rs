//! Shelves of a page: recommendations dressed with what a screen shows of an item.

use crate::memory::Shown;
use chrono::{DateTime, Utc};
use domain::api::content::{Shelf, ShelfItem, ShelfKind};
use domain::ids::{Sku, StoreId};
use domain::recommendation::Recommendation;
use recommend::{Filters, Model, Person};
use std::collections::BTreeSet;

/// Items on a shelf of a page.
pub const SHELF_ITEMS: usize = 12;
/// Departments of hers that get a shelf of their own.
const DEPARTMENT_SHELVES: usize = 2;

/// What pages are assembled from, at one moment in one store.
#[derive(Clone, Copy)]
pub struct Assembly<'a> {
    /// The catalogue.
    pub shown: &'a Shown,
    /// The recommender.
    pub model: &'a Model,
    /// Where.
    pub store: &'a StoreId,
    /// When.
    pub now: DateTime<Utc>,
}

impl Assembly<'_> {
    /// Whether an item can be had here.
    #[must_use]
    pub fn in_stock(&self, sku: &Sku) -> bool {
        self.shown
            .on_hand(sku, self.store)
            .is_some_and(|pieces| pieces > 0)
    }

    /// A home page: for her, then the departments that she likes. Who is not known gets what is popular. No item comes
    /// twice.
    #[must_use]
    pub fn home(&self, person: &Person<'_>) -> Vec<Shelf> {
        let taste = person.taste(self.now);
        let first = if taste.is_unknown() {
            ShelfKind::Popular
        } else {
            ShelfKind::ForYou
        };
        let departments = taste.departments.into_iter().take(DEPARTMENT_SHELVES);
        let wanted = std::iter::once((first, None)).chain(departments.map(|department| {
            (
                ShelfKind::Department {
                    department: department.clone(),
                },
                Some(department),
            )
        }));
        let mut placed = BTreeSet::new();
        let mut shelves = Vec::new();
        for (kind, department) in wanted {
            let available = |sku: &Sku| self.in_stock(sku) && !placed.contains(sku);
            let items =
                self.model
                    .for_person(person, department, &available, self.now, SHELF_ITEMS);
            placed.extend(items.iter().map(|item| item.sku.clone()));
            shelves.extend(self.shelf(kind, items));
        }
        shelves
    }

    /// The shelves beside an item.
    #[must_use]
    pub fn beside(&self, sku: &Sku) -> Vec<Shelf> {
        let available = |sku: &Sku| self.in_stock(sku);
        let filters = Filters {
            available: &available,
            ..Filters::default()
        };
        let together = self
            .model
            .bought_together(std::slice::from_ref(sku), &filters, SHELF_ITEMS);
        let similar = self.model.similar(sku, &filters, SHELF_ITEMS);
        let shelves = [
            (ShelfKind::BoughtTogether, together),
            (ShelfKind::Similar, similar),
        ];
        shelves
            .into_iter()
            .filter_map(|(kind, items)| self.shelf(kind, items))
            .collect()
    }

    /// A shelf of what is still in the catalogue; none where nothing is.
    fn shelf(&self, kind: ShelfKind, items: Vec<Recommendation>) -> Option<Shelf> {
        let dress = |recommendation: Recommendation| {
            let view = self.shown.view(&recommendation.sku, self.store, self.now)?;
            let because_title = recommendation
                .reason
                .names()
                .and_then(|sku| self.shown.title(sku))
                .map(str::to_owned);
            Some(ShelfItem {
                view,
                recommendation,
                because_title,
            })
        };
        let items: Vec<ShelfItem> = items.into_iter().filter_map(dress).collect();
        (!items.is_empty()).then_some(Shelf { kind, items })
    }
}
