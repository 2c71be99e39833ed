//! Folding of text for search: what a person means, not how she typed it.

use unicode_normalization::UnicodeNormalization;

/// Folds text for comparison: lower case, no accents (NFKD with marks dropped), letters that do not decompose
/// written out (`ø` as `o`, `ß` as `ss`), anything else than letters and digits as one space.
///
/// ```
/// assert_eq!(domain::text::fold("  Zoë  Łukasz-Müller "), "zoe lukasz muller");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            '\'' | '’' | '`' => {}
            c if unicode_normalization::char::is_combining_mark(c) => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The first grapheme-like letters of a name, for a face without a picture: at most two.
#[must_use]
pub fn monogram(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|part| part.chars().find(|c| c.is_alphabetic()));
    let first = letters.next();
    first
        .into_iter()
        .chain(letters.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_to_what_people_type() {
        assert_eq!(fold("José Ñandú"), "jose nandu");
        assert_eq!(fold("O’Brien"), "obrien");
        assert_eq!(fold("Søren Straße"), "soren strasse");
        assert_eq!(fold("Nguyễn Thị"), "nguyen thi");
        assert_eq!(fold("İpek"), "ipek");
        assert_eq!(fold("!!"), "");
    }

    #[test]
    fn a_monogram_has_first_and_last() {
        assert_eq!(monogram("ana maria souza"), "AS");
        assert_eq!(monogram("Cher"), "C");
        assert_eq!(monogram(""), "");
    }
}
