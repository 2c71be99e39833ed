//! From words to what has them, and back. Owners are slots, counted from 0.

use super::dictionary::{Dictionary, Term, index_of};
use super::typos::walk;
use std::collections::HashMap;

/// Terms that lie beside each other without an allocation: most names have no more.
const SHORT: usize = 3;
/// Fills what is free.
const NONE: Term = Term::MAX;
/// Stands first where there are more than [`SHORT`] terms.
const LONG: Term = Term::MAX - 1;
/// The most words of one owner; further ones are not searched.
const MAX_WORDS: usize = 64;

/// Words and their owners.
#[derive(Debug, Default)]
pub(super) struct WordIndex {
    dictionary: Dictionary,
    /// Owners of each term. Former owners may still be there: [`WordIndex::terms`] has the word.
    owners: Vec<Vec<u32>>,
    short: Vec<[Term; SHORT]>,
    long: HashMap<u32, Box<[Term]>>,
}

/// How well a term matches what was typed; 0 for not at all.
type Quality = u8;
const EXACT: Quality = 1;
const PREFIX: Quality = 2;

/// The terms that match one typed word.
#[derive(Debug)]
pub(super) struct Matches {
    quality: Vec<Quality>,
    terms: Vec<Term>,
    /// How many owners the terms have together.
    pub(super) owners: usize,
    /// The term that is the typed word itself.
    pub(super) exact: Option<Term>,
}

/// How well an owner matches all typed words; the smaller, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Score {
    /// Edits in all words.
    pub(super) edits: u8,
    /// Words that match by their beginning only.
    pub(super) inexact: u8,
}

impl WordIndex {
    /// Takes room for so many more slots.
    pub(super) fn reserve(&mut self, more: usize) {
        self.short.reserve(more);
    }

    /// Gives a slot its words, in the place of those it had.
    pub(super) fn set(&mut self, slot: u32, words: &str) {
        let mut terms: Vec<Term> = Vec::new();
        for word in words
            .split(' ')
            .filter(|word| !word.is_empty())
            .take(MAX_WORDS)
        {
            let term = self.dictionary.intern(word);
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        self.owners.resize_with(self.dictionary.len(), Vec::new);
        for &term in &terms {
            if !self.terms(slot).contains(&term)
                && let Some(owners) = self.owners.get_mut(index_of(term))
            {
                owners.push(slot);
            }
        }
        self.store(slot, &terms);
    }

    fn store(&mut self, slot: u32, terms: &[Term]) {
        if self.short.len() <= index_of(slot) {
            self.short.resize(index_of(slot) + 1, [NONE; SHORT]);
        }
        let mut short = [NONE; SHORT];
        if terms.len() > SHORT {
            short = [LONG; SHORT];
            self.long.insert(slot, terms.into());
        } else {
            self.long.remove(&slot);
            short
                .iter_mut()
                .zip(terms)
                .for_each(|(free, term)| *free = *term);
        }
        if let Some(place) = self.short.get_mut(index_of(slot)) {
            *place = short;
        }
    }

    /// The terms of a slot.
    fn terms(&self, slot: u32) -> &[Term] {
        let Some(short) = self.short.get(index_of(slot)) else {
            return &[];
        };
        if short.first() == Some(&LONG) {
            return self.long.get(&slot).map_or(&[], |terms| terms);
        }
        let used = short.iter().position(|term| *term == NONE).unwrap_or(SHORT);
        short.get(..used).unwrap_or_default()
    }

    /// Makes new words searchable, and gives back memory that loading took in advance.
    pub(super) fn settle(&mut self) {
        self.dictionary.settle();
    }

    /// Gives back memory that loading took in advance.
    pub(super) fn shrink(&mut self) {
        self.owners.iter_mut().for_each(Vec::shrink_to_fit);
        self.short.shrink_to_fit();
    }

    /// The terms that match a typed word, with at most `edits` typing mistakes.
    pub(super) fn match_word(&self, typed: &str, edits: u8) -> Matches {
        let mut matches = Matches {
            quality: vec![0; self.dictionary.len()],
            terms: Vec::new(),
            owners: 0,
            exact: None,
        };
        let typed = super::dictionary::cut(typed);
        let order = self.dictionary.order();
        let prefixed = self.dictionary.with_prefix(typed);
        for &term in order.get(prefixed).unwrap_or_default() {
            let exact = self.dictionary.word(term) == typed;
            if exact {
                matches.exact = Some(term);
            }
            self.add(&mut matches, term, if exact { EXACT } else { PREFIX });
        }
        if edits > 0 {
            walk(&self.dictionary, typed, edits, |place, edits| {
                if let Some(&term) = order.get(place)
                    && edits > 0
                {
                    self.add(&mut matches, term, PREFIX + edits);
                }
            });
        }
        matches
    }

    fn add(&self, matches: &mut Matches, term: Term, quality: Quality) {
        if let Some(place) = matches.quality.get_mut(index_of(term)) {
            *place = quality;
            matches.terms.push(term);
            matches.owners += self.owners(term).len();
        }
    }

    /// Slots that have a term, or had it once.
    pub(super) fn owners(&self, term: Term) -> &[u32] {
        self.owners.get(index_of(term)).map_or(&[], |owners| owners)
    }

    /// Slots that have one of the terms, or had; some more than once.
    pub(super) fn candidates<'a>(&'a self, matches: &'a Matches) -> impl Iterator<Item = u32> + 'a {
        matches
            .terms
            .iter()
            .flat_map(|&term| self.owners(term).iter().copied())
    }

    /// How well a slot matches all words; `None` where one is missing.
    pub(super) fn score(&self, slot: u32, words: &[Matches]) -> Option<Score> {
        let terms = self.terms(slot);
        let mut score = Score::default();
        for word in words {
            let quality = word.best(terms)?;
            score.inexact += u8::from(quality > EXACT);
            score.edits += quality.saturating_sub(PREFIX);
        }
        Some(score)
    }
}

impl Matches {
    fn best(&self, terms: &[Term]) -> Option<Quality> {
        let qualities = terms
            .iter()
            .filter_map(|&term| self.quality.get(index_of(term)).copied());
        qualities.filter(|quality| *quality > 0).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(owners: &[&str]) -> WordIndex {
        let mut index = WordIndex::default();
        for (slot, words) in (0..).zip(owners) {
            index.set(slot, words);
        }
        index.settle();
        index
    }

    fn score(index: &WordIndex, slot: u32, typed: &[(&str, u8)]) -> Option<(u8, u8)> {
        let words: Vec<_> = typed
            .iter()
            .map(|(word, edits)| index.match_word(word, *edits))
            .collect();
        index
            .score(slot, &words)
            .map(|score| (score.edits, score.inexact))
    }

    #[test]
    fn words_match_whole_by_their_beginning_or_nearly() {
        let index = index(&["ana maria souza lima", "jo"]);
        assert_eq!(score(&index, 0, &[("ana", 0)]), Some((0, 0)));
        assert_eq!(score(&index, 0, &[("sou", 0), ("ana", 0)]), Some((0, 1)));
        assert_eq!(score(&index, 0, &[("suoza", 1)]), Some((1, 1)));
        assert_eq!(score(&index, 0, &[("suoza", 0)]), None);
        assert_eq!(score(&index, 1, &[("j", 0)]), Some((0, 1)));
        assert_eq!(score(&index, 7, &[("j", 0)]), None);
    }

    #[test]
    fn a_slot_that_changes_its_words_loses_the_old_ones() {
        let mut index = index(&["ana maria de souza lima"]);
        index.set(0, "eva lima");
        index.settle();
        assert_eq!(score(&index, 0, &[("ana", 0)]), None);
        assert_eq!(score(&index, 0, &[("eva", 0), ("lima", 0)]), Some((0, 0)));
        let lima = index.match_word("lima", 0);
        assert_eq!(index.candidates(&lima).collect::<Vec<_>>(), [0], "once");
    }
}
