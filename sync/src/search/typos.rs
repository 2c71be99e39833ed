//! Words that begin with nearly what was typed: a walk over the sorted dictionary that shares its work between words
//! with the same beginning, and passes over beginnings that cannot come near any more.
//!
//! An edit is a character too much, too little or another, or two neighbours swapped (optimal string alignment).

use super::dictionary::{Dictionary, MAX_WORD_CHARS};

/// Edits that are forgiven in a word of so many letters: one from 4, two from 8. Numbers are not guessed at.
pub(crate) fn forgiven(word: &str) -> u8 {
    if word.chars().any(char::is_numeric) {
        return 0;
    }
    match word.chars().count() {
        8.. => 2,
        4.. => 1,
        _ => 0,
    }
}

/// One more than any length: never near.
const FAR: u8 = u8::MAX / 2;
const WIDTH: usize = MAX_WORD_CHARS + 1;

/// Distances between a word's first characters (rows) and what was typed (columns).
struct Table<'q> {
    typed: &'q [char],
    most: u8,
    rows: Vec<[u8; WIDTH]>,
    chars: Vec<char>,
    /// The least distance of any beginning so far, by row.
    best: Vec<u8>,
    /// Where each row's character ends in the word, in bytes.
    ends: Vec<usize>,
}

/// What a beginning says about all words that share it.
enum Verdict {
    Open,
    /// No longer word comes nearer: this is the distance of all, if it is within the bound.
    Closed(u8),
}

/// Calls `near` with each place of the dictionary's order whose word has a beginning within `most` edits of `typed`,
/// and how many edits. Words that begin with `typed` come with 0.
pub(super) fn walk(
    dictionary: &Dictionary,
    typed: &str,
    most: u8,
    mut near: impl FnMut(usize, u8),
) {
    let typed: Vec<char> = typed.chars().take(MAX_WORD_CHARS).collect();
    let mut table = Table::new(&typed, most);
    // Words that share at least this many characters with the last one walked have its distance.
    let mut closed: Option<(usize, u8)> = None;
    let words = dictionary.order().iter().zip(dictionary.shared());
    for (place, (&term, &shared)) in words.enumerate() {
        let shared = usize::from(shared);
        if let Some((depth, edits)) = closed
            && shared >= depth
        {
            if edits <= most {
                near(place, edits);
            }
            continue;
        }
        let (depth, edits) = table.follow(dictionary.word(term), shared);
        closed = depth.map(|depth| (depth, edits));
        if edits <= most {
            near(place, edits);
        }
    }
}

impl<'q> Table<'q> {
    fn new(typed: &'q [char], most: u8) -> Self {
        let mut first = [FAR; WIDTH];
        for (column, cell) in first.iter_mut().enumerate() {
            *cell = u8::try_from(column).unwrap_or(FAR);
        }
        let best = first.get(typed.len()).copied().unwrap_or(FAR);
        Self {
            typed,
            most,
            rows: vec![first],
            chars: vec!['\0'],
            best: vec![best],
            ends: vec![0],
        }
    }

    /// Walks a word that shares its first characters with the one before. Gives the least distance of its beginnings,
    /// and the length of the beginning that settled it for all words that share it.
    fn follow(&mut self, word: &str, shared: usize) -> (Option<usize>, u8) {
        let kept = shared + 1;
        self.rows.truncate(kept);
        self.chars.truncate(kept);
        self.best.truncate(kept);
        self.ends.truncate(kept);
        let start = self.ends.last().copied().unwrap_or(0);
        let mut end = start;
        for c in word.get(start..).unwrap_or_default().chars() {
            end += c.len_utf8();
            if let Verdict::Closed(edits) = self.push(c, end) {
                return (Some(self.rows.len() - 1), edits);
            }
        }
        (None, self.best.last().copied().unwrap_or(FAR))
    }

    fn push(&mut self, c: char, end: usize) -> Verdict {
        let (row, least) = self.next_row(c);
        let whole = row.get(self.typed.len()).copied().unwrap_or(FAR);
        let best = self.best.last().copied().unwrap_or(FAR).min(whole);
        self.rows.push(row);
        self.chars.push(c);
        self.best.push(best);
        self.ends.push(end);
        if least >= best || least > self.most {
            Verdict::Closed(best)
        } else {
            Verdict::Open
        }
    }

    /// The next row and its least cell. Cells further than `most` from the diagonal are never near.
    fn next_row(&self, c: char) -> ([u8; WIDTH], u8) {
        let depth = self.rows.len();
        let band = usize::from(self.most);
        let mut row = [FAR; WIDTH];
        let from = depth.saturating_sub(band);
        let to = (depth + band).min(self.typed.len());
        let mut least = FAR;
        for column in from..=to {
            let distance = self.cell(depth, column, c, &row);
            if let Some(cell) = row.get_mut(column) {
                *cell = distance;
            }
            least = least.min(distance);
        }
        (row, least)
    }

    fn cell(&self, depth: usize, column: usize, c: char, row: &[u8; WIDTH]) -> u8 {
        let Some(left) = column.checked_sub(1) else {
            return u8::try_from(depth).unwrap_or(FAR);
        };
        let at = |row: Option<&[u8; WIDTH]>, column: usize| {
            row.and_then(|row| row.get(column)).copied().unwrap_or(FAR)
        };
        let above = self.rows.get(depth - 1);
        let typed = self.typed.get(left).copied();
        let other = u8::from(typed != Some(c));
        let mut distance = (at(above, left) + other)
            .min(at(above, column) + 1)
            .min(row.get(left).copied().unwrap_or(FAR) + 1);
        let swapped = depth >= 2
            && left >= 1
            && self.typed.get(left - 1) == Some(&c)
            && typed == self.chars.get(depth - 1).copied();
        if swapped {
            distance = distance.min(at(self.rows.get(depth - 2), left - 1) + 1);
        }
        distance
    }
}

#[cfg(test)]
pub(crate) mod oracle {
    //! The same rule, said plainly.

    fn distance(a: &[char], b: &[char]) -> usize {
        let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                d[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let other = usize::from(a[i - 1] != b[j - 1]);
                    (d[i - 1][j - 1] + other)
                        .min(d[i - 1][j] + 1)
                        .min(d[i][j - 1] + 1)
                };
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    d[i][j] = d[i][j].min(d[i - 2][j - 2] + 1);
                }
            }
        }
        d[a.len()][b.len()]
    }

    /// The least distance of any beginning of `word` to `typed`.
    pub(crate) fn edits(word: &str, typed: &str) -> usize {
        let (word, typed): (Vec<_>, Vec<_>) = (word.chars().collect(), typed.chars().collect());
        (0..=word.len())
            .map(|end| distance(&word[..end], &typed))
            .min()
            .unwrap_or(typed.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn near(words: &[String], typed: &str, most: u8) -> BTreeMap<String, u8> {
        let mut dictionary = Dictionary::default();
        words.iter().for_each(|word| {
            dictionary.intern(word);
        });
        dictionary.settle();
        let mut found = BTreeMap::new();
        walk(&dictionary, typed, most, |place, edits| {
            found.insert(dictionary.word(dictionary.order()[place]).to_owned(), edits);
        });
        found
    }

    #[test]
    fn one_edit_of_each_kind_is_forgiven() {
        let words = ["muller".to_owned()];
        for typed in ["muler", "mulller", "mukler", "mulelr", "umller", "muller"] {
            assert_eq!(near(&words, typed, 1).len(), 1, "{typed}");
        }
        assert_eq!(near(&words, "mlelr", 1).len(), 0);
        assert_eq!(near(&words, "mule", 1)["muller"], 1, "as she types");
    }

    #[test]
    fn what_is_forgiven_grows_with_the_word() {
        let edits: Vec<_> = ["ana", "anna", "bernard", "bernardo", "12345678"]
            .map(forgiven)
            .to_vec();
        assert_eq!(edits, [0, 1, 1, 2, 0]);
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_the_plain_rule_finds(
            words in proptest::collection::vec("[abcé]{0,9}", 0..40),
            typed in "[abcé]{1,9}",
            most in 0_u8..3,
        ) {
            let found = near(&words, &typed, most);
            for word in &words {
                let edits = oracle::edits(word, &typed);
                let expected = (edits <= usize::from(most)).then(|| u8::try_from(edits).unwrap());
                prop_assert_eq!(found.get(word).copied(), expected, "{} for {}", word, typed);
            }
        }
    }
}
