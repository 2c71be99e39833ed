//! What the recommender learns, in one order for all: a log of lessons in the ledger, and bases to begin from.
//!
//! Whoever begins with a base and takes the lessons behind it, in their order, has the same model as everybody else, bit
//! for bit. A base is built anew from the lists of sessions and baskets from time to time; lessons that it knows from
//! there already change nothing when they are taken again. Nothing here says who somebody was.
//!
//! Keys: `R#model` / `HEAD`, `L#<seq, 20 digits>` lessons, `B#<seq, 20 digits>#<version>#…` bases.

mod base;
mod build;
mod log;
mod pupil;
mod recent;

pub use base::{BaseAt, Loaded};
pub use build::{build, is_due};
pub(crate) use build::{is_empty, load_or_build, recall};
pub use log::{AppendError, Head, append, list_after, read_head};
pub use pupil::Pupil;

use domain::ids::{OrderId, Sku};
use domain::item::Item;
use serde::{Deserialize, Serialize};

/// The partition of all of it.
const PARTITION: &str = "R#model";

/// Something to learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lesson {
    /// Somebody looked at an item.
    View {
        /// On which visit: the place of its first view in the event log.
        visit: u64,
        /// At what.
        sku: Sku,
    },
    /// Items were bought together.
    Basket {
        /// In which order.
        order: OrderId,
        /// What.
        skus: Vec<Sku>,
    },
    /// An item is new or has changed; without its texts, of which nothing is learnt.
    Item(Box<Item>),
}

impl Lesson {
    /// What there is to learn of an item.
    #[must_use]
    pub fn of_item(item: &Item) -> Self {
        Self::Item(Box::new(bare(item)))
    }
}

/// An item without what only people read.
fn bare(item: &Item) -> Item {
    Item {
        sku: item.sku.clone(),
        gtin: None,
        style: item.style.clone(),
        title: String::new(),
        description: String::new(),
        brand: String::new(),
        department: item.department.clone(),
        category: item.category.clone(),
        colour: String::new(),
        size: String::new(),
        art: String::new(),
        tags: Vec::new(),
        replenishable: item.replenishable,
    }
}
