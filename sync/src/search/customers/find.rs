//! Finds customers among a million within a keystroke.
//!
//! What matches best comes first: fewer typing mistakes, more words matched whole, then who was here lately, then the
//! older row. Rare words are followed to their owners; for frequent ones everybody is asked in the order of her last
//! visit, until enough are found.

use super::{CustomerIndex, Found};
use crate::search::dictionary::index_of;
use crate::search::digits::{Packed, Pattern, Place};
use crate::search::query::Query;
use crate::search::top::Top;
use crate::search::typos::forgiven;
use crate::search::word_index::{Matches, Score};
use std::cmp::Reverse;

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

impl CustomerIndex {
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
        let exact_owners = words
            .iter()
            .map(|word| word.exact.map_or(&[][..], |term| self.words.owners(term)))
            .filter(|owners| owners.len() <= self.few);
        // All who have one of these very words are asked first: who else matches has their beginnings only.
        let exact_owners: Vec<&[u32]> = exact_owners.collect();
        let inexact = u8::try_from(exact_owners.len()).unwrap_or(u8::MAX);
        best.score.inexact = best.score.inexact.max(inexact);
        for slot in exact_owners.into_iter().flatten() {
            self.offer(*slot, words, best.unmatched, top);
        }
        for (asked, slot) in self.by_visit.iter().enumerate() {
            // Whoever is still to be asked comes after this one in the best class, at the best.
            let to_come = self.rank(*slot, best);
            if top.is_full() && top.worst().is_none_or(|worst| worst < to_come) {
                return true;
            }
            if asked == self.patience {
                return false;
            }
            self.offer(*slot, words, best.unmatched, top);
        }
        true
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

    /// Rare words decide who is asked, or else the first number does; all else has to match too.
    fn search_numbers(&self, query: &Query, most: usize) -> Vec<u32> {
        let words: Vec<Matches> = query
            .words
            .iter()
            .map(|word| self.words.match_word(word, forgiven(word)))
            .collect();
        let mut top = Top::new(most);
        let rarest = words.iter().min_by_key(|word| word.owners);
        if let Some(rarest) = rarest.filter(|rarest| rarest.owners <= self.few) {
            for slot in self.words.candidates(rarest) {
                self.offer_number(slot, query, &words, &mut top);
            }
            return slots(top);
        }
        match query.numbers.as_slice() {
            [spellings] if words.is_empty() => self.search_one_number(spellings, most),
            [spellings, ..] => {
                self.scan(spellings, |slot, _| {
                    self.offer_number(slot, query, &words, &mut top);
                });
                slots(top)
            }
            [] => Vec::new(),
        }
    }

    /// A number by itself, of which a tenth of everybody may have a part: each hit is looked at once and shortly.
    fn search_one_number(&self, spellings: &[Pattern], most: usize) -> Vec<u32> {
        // Who has it in both numbers comes twice.
        let mut top = Top::new(most.saturating_mul(2));
        self.scan(spellings, |slot, number| {
            if let Some(place) = best_place(number, spellings) {
                let class = Class {
                    place: Some(place),
                    ..Class::default()
                };
                top.offer(self.rank(slot, class));
            }
        });
        let mut found = Vec::with_capacity(most);
        for slot in slots(top) {
            if found.len() < most && !found.contains(&slot) {
                found.push(slot);
            }
        }
        found
    }

    /// Calls `hit` with everybody whose telephone or card may have the number, and with that number. The last spelling
    /// is the shortest: whoever has another of them has it too.
    fn scan(&self, spellings: &[Pattern], mut hit: impl FnMut(u32, Packed)) {
        let Some(pattern) = spellings.last() else {
            return;
        };
        for numbers in [&self.phones, &self.cards] {
            pattern.scan(numbers, |index| {
                if let (Ok(slot), Some(number)) = (u32::try_from(index), numbers.get(index)) {
                    hit(slot, *number);
                }
            });
        }
    }

    fn offer_number(&self, slot: u32, query: &Query, words: &[Matches], top: &mut Top<Rank>) {
        let mut worst = Place::Whole;
        for spellings in &query.numbers {
            match self.place(slot, spellings) {
                Some(place) => worst = worst.max(place),
                None => return,
            }
        }
        if let Some(score) = self.words.score(slot, words) {
            let class = Class {
                unmatched: 0,
                score,
                place: Some(worst),
            };
            top.offer(self.rank(slot, class));
        }
    }

    fn place(&self, slot: u32, spellings: &[Pattern]) -> Option<Place> {
        let index = index_of(slot);
        let numbers = [self.phones.get(index), self.cards.get(index)];
        let places = numbers.into_iter().flatten();
        places
            .filter_map(|number| best_place(*number, spellings))
            .min()
    }
}

fn best_place(number: Packed, spellings: &[Pattern]) -> Option<Place> {
    spellings
        .iter()
        .filter_map(|pattern| pattern.find(number))
        .min()
}

fn slots(top: Top<Rank>) -> Vec<u32> {
    top.into_sorted()
        .into_iter()
        .map(|rank| rank.slot)
        .collect()
}
