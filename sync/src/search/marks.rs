//! Which characters of a name match what was typed, for the screen to set in bold.

use super::dictionary::cut;
use super::typos::forgiven;
use domain::text::fold;

/// A word of a name: how it folds, and which characters of the name its folded characters come from.
struct Word {
    folded: String,
    from: Vec<u32>,
}

/// The characters of `name` that the typed words (folded) match: half-open ranges of `char` indices, in order, not
/// overlapping. A word that is matched by its beginning is marked there; one with a typing mistake as a whole.
pub(crate) fn mark_words(name: &str, typed: &[String]) -> Vec<(u32, u32)> {
    let words = words_of(name);
    let mut marks: Vec<(u32, u32)> = typed
        .iter()
        .filter_map(|typed| best_mark(&words, cut(typed)))
        .collect();
    marks.sort_unstable();
    join(marks)
}

/// Folds character by character, which gives the same words as folding the whole.
fn words_of(name: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    for (index, c) in (0..).zip(name.chars()) {
        let folded = fold(c.encode_utf8(&mut [0; 4]));
        if folded.is_empty() {
            open &= is_inside_word(c);
            continue;
        }
        if !open {
            words.push(Word {
                folded: String::new(),
                from: Vec::new(),
            });
            open = true;
        }
        if let Some(word) = words.last_mut() {
            word.from.extend(folded.chars().map(|_| index));
            word.folded.push_str(&folded);
        }
    }
    words
}

/// Whether a character that folds to nothing leaves the word together: a mark or an apostrophe.
fn is_inside_word(c: char) -> bool {
    fold(&format!("a{c}a")).len() == 2
}

fn best_mark(words: &[Word], typed: &str) -> Option<(u32, u32)> {
    let exact = words.iter().find(|word| word.folded == typed);
    if let Some(word) = exact {
        return word.range(word.from.len());
    }
    if let Some(word) = words.iter().find(|word| word.folded.starts_with(typed)) {
        return word.range(typed.chars().count());
    }
    let near = words
        .iter()
        .filter_map(|word| Some((edits(&word.folded, typed)?, word)));
    let (_, word) = near.min_by_key(|(edits, _)| *edits)?;
    word.range(word.from.len())
}

fn edits(word: &str, typed: &str) -> Option<u8> {
    let most = forgiven(typed);
    let mut dictionary = super::dictionary::Dictionary::default();
    dictionary.intern(word);
    dictionary.settle();
    let mut nearest = None;
    if most > 0 {
        super::typos::walk(&dictionary, typed, most, |_, edits| nearest = Some(edits));
    }
    nearest
}

impl Word {
    fn range(&self, chars: usize) -> Option<(u32, u32)> {
        let first = self.from.first()?;
        let last = self.from.get(chars.checked_sub(1)?)?;
        Some((*first, last + 1))
    }
}

fn join(sorted: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (from, to) in sorted {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked(name: &str, typed: &[&str]) -> String {
        let typed: Vec<_> = typed.iter().map(|word| (*word).to_owned()).collect();
        let marks = mark_words(name, &typed);
        let chars: Vec<char> = name.chars().collect();
        let parts: Vec<String> = marks
            .into_iter()
            .map(|(from, to)| chars[from as usize..to as usize].iter().collect())
            .collect();
        parts.join("|")
    }

    #[test]
    fn what_matched_is_marked_in_the_name_as_it_is_written() {
        assert_eq!(marked("Zoë Müller-Straße", &["zo", "mul"]), "Zo|Mül");
        assert_eq!(
            marked("Zoë Müller-Straße", &["strasse", "zoe"]),
            "Zoë|Straße"
        );
        assert_eq!(
            marked("Straße", &["stras"]),
            "Straß",
            "half a letter is marked whole"
        );
        assert_eq!(marked("Sean O’Brien", &["obr"]), "O’Br");
        assert_eq!(marked("Ana Müller", &["muler"]), "Müller");
        assert_eq!(marked("Ana Anabel", &["ana", "anab"]), "Ana|Anab");
        assert_eq!(marked("Ana", &["zoe"]), "");
        assert_eq!(marked("e\u{301}va", &["eva"]), "e\u{301}va");
    }

    proptest! {
        #[test]
        fn marks_lie_inside_the_name_in_order(name in "\\PC{0,20}", typed in proptest::collection::vec("[a-z]{1,4}", 0..4)) {
            let marks = mark_words(&name, &typed);
            let length = u32::try_from(name.chars().count()).unwrap();
            let mut end = 0;
            for (from, to) in marks {
                prop_assert!(from >= end && from < to && to <= length);
                end = to + 1;
            }
        }

        #[test]
        fn words_are_those_of_folding_the_whole(name in "[a-zA-ZäöüßéİøŁ '’.-]{0,20}") {
            let words: Vec<String> = words_of(&name).into_iter().map(|word| word.folded).collect();
            prop_assert_eq!(words.join(" "), fold(&name));
        }
    }
}
