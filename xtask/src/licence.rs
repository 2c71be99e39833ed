//! Reads a crate's licence expression (SPDX, and the older `A/B` for "or") and
//! says whether a list of allowed licences satisfies it.

/// Whether `allowed` is enough to use something under `expression`. An
/// expression that is not understood is not satisfied.
pub(crate) fn is_satisfied(expression: &str, allowed: &[String]) -> bool {
    let words = words(expression);
    let mut reader = Reader {
        words: words.iter().map(String::as_str).peekable(),
        allowed,
    };
    reader.any() == Some(true) && reader.words.next().is_none()
}

fn words(expression: &str) -> Vec<String> {
    expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ")
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// Recursive descent; `None` is a syntax error.
struct Reader<'a, I: Iterator<Item = &'a str>> {
    words: std::iter::Peekable<I>,
    allowed: &'a [String],
}

impl<'a, I: Iterator<Item = &'a str>> Reader<'a, I> {
    /// `A OR B OR C`: one is enough.
    fn any(&mut self) -> Option<bool> {
        let mut satisfied = self.all()?;
        while self.words.next_if_eq(&"OR").is_some() {
            satisfied |= self.all()?;
        }
        Some(satisfied)
    }

    /// `A AND B AND C`: each is needed.
    fn all(&mut self) -> Option<bool> {
        let mut satisfied = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            satisfied &= self.one()?;
        }
        Some(satisfied)
    }

    /// A licence, with its exception where it has one, or a parenthesis.
    fn one(&mut self) -> Option<bool> {
        let word = self.words.next()?;
        if word == "(" {
            let inner = self.any()?;
            return (self.words.next()? == ")").then_some(inner);
        }
        if matches!(word, ")" | "AND" | "OR" | "WITH") {
            return None;
        }
        if self.words.next_if_eq(&"WITH").is_none() {
            return Some(self.allows(word));
        }
        // An exception only ever permits more than the licence alone.
        let exception = self.words.next()?;
        Some(self.allows(word) || self.allows(&format!("{word} WITH {exception}")))
    }

    fn allows(&self, licence: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == licence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> bool {
        is_satisfied(expression, &["MIT".to_owned(), "Zlib".to_owned()])
    }

    #[test]
    fn or_needs_one_and_needs_each() {
        assert!(check("MIT"));
        assert!(check("GPL-3.0 OR MIT"));
        assert!(check("GPL-3.0/MIT"));
        assert!(check("MIT AND Zlib"));
        assert!(!check("MIT AND GPL-3.0"));
        assert!(!check("GPL-3.0"));
    }

    #[test]
    fn and_binds_before_or_and_parentheses_before_both() {
        assert!(check("MIT OR Apache-2.0 AND GPL-3.0"));
        assert!(!check("(MIT OR Apache-2.0) AND GPL-3.0"));
    }

    #[test]
    fn an_exception_permits_more() {
        assert!(check("MIT WITH Some-exception"));
        assert!(!check("GPL-3.0 WITH Classpath-exception-2.0"));
    }

    #[test]
    fn what_is_not_understood_is_not_satisfied() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT Zlib", "OR MIT"] {
            assert!(!check(expression), "{expression:?}");
        }
    }
}
