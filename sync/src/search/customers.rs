//! Finds customers among a million within a keystroke.
//!
//! Everybody has a slot, in the order of her row. What matches best comes first: fewer typing mistakes, more words
//! matched whole, then who was here lately, then the older row. Rare words are followed to their owners; for frequent
//! ones everybody is asked in the order of her last visit, until enough are found.

use super::CustomerEntry;
use super::dictionary::index_of;
use super::digits::{Packed, Pattern, Place};
use super::query::Query;
use super::top::Top;
use super::typos::forgiven;
use super::word_index::{Matches, Score, WordIndex};
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

/// How well somebody matches; the smaller, the better. No two are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    class: Class,
    visit: Reverse<u32>,
    slot: u32,
}

/// What counts before the last visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Class {
    /// Typed words that nothing of hers matches.
    unmatched: u8,
    score: Score,
    /// How her number matches, where one was typed.
    place: Option<Place>,
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

    /// The best `most` for a query of words and numbers.
    pub(crate) fn search(&self, query: &Query, most: usize) -> Vec<Found> {
        let top = if query.numbers.is_empty() {
            self.search_words(&query.words, most)
        } else {
            self.search_numbers(query, most)
        };
        top.into_iter()
            .filter_map(|slot| self.found(slot))
            .collect()
    }

    /// Words as typed; where too few have them, with typing mistakes; where nobody has, all but one of them.
    fn search_words(&self, typed: &[String], most: usize) -> Vec<u32> {
        let plain: Vec<Matches> = typed
            .iter()
            .map(|word| self.words.match_word(word, 0))
            .collect();
        let mut top = Top::new(most);
        let mut best = Class::default();
        self.collect(&plain, best, &mut top);
        if top.is_full() || typed.is_empty() {
            return slots(top);
        }
        let near: Vec<Matches> = typed
            .iter()
            .map(|word| self.words.match_word(word, forgiven(word)))
            .collect();
        if typed.iter().any(|word| forgiven(word) > 0) {
            // All who match as typed are there: who comes now was typed with a mistake.
            best.score = Score {
                edits: 1,
                inexact: 1,
            };
            self.collect(&near, best, &mut top);
        }
        if top.is_empty() && typed.len() > 1 {
            self.collect_all_but_one(near, &mut top);
        }
        slots(top)
    }

    fn collect_all_but_one(&self, mut words: Vec<Matches>, top: &mut Top<Rank>) {
        let best = Class {
            unmatched: 1,
            ..Class::default()
        };
        for _ in 0..words.len() {
            let left_out = words.remove(0);
            self.collect(&words, best, top);
            words.push(left_out);
        }
    }

    /// Offers everybody who matches all words, or as many as are surely the best. Nobody who was not offered before is
    /// in a better class than `best`.
    fn collect(&self, words: &[Matches], best: Class, top: &mut Top<Rank>) {
        let Some(rarest) = words.iter().min_by_key(|word| word.owners) else {
            return;
        };
        if rarest.owners > self.few && self.collect_latest(words, best, top) {
            return;
        }
        for slot in self.words.candidates(rarest) {
            self.offer(slot, words, best.unmatched, top);
        }
    }

    /// Asks everybody in the order of her last visit. Whether those who were offered are surely the best.
    fn collect_latest(&self, words: &[Matches], mut best: Class, top: &mut Top<Rank>) -> bool {
        let mut inexact = 0;
        for word in words {
            let owners = word.exact.map_or(&[][..], |term| self.words.owners(term));
            if owners.len() <= self.few {
                // All who have the very word are asked here: who else matches has its beginning only.
                owners
                    .iter()
                    .for_each(|slot| self.offer(*slot, words, best.unmatched, top));
                inexact += 1;
            }
        }
        best.score.inexact = best.score.inexact.max(inexact);
        let is_done =
            |top: &Top<Rank>| top.is_full() && top.worst().is_none_or(|worst| worst.class <= best);
        for slot in self.by_visit.iter().take(self.patience) {
            if is_done(top) {
                return true;
            }
            self.offer(*slot, words, best.unmatched, top);
        }
        self.patience >= self.by_visit.len() || is_done(top)
    }

    fn offer(&self, slot: u32, words: &[Matches], unmatched: u8, top: &mut Top<Rank>) {
        if let Some(score) = self.words.score(slot, words) {
            let class = Class {
                unmatched,
                score,
                place: None,
            };
            top.offer(self.rank(slot, class));
        }
    }

    fn rank(&self, slot: u32, class: Class) -> Rank {
        Rank {
            class,
            visit: Reverse(self.visit(slot)),
            slot,
        }
    }

    /// Numbers decide who is asked; words typed beside them have to match too.
    fn search_numbers(&self, query: &Query, most: usize) -> Vec<u32> {
        let words: Vec<Matches> = query
            .words
            .iter()
            .map(|word| self.words.match_word(word, forgiven(word)))
            .collect();
        let mut top = Top::new(most);
        let Some(first) = query.numbers.first() else {
            return Vec::new();
        };
        for pattern in first {
            for numbers in [&self.phones, &self.cards] {
                pattern.scan(numbers, |index| {
                    if let Ok(slot) = u32::try_from(index) {
                        self.offer_number(slot, query, &words, &mut top);
                    }
                });
            }
        }
        slots(top)
    }

    fn offer_number(&self, slot: u32, query: &Query, words: &[Matches], top: &mut Top<Rank>) {
        let places = query
            .numbers
            .iter()
            .map(|spellings| self.place(slot, spellings));
        let Some(places) = places.collect::<Option<Vec<Place>>>() else {
            return;
        };
        if let Some(score) = self.words.score(slot, words) {
            let class = Class {
                unmatched: 0,
                score,
                place: places.into_iter().max(),
            };
            top.offer(self.rank(slot, class));
        }
    }

    fn place(&self, slot: u32, spellings: &[Pattern]) -> Option<Place> {
        let index = index_of(slot);
        let numbers = [self.phones.get(index), self.cards.get(index)];
        let places = numbers
            .into_iter()
            .flatten()
            .flat_map(|number| spellings.iter().filter_map(|pattern| pattern.find(*number)));
        places.min()
    }
}

fn slots(top: Top<Rank>) -> Vec<u32> {
    top.into_sorted()
        .into_iter()
        .map(|rank| rank.slot)
        .collect()
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
