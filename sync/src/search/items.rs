//! Finds items by words, brand, colour and the beginning of their number; what is in stock comes first.

use super::ItemEntry;
use super::dictionary::index_of;
use super::query::Query;
use super::typos::forgiven;
use super::word_index::{Matches, Score, WordIndex};
use std::cmp::Ordering;
use std::collections::HashMap;

/// An item, as far as a search shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    row: i64,
    sku: String,
    department: String,
    title: String,
}

/// The catalogue.
#[derive(Debug, Default)]
pub(crate) struct ItemIndex {
    words: WordIndex,
    /// By slot; `None` for an item that is gone.
    shown: Vec<Option<Shown>>,
    slots: HashMap<i64, u32>,
    /// Pieces, by SKU: stock may come before its item.
    on_hand: HashMap<String, i64>,
}

impl ItemIndex {
    pub(super) fn put(&mut self, row: i64, entry: ItemEntry) {
        let Ok(next) = u32::try_from(self.shown.len()) else {
            return;
        };
        let slot = *self.slots.entry(row).or_insert(next);
        if slot == next {
            self.shown.push(None);
        }
        self.words.set(slot, &entry.words);
        if let Some(place) = self.shown.get_mut(index_of(slot)) {
            *place = Some(Shown {
                row,
                sku: entry.sku,
                department: entry.department,
                title: entry.title,
            });
        }
    }

    pub(super) fn remove(&mut self, row: i64) {
        if let Some(slot) = self.slots.get(&row)
            && let Some(place) = self.shown.get_mut(index_of(*slot))
        {
            *place = None;
            self.words.set(*slot, "");
        }
    }

    pub(super) fn stock(&mut self, sku: String, on_hand: Option<i64>) {
        match on_hand {
            Some(pieces) => self.on_hand.insert(sku, pieces),
            None => self.on_hand.remove(&sku),
        };
    }

    pub(super) fn settle(&mut self) {
        self.words.settle();
    }

    /// Pieces in the store; `None` where that is not known.
    pub(crate) fn on_hand(&self, sku: &str) -> Option<i64> {
        self.on_hand.get(sku).copied()
    }

    /// The rows of what a query finds, the best first, from `offset` on. No words list everything by title.
    pub(crate) fn search(
        &self,
        query: &Query,
        department: Option<&str>,
        offset: usize,
        most: usize,
    ) -> Vec<i64> {
        let mut found = self.collect(&query.words, department, |_| 0);
        if found.is_empty() {
            found = self.collect(&query.words, department, forgiven);
        }
        found.sort_by(|a, b| self.compare(a, b));
        let rows = found.into_iter().map(|(_, shown)| shown.row);
        rows.skip(offset).take(most).collect()
    }

    fn collect(
        &self,
        typed: &[String],
        department: Option<&str>,
        edits: impl Fn(&str) -> u8,
    ) -> Vec<(Score, &Shown)> {
        let words: Vec<Matches> = typed
            .iter()
            .map(|word| self.words.match_word(word, edits(word)))
            .collect();
        let shown = self.shown.iter().enumerate();
        shown
            .filter_map(|(slot, shown)| {
                let shown = shown.as_ref()?;
                let here = department.is_none_or(|department| shown.department == department);
                let score = self.words.score(u32::try_from(slot).ok()?, &words)?;
                here.then_some((score, shown))
            })
            .collect()
    }

    /// Fewer typing mistakes, then in stock, then more words matched whole, then by title and number.
    fn compare(&self, a: &(Score, &Shown), b: &(Score, &Shown)) -> Ordering {
        let key = |(score, shown): &(Score, &Shown)| {
            let in_stock = self.on_hand(&shown.sku).is_some_and(|pieces| pieces > 0);
            (score.edits, !in_stock, score.inexact)
        };
        let names = (&a.1.title, &a.1.sku).cmp(&(&b.1.title, &b.1.sku));
        key(a).cmp(&key(b)).then(names)
    }
}
