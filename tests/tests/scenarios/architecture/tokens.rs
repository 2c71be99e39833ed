//! Rust source as words, marks and texts, without comments and test modules:
//! enough to look for a name without finding it in prose.

/// One token and the line it starts on, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) line: usize,
}

/// What a check looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier, keyword or number.
    Word(String),
    /// One character of punctuation.
    Mark(char),
    /// A string literal's content as written.
    Text(String),
}

/// The tokens of `source`, without comments.
pub(super) fn tokens(source: &str) -> Vec<Placed> {
    let mut reader = Reader {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
    };
    let mut tokens = Vec::new();
    loop {
        let line = reader.line;
        match reader.next() {
            Next::Token(token) => tokens.push(Placed { token, line }),
            Next::Nothing => {}
            Next::End => return tokens,
        }
    }
}

/// Leaves out every item under `#[cfg(test)]`.
pub(super) fn without_tests(tokens: &[Placed]) -> Vec<Placed> {
    let attribute: Vec<Token> = self::tokens("#[cfg(test)]")
        .into_iter()
        .map(|t| t.token)
        .collect();
    let mut kept = Vec::new();
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        let here = rest.iter().map(|placed| &placed.token);
        if rest.len() >= attribute.len() && here.zip(&attribute).all(|(a, b)| a == b) {
            rest = after_item(&rest[attribute.len()..]);
        } else {
            kept.push(first.clone());
            rest = after;
        }
    }
    kept
}

/// What follows the item that `tokens` starts with: up to its closing brace, or
/// to its semicolon where it has no braces.
fn after_item(tokens: &[Placed]) -> &[Placed] {
    let mut depth = 0_usize;
    for (index, placed) in tokens.iter().enumerate() {
        match placed.token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => depth = depth.saturating_sub(1),
            Token::Mark(';') => {}
            _ => continue,
        }
        if depth == 0 {
            return &tokens[index + 1..];
        }
    }
    &[]
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

enum Next {
    Token(Token),
    Nothing,
    End,
}

impl Reader {
    fn next(&mut self) -> Next {
        let Some(char) = self.peek(0) else {
            return Next::End;
        };
        match (char, self.peek(1)) {
            ('/', Some('/')) => self.skip_line(),
            ('/', Some('*')) => self.skip_block(),
            ('"', _) => return Next::Token(Token::Text(self.text())),
            ('\'', _) => self.skip_character(),
            _ if char.is_whitespace() => self.step(),
            _ if is_word(char) => return Next::Token(self.word()),
            _ => {
                self.step();
                return Next::Token(Token::Mark(char));
            }
        }
        Next::Nothing
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn step(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip(&mut self, count: usize) {
        (0..count).for_each(|_| self.step());
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|char| char != '\n') {
            self.step();
        }
    }

    fn skip_block(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.step();
                    continue;
                }
            }
            self.skip(2);
            if depth == 0 {
                return;
            }
        }
    }

    /// A character literal, or the mark of a lifetime.
    fn skip_character(&mut self) {
        if self.peek(1) == Some('\\') {
            self.skip(3);
            while self.peek(0).is_some_and(|char| char != '\'') {
                self.step();
            }
        } else if self.peek(2) == Some('\'') {
            self.skip(2);
        }
        self.step();
    }

    /// A word, or the raw or byte string whose prefix it is.
    fn word(&mut self) -> Token {
        let mut word = String::new();
        while let Some(char) = self.peek(0).filter(|char| is_word(*char)) {
            word.push(char);
            self.step();
        }
        let hashes = (0..)
            .take_while(|ahead| self.peek(*ahead) == Some('#'))
            .count();
        let quoted = self.peek(hashes) == Some('"');
        match word.as_str() {
            "r" | "br" | "cr" if quoted => Token::Text(self.raw_text(hashes)),
            "b" | "c" if quoted && hashes == 0 => Token::Text(self.text()),
            _ => Token::Word(word),
        }
    }

    fn text(&mut self) -> String {
        let mut text = String::new();
        self.step();
        while let Some(char) = self.peek(0).filter(|char| *char != '"') {
            let length = if char == '\\' { 2 } else { 1 };
            text.extend((0..length).filter_map(|ahead| self.peek(ahead)));
            self.skip(length);
        }
        self.step();
        text
    }

    fn raw_text(&mut self, hashes: usize) -> String {
        let mut text = String::new();
        self.skip(hashes + 1);
        while let Some(char) = self.peek(0) {
            let closes = char == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closes {
                break;
            }
            text.push(char);
            self.step();
        }
        self.skip(hashes + 1);
        text
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

#[test]
fn comments_are_left_out_and_texts_kept() {
    let source =
        "// rusqlite\n/* a /* b */ c */ let x = r#\"SELECT \"1\"\"#; // end\n'\\'' 'a' &'b";
    let found: Vec<_> = tokens(source)
        .into_iter()
        .map(|placed| placed.token)
        .collect();
    let word = |text: &str| Token::Word(text.to_owned());
    assert_eq!(
        found,
        [
            word("let"),
            word("x"),
            Token::Mark('='),
            Token::Text("SELECT \"1\"".to_owned()),
            Token::Mark(';'),
            Token::Mark('&'),
            word("b"),
        ]
    );
}

#[test]
fn lines_are_counted_through_texts_and_comments() {
    let found = tokens("\"a\nb\"\n/*\n*/ c");
    let lines: Vec<_> = found.iter().map(|placed| placed.line).collect();
    assert_eq!(lines, [1, 4]);
}

#[test]
fn test_modules_are_left_out_and_what_follows_is_kept() {
    let source = "a; #[cfg(test)] mod tests { fn b() { c } } d #[cfg(test)] mod e; f";
    let words: Vec<_> = without_tests(&tokens(source))
        .into_iter()
        .filter_map(|placed| match placed.token {
            Token::Word(word) => Some(word),
            _ => None,
        })
        .collect();
    assert_eq!(words, ["a", "d", "f"]);
}
