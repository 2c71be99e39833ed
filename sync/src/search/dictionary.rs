//! Every distinct word, once, in sorted order: a million customers share some ten thousand names.

use std::collections::HashMap;

/// Longer words are cut here, when indexed and when searched alike.
pub(crate) const MAX_WORD_CHARS: usize = 32;

/// A word's number.
pub(super) type Term = u32;

/// The words. New ones are found at once by [`Dictionary::intern`], and by a search after [`Dictionary::settle`].
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    text: String,
    /// Where each term ends in `text`; it begins where the one before ends.
    ends: Vec<u32>,
    /// Terms in the order of their words.
    order: Vec<Term>,
    /// How many first characters a word shares with the one before, in the same order.
    shared: Vec<u8>,
    /// Terms that are not in `order` yet.
    fresh: HashMap<Box<str>, Term>,
}

impl Dictionary {
    /// How many terms there are, fresh ones included.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn word(&self, term: Term) -> &str {
        let index = index_of(term);
        let end = self.ends.get(index).copied().unwrap_or(0);
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.text
            .get(index_of(start)..index_of(end))
            .unwrap_or_default()
    }

    /// The term of a word, a new one where it was never met.
    pub(super) fn intern(&mut self, word: &str) -> Term {
        let word = cut(word);
        if let Some(term) = self.find(word) {
            return term;
        }
        if let Some(term) = self.fresh.get(word) {
            return *term;
        }
        let term = Term::try_from(self.ends.len()).unwrap_or(Term::MAX);
        self.text.push_str(word);
        self.ends
            .push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.fresh.insert(word.into(), term);
        term
    }

    /// Sorts the fresh terms in.
    pub(super) fn settle(&mut self) {
        if self.fresh.is_empty() {
            return;
        }
        let mut fresh: Vec<(Box<str>, Term)> =
            std::mem::take(&mut self.fresh).into_iter().collect();
        fresh.sort_unstable();
        let mut order = Vec::with_capacity(self.order.len() + fresh.len());
        let mut from = 0;
        for (word, term) in &fresh {
            let to = from
                + self
                    .order
                    .get(from..)
                    .unwrap_or_default()
                    .partition_point(|&known| self.word(known) < word);
            order.extend_from_slice(self.order.get(from..to).unwrap_or_default());
            order.push(*term);
            from = to;
        }
        order.extend_from_slice(self.order.get(from..).unwrap_or_default());
        self.order = order;
        self.share();
    }

    /// Terms that begin with `prefix`, as places in the order.
    pub(super) fn with_prefix(&self, prefix: &str) -> std::ops::Range<usize> {
        let from = self.order.partition_point(|&term| self.word(term) < prefix);
        let rest = self.order.get(from..).unwrap_or_default();
        from..from + rest.partition_point(|&term| self.word(term).starts_with(prefix))
    }

    /// Terms in the order of their words.
    pub(super) fn order(&self) -> &[Term] {
        &self.order
    }

    /// How many first characters each word of the order shares with the one before.
    pub(super) fn shared(&self) -> &[u8] {
        &self.shared
    }

    fn find(&self, word: &str) -> Option<Term> {
        let place = self
            .order
            .binary_search_by(|&term| self.word(term).cmp(word))
            .ok()?;
        self.order.get(place).copied()
    }

    fn share(&mut self) {
        let mut before = "";
        let mut shared = Vec::with_capacity(self.order.len());
        for &term in &self.order {
            let word = self.word(term);
            let same = before
                .chars()
                .zip(word.chars())
                .take_while(|(a, b)| a == b)
                .count();
            shared.push(u8::try_from(same).unwrap_or(u8::MAX));
            before = word;
        }
        self.shared = shared;
    }
}

/// The first [`MAX_WORD_CHARS`] characters.
pub(super) fn cut(word: &str) -> &str {
    match word.char_indices().nth(MAX_WORD_CHARS) {
        Some((end, _)) => word.get(..end).unwrap_or(word),
        None => word,
    }
}

/// A 32-bit number as an index.
pub(super) fn index_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_before_and_after_they_are_sorted_in() {
        let mut dictionary = Dictionary::default();
        let ana = dictionary.intern("ana");
        assert_eq!(dictionary.intern("ana"), ana);
        dictionary.settle();
        let words = ["zoe", "anna", "anabel", "", "müller"];
        let terms: Vec<_> = words.iter().map(|word| dictionary.intern(word)).collect();
        dictionary.settle();
        let again: Vec<_> = words.iter().map(|word| dictionary.intern(word)).collect();
        assert_eq!(terms, again);
        assert_eq!(dictionary.intern("ana"), ana);
        let sorted: Vec<_> = dictionary
            .order()
            .iter()
            .map(|&term| dictionary.word(term))
            .collect();
        assert_eq!(sorted, ["", "ana", "anabel", "anna", "müller", "zoe"]);
        assert_eq!(dictionary.shared(), [0, 0, 3, 2, 0, 0]);
        assert_eq!(dictionary.with_prefix("ana"), 1..3);
        assert_eq!(dictionary.with_prefix("x").len(), 0);
    }

    #[test]
    fn a_word_is_cut_at_a_character() {
        assert_eq!(cut(&"ü".repeat(40)).chars().count(), MAX_WORD_CHARS);
        assert_eq!(cut("ana"), "ana");
    }
}
