//! Recognises a name, a mention or an SQL statement in tokens.

use super::tokens::{Placed, Token};

/// What is looked for.
pub(super) enum What {
    /// Names in code: a path like `std::fs`, `aws_*` for a beginning.
    Names(&'static [&'static str]),
    /// A text or a name that contains this, in any case.
    Mention(&'static str),
    /// A statement in a text.
    Sql,
}

impl What {
    /// Whether it is what these tokens start with.
    pub(super) fn starts(&self, rest: &[Placed]) -> bool {
        match (self, &rest[0].token) {
            (Self::Names(names), Token::Word(_)) => names.iter().any(|name| is_name(name, rest)),
            (Self::Mention(part), Token::Word(text) | Token::Text(text)) => {
                text.to_lowercase().contains(part)
            }
            (Self::Sql, Token::Text(text)) => is_sql(text),
            _ => false,
        }
    }
}

/// Whether the tokens start with a path like `a::b`, also as `a::{…, b, …}`.
fn is_name(name: &str, rest: &[Placed]) -> bool {
    let (first, second) = match name.split_once("::") {
        Some((first, second)) => (first, Some(second)),
        None => (name, None),
    };
    let Some(Token::Word(word)) = rest.first().map(|placed| &placed.token) else {
        return false;
    };
    let matches = match first.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => word == first,
    };
    matches && second.is_none_or(|second| leads_to(second, &rest[1..]))
}

fn leads_to(second: &str, rest: &[Placed]) -> bool {
    let mut tokens = rest.iter().map(|placed| &placed.token);
    if tokens.next() != Some(&Token::Mark(':')) || tokens.next() != Some(&Token::Mark(':')) {
        return false;
    }
    let wanted = |token: &Token| matches!(token, Token::Word(word) if word == second);
    match tokens.next() {
        Some(Token::Mark('{')) => tokens
            .take_while(|token| **token != Token::Mark(';'))
            .any(wanted),
        Some(token) => wanted(token),
        None => false,
    }
}

/// Whether a text is a statement: keywords in one case, as one writes SQL.
fn is_sql(text: &str) -> bool {
    const STATEMENTS: &[(&str, &str)] = &[
        ("SELECT ", " FROM "),
        ("INSERT ", " INTO "),
        ("REPLACE INTO ", " VALUES"),
        ("UPDATE ", " SET "),
        ("DELETE ", " FROM "),
        ("CREATE ", " TABLE "),
        ("CREATE ", " INDEX "),
        ("ALTER TABLE ", " "),
        ("DROP TABLE ", ""),
        ("PRAGMA ", ""),
        ("BEGIN IMMEDIATE", ""),
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = format!("{} ", words.join(" "));
    STATEMENTS.iter().any(|(start, then)| {
        let is_written = |start: &str, then: &str| {
            text.strip_prefix(start)
                .is_some_and(|rest| format!(" {rest}").contains(then))
        };
        is_written(start, then) || is_written(&start.to_lowercase(), &then.to_lowercase())
    })
}
