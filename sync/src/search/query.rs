//! Reads what was typed.

use super::digits::{MIN_DIGITS, Packed, Pattern};
use domain::text::fold;

/// Words beyond these are not looked for.
const MAX_WORDS: usize = 8;
/// What is typed beyond this is not read, in characters.
const MAX_CHARS: usize = 200;

/// What was typed, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    /// Words, folded, in the order in which they were typed.
    pub(crate) words: Vec<String>,
    /// Parts of telephone or card numbers; each in the spellings that it may have.
    pub(super) numbers: Vec<Vec<Pattern>>,
    /// The whole, lower case, where it is one piece: the beginning of an e-mail address or a card's number.
    pub(crate) piece: Option<String>,
}

impl Query {
    /// Reads a search for a person: digits are parts of her numbers.
    pub(crate) fn of_person(typed: &str) -> Self {
        let mut query = Self::of_words(typed);
        let words = std::mem::take(&mut query.words);
        let mut digits = String::new();
        for word in words {
            if word.bytes().all(|byte| byte.is_ascii_digit()) {
                digits.push_str(&word);
            } else {
                query.end_number(&mut digits);
                query.words.push(word);
            }
        }
        query.end_number(&mut digits);
        query
    }

    /// Reads a search for a thing: all are words.
    pub(crate) fn of_words(typed: &str) -> Self {
        let typed: String = typed.trim().chars().take(MAX_CHARS).collect();
        let one = !typed.is_empty() && !typed.contains(char::is_whitespace);
        let words = fold(&typed);
        Self {
            words: words
                .split(' ')
                .filter(|word| !word.is_empty())
                .take(MAX_WORDS)
                .map(str::to_owned)
                .collect(),
            numbers: Vec::new(),
            piece: one.then(|| typed.to_lowercase()),
        }
    }

    /// Whether there is nothing to look for.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty() && self.numbers.is_empty()
    }

    /// Whether an e-mail address was begun.
    pub(crate) fn is_email(&self) -> bool {
        self.piece
            .as_deref()
            .is_some_and(|piece| piece.contains('@'))
    }

    /// Whether a part of a number was typed.
    pub(crate) const fn has_number(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Whether all typed parts of numbers are in this one.
    pub(crate) fn matches_number(&self, number: &str) -> bool {
        let number = Packed::new(number);
        let is_in = |spellings: &Vec<Pattern>| {
            spellings
                .iter()
                .any(|pattern| pattern.find(number).is_some())
        };
        self.numbers.iter().all(is_in)
    }

    /// Numbers are typed with or without the zeros of a national or international call.
    fn end_number(&mut self, digits: &mut String) {
        let digits = std::mem::take(digits);
        let bare = digits.trim_start_matches('0');
        let spellings: Vec<Pattern> = [Some(digits.as_str()), (bare != digits).then_some(bare)]
            .into_iter()
            .flatten()
            .filter_map(Pattern::new)
            .collect();
        if !spellings.is_empty() {
            self.numbers.push(spellings);
        } else if !digits.is_empty() {
            debug_assert!(
                digits.len() < MIN_DIGITS || digits.len() > 16,
                "a pattern otherwise"
            );
            self.words.push(digits);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_are_told_apart() {
        let query = Query::of_person("Müller 040 / 123-456  Ana");
        assert_eq!(query.words, ["muller", "ana"]);
        assert_eq!(
            query.numbers,
            [vec![
                Pattern::new("040123456").unwrap(),
                Pattern::new("40123456").unwrap()
            ]]
        );
        assert_eq!(query.piece, None);
        let short = Query::of_person("ana 2");
        assert_eq!((short.words.len(), short.numbers.len()), (2, 0));
        assert!(Query::of_person(" !? ").is_empty());
        assert!(Query::of_person("Ana@Ex").is_email());
        assert_eq!(Query::of_words("TENT-001").words, ["tent", "001"]);
        assert_eq!(Query::of_person(&"a ".repeat(500)).words.len(), MAX_WORDS);
    }
}
