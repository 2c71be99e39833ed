//! The key of a replica. It never shows itself and is wiped from memory when dropped.

use zeroize::{Zeroize, Zeroizing};

/// 256 bits that open a replica; made by the caller and kept in the system's keychain.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Takes over raw key bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 64 hexadecimal digits; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The key as SQLCipher reads a raw one: it derives nothing from it.
    pub(crate) fn pragma_value(&self) -> Zeroizing<String> {
        let mut text = String::with_capacity(67);
        text.push_str("x'");
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
            }
        }
        text.push('\'');
        Zeroizing::new(text)
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_hex_and_never_shows_itself() {
        let key = Key::from_hex(&"0aF1".repeat(16)).unwrap();
        assert_eq!(*key.pragma_value(), format!("x'{}'", "0af1".repeat(16)));
        assert_eq!(format!("{key:?}"), "Key(..)");
        assert!(Key::from_hex("0a").is_none());
        assert!(Key::from_hex(&"zz".repeat(32)).is_none());
    }
}
