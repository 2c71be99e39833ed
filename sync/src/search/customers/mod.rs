//! Customers as the search holds them: everybody has a slot, in the order of her row.

mod find;
#[cfg(test)]
mod oracle;

use crate::search::CustomerEntry;
use crate::search::dictionary::index_of;
use crate::search::digits::Packed;
use crate::search::word_index::WordIndex;
use std::cmp::Reverse;

/// Words with at most so many owners are followed to all of them.
const FEW: usize = 20_000;
/// How many are asked in the order of their last visit before the owners are followed after all.
const PATIENCE: usize = 60_000;
/// The visit of a new slot until it is told: no visit equals it, so that a new slot counts as moved.
const UNTOLD: u32 = u32::MAX;

/// Somebody who was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// Her row in the `entity` table.
    pub(crate) row: i64,
}

/// The customers.
#[derive(Debug)]
pub(crate) struct CustomerIndex {
    /// The row of each slot, ascending.
    rows: Vec<u32>,
    words: WordIndex,
    visits: Vec<u32>,
    phones: Vec<Packed>,
    cards: Vec<Packed>,
    gone: Vec<bool>,
    here: u64,
    /// Slots in the order of the last visit, the latest first.
    by_visit: Vec<u32>,
    /// Slots that are new or were here since `by_visit` was put in order.
    moved: Vec<u32>,
    /// See [`FEW`].
    few: usize,
    /// See [`PATIENCE`].
    patience: usize,
}

impl Default for CustomerIndex {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            words: WordIndex::default(),
            visits: Vec::new(),
            phones: Vec::new(),
            cards: Vec::new(),
            gone: Vec::new(),
            here: 0,
            by_visit: Vec::new(),
            moved: Vec::new(),
            few: FEW,
            patience: PATIENCE,
        }
    }
}

impl CustomerIndex {
    #[cfg(test)]
    pub(super) fn with_limits(few: usize, patience: usize) -> Self {
        Self {
            few,
            patience,
            ..Self::default()
        }
    }

    pub(super) fn reserve(&mut self, more: usize) {
        self.rows.reserve(more);
        self.visits.reserve(more);
        self.phones.reserve(more);
        self.cards.reserve(more);
        self.gone.reserve(more);
        self.moved.reserve(more);
        self.words.reserve(more);
    }

    pub(super) fn put(&mut self, row: i64, entry: &CustomerEntry) {
        let Some(slot) = self.slot_for(row) else {
            return;
        };
        let index = index_of(slot);
        self.words.set(slot, &entry.words);
        let packed = |number: &Option<String>| Packed::new(number.as_deref().unwrap_or_default());
        set(&mut self.phones, index, packed(&entry.phone));
        set(&mut self.cards, index, packed(&entry.card));
        self.here += u64::from(self.gone.get(index) == Some(&true));
        set(&mut self.gone, index, false);
        let visit = entry.visit.min(UNTOLD - 1);
        if self.visits.get(index) != Some(&visit) {
            set(&mut self.visits, index, visit);
            self.moved.push(slot);
        }
    }

    pub(super) fn remove(&mut self, row: i64) {
        if let Some(slot) = self.slot_of(row) {
            self.words.set(slot, "");
            set(&mut self.phones, index_of(slot), Packed::default());
            set(&mut self.cards, index_of(slot), Packed::default());
            self.here -= u64::from(self.gone.get(index_of(slot)) == Some(&false));
            set(&mut self.gone, index_of(slot), true);
        }
    }

    /// Makes what was put searchable.
    pub(super) fn settle(&mut self) {
        self.words.settle();
        if self.by_visit.is_empty() && !self.moved.is_empty() {
            self.words.shrink();
        }
        self.order_by_visit();
    }

    /// Rows grow: a new one comes last. `None` for a row that no slot can be had for.
    fn slot_for(&mut self, row: i64) -> Option<u32> {
        if let Some(slot) = self.slot_of(row) {
            return Some(slot);
        }
        let number = u32::try_from(row).ok()?;
        let slot = u32::try_from(self.rows.len()).ok()?;
        if self.rows.last().is_some_and(|last| *last >= number) {
            tracing::warn!(
                row,
                "a customer's row is not the newest: she is found after the next start"
            );
            return None;
        }
        self.rows.push(number);
        self.visits.push(UNTOLD);
        self.phones.push(Packed::default());
        self.cards.push(Packed::default());
        self.gone.push(true);
        Some(slot)
    }

    fn slot_of(&self, row: i64) -> Option<u32> {
        let place = self.rows.binary_search(&u32::try_from(row).ok()?).ok()?;
        u32::try_from(place).ok()
    }

    fn order_by_visit(&mut self) {
        if self.moved.is_empty() {
            return;
        }
        let mut moved = std::mem::take(&mut self.moved);
        moved.sort_unstable();
        moved.dedup();
        let stayed = self.without(&moved);
        let key = |slot: &u32| (Reverse(self.visit(*slot)), *slot);
        moved.sort_unstable_by_key(key);
        self.by_visit = merge(&stayed, &moved, key);
    }

    /// Takes the order of the last visit, without some slots (ascending).
    fn without(&mut self, slots: &[u32]) -> Vec<u32> {
        let mut order = std::mem::take(&mut self.by_visit);
        if slots
            .first()
            .is_some_and(|first| index_of(*first) < order.len())
        {
            let mut left_out = vec![false; self.rows.len()];
            slots
                .iter()
                .for_each(|slot| set(&mut left_out, index_of(*slot), true));
            order.retain(|slot| left_out.get(index_of(*slot)) != Some(&true));
        }
        order
    }

    fn visit(&self, slot: u32) -> u32 {
        self.visits.get(index_of(slot)).copied().unwrap_or(0)
    }

    fn found(&self, slot: u32) -> Option<Found> {
        let row = self.rows.get(index_of(slot))?;
        Some(Found {
            row: i64::from(*row),
        })
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> u64 {
        self.here
    }

    /// Who was here lately, the latest first.
    pub(crate) fn recent(&self, most: usize) -> Vec<Found> {
        let here = self
            .by_visit
            .iter()
            .filter(|slot| self.gone.get(index_of(**slot)) == Some(&false));
        here.take(most)
            .filter_map(|slot| self.found(*slot))
            .collect()
    }

    /// When somebody was last here, in seconds since 1970; 0 for never.
    pub(crate) fn visit_of(&self, found: Found) -> u32 {
        self.slot_of(found.row).map_or(0, |slot| self.visit(slot))
    }
}

fn set<T>(values: &mut [T], index: usize, value: T) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}

/// Two sorted lists as one.
fn merge<K: Ord>(left: &[u32], right: &[u32], key: impl Fn(&u32) -> K) -> Vec<u32> {
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut rest = left;
    for slot in right {
        let at = rest.partition_point(|kept| key(kept) < key(slot));
        let (before, after) = rest.split_at(at);
        merged.extend_from_slice(before);
        merged.push(*slot);
        rest = after;
    }
    merged.extend_from_slice(rest);
    merged
}
