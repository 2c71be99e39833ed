//! The search of people: what was typed, what was found, and which row Enter opens.

use crate::asking;
use crate::load::Load;
use crate::percent;
use domain::api::device::{Aged, CustomerHits, SearchCustomers};
use domain::ids::CustomerId;
use leptos::prelude::*;

/// Rows that a search shows.
const HITS_MAX: usize = 30;

/// The search; a copy is cheap.
#[derive(Clone, Copy)]
pub(crate) struct Finder {
    /// What was typed.
    pub(crate) query: RwSignal<String>,
    /// What was found.
    pub(crate) load: RwSignal<Load<Aged<CustomerHits>>>,
    /// The row that Enter opens: the one that the arrow keys went to for as long as it is there, else the first.
    pub(crate) marked: Memo<Option<CustomerId>>,
    /// Whether an answer is on its way.
    pub(crate) busy: Memo<bool>,
    /// What the rows that are shown were found by.
    pub(crate) answered: Memo<String>,
    chosen: RwSignal<Option<CustomerId>>,
    /// Enter was pressed before the answer was here.
    opening: RwSignal<bool>,
}

impl Finder {
    /// Asks nothing yet.
    pub(crate) fn new() -> Self {
        let query = RwSignal::new(String::new());
        let load: RwSignal<Load<Aged<CustomerHits>>> = RwSignal::new(Load::default());
        let chosen = RwSignal::new(None);
        Self {
            query,
            load,
            marked: Memo::new(move |_| load.with(|load| marked(load, chosen.get()))),
            busy: Memo::new(move |_| load.with(Load::is_waiting)),
            answered: asking::answered(load, query),
            chosen,
            opening: RwSignal::new(false),
        }
    }

    /// Searches for what was typed.
    pub(crate) fn search(self) {
        let Some(query) = self.query.try_get_untracked() else {
            return;
        };
        let limit = HITS_MAX;
        asking::ask(self.load, SearchCustomers { query, limit });
    }

    /// Something else was typed.
    pub(crate) fn retype(self, text: String) {
        self.opening.set(false);
        self.chosen.set(None);
        self.query.set(text);
        self.search();
    }

    /// Marks a row.
    pub(crate) fn mark(self, customer: CustomerId) {
        self.chosen.set(Some(customer));
    }

    /// The arrow keys.
    pub(crate) fn step(self, down: bool) {
        let marked = self.marked.get_untracked();
        let next = self.load.with_untracked(|load| {
            let hits = &load.ready()?.value.hits;
            let at = hits
                .iter()
                .position(|hit| Some(&hit.id) == marked.as_ref())?;
            let next = if down {
                at.checked_add(1)?
            } else {
                at.checked_sub(1)?
            };
            Some(hits.get(next)?.id.clone())
        });
        if let Some(next) = next {
            self.mark(next);
        }
    }

    /// Enter: opens the marked row, of what was typed last and nothing older.
    pub(crate) fn enter(self) {
        self.opening.set(true);
    }

    /// Calls `open` whenever Enter has found whom to open.
    pub(crate) fn when_found(self, open: impl Fn(CustomerId) + 'static) {
        Effect::new(move |_| {
            if !self.opening.get() || self.busy.get() {
                return;
            }
            self.opening.set(false);
            let settled = self.load.with_untracked(Load::is_settled);
            if let Some(customer) = self.marked.get_untracked().filter(|_| settled) {
                open(customer);
            }
        });
    }
}

fn marked(load: &Load<Aged<CustomerHits>>, chosen: Option<CustomerId>) -> Option<CustomerId> {
    let hits = &load.ready()?.value.hits;
    let chosen = chosen.filter(|chosen| hits.iter().any(|hit| &hit.id == chosen));
    chosen.or_else(|| Some(hits.first()?.id.clone()))
}

/// The name of a row's element.
#[must_use]
pub(crate) fn row_id(customer: &CustomerId) -> String {
    format!("hit-{}", percent::encode(customer.as_str()))
}
