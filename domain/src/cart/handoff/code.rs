//! Eight characters that a person can read from one screen and type on another.

/// How many characters a code has, of 5 bits each.
pub const CODE_CHARS: usize = 8;
/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Spells random bytes, one character from each of the first eight.
#[must_use]
pub fn spell_code(random: &[u8]) -> String {
    let symbol = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied();
    let symbols = random.iter().take(CODE_CHARS).filter_map(symbol);
    symbols.map(char::from).collect()
}

/// A code as somebody typed it: case, hyphens, spaces and Crockford's look-alikes are forgiven.
#[must_use]
pub fn read_code(typed: &str) -> Option<String> {
    let mut code = String::with_capacity(CODE_CHARS);
    for c in typed.chars().filter(|c| !matches!(c, '-' | ' ')) {
        let symbol = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = u8::try_from(symbol).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || code.len() == CODE_CHARS {
            return None;
        }
        code.push(symbol);
    }
    (code.len() == CODE_CHARS).then_some(code)
}
