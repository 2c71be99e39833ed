//! The search index: built in memory from the look-up tables when the replica opens, moved by each page.
//!
//! Nothing of it rests on a disk, so a purged scope leaves no word behind. It knows rows and words, never bodies.

mod customers;
mod dictionary;
mod digits;
mod items;
mod marks;
mod query;
mod top;
mod typos;
mod word_index;

pub(crate) use customers::{CustomerIndex, Found};
pub(crate) use items::ItemIndex;
pub(crate) use marks::mark_words;
pub(crate) use query::Query;

/// What a search needs of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CustomerEntry {
    /// Her names, folded.
    pub(crate) words: String,
    /// Digits only.
    pub(crate) phone: Option<String>,
    /// Folded, without spaces.
    pub(crate) card: Option<String>,
    /// Her last visit, in seconds since 1970; 0 for never.
    pub(crate) visit: u32,
}

/// What a search needs of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ItemEntry {
    pub(crate) sku: String,
    pub(crate) department: String,
    /// Folded.
    pub(crate) title: String,
    /// Folded.
    pub(crate) words: String,
}

/// What a transaction changed; rows are those of the `entity` table.
#[derive(Debug)]
pub(crate) enum IndexChange {
    Customer { row: i64, entry: CustomerEntry },
    CustomerGone { row: i64 },
    Item { row: i64, entry: ItemEntry },
    ItemGone { row: i64 },
    Stock { sku: String, on_hand: Option<i64> },
}

impl IndexChange {
    /// Whether it brings a customer.
    pub(crate) const fn is_customer(&self) -> bool {
        matches!(self, Self::Customer { .. })
    }
}

/// Room that is taken on the word of a manifest, in customers.
const MAX_RESERVED: usize = 2_000_000;

/// Everything that can be searched.
#[derive(Debug, Default)]
pub(crate) struct SearchIndex {
    loaded: bool,
    settled: bool,
    customers: CustomerIndex,
    items: ItemIndex,
}

impl SearchIndex {
    /// An empty index to be filled; complete after [`Self::finish_loading`].
    pub(crate) fn loading() -> Self {
        Self::default()
    }

    pub(crate) fn load_customer(&mut self, row: i64, entry: &CustomerEntry) {
        self.customers.put(row, entry);
    }

    pub(crate) fn load_item(&mut self, row: i64, entry: ItemEntry) {
        self.items.put(row, entry);
    }

    pub(crate) fn load_stock(&mut self, sku: String, on_hand: i64) {
        self.items.stock(sku, Some(on_hand));
    }

    pub(crate) fn finish_loading(&mut self) {
        self.settle();
        self.loaded = true;
    }

    /// Whether it holds everything; an index that does not must be loaded before a search.
    pub(crate) const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Takes room for so many more customers at once: lists that grow step by step leave holes behind.
    pub(crate) fn reserve_customers(&mut self, more: usize) {
        self.customers.reserve(more.min(MAX_RESERVED));
    }

    /// Whether everything in it can be found; see [`Self::settle`].
    pub(crate) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Makes findable what came since the last time. It costs as much for one change as for many.
    pub(crate) fn settle(&mut self) {
        self.customers.settle();
        self.items.settle();
        self.settled = true;
    }

    /// Follows a transaction; what is new is findable once it is settled, now or before the next search.
    pub(crate) fn apply(&mut self, changes: Vec<IndexChange>, settle: bool) {
        for change in changes {
            match change {
                IndexChange::Customer { row, entry } => self.customers.put(row, &entry),
                IndexChange::CustomerGone { row } => self.customers.remove(row),
                IndexChange::Item { row, entry } => self.items.put(row, entry),
                IndexChange::ItemGone { row } => self.items.remove(row),
                IndexChange::Stock { sku, on_hand } => self.items.stock(sku, on_hand),
            }
        }
        self.settled = false;
        if settle {
            self.settle();
        }
    }

    pub(crate) const fn customers(&self) -> &CustomerIndex {
        &self.customers
    }

    pub(crate) const fn items(&self) -> &ItemIndex {
        &self.items
    }
}
