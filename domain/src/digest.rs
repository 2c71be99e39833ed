//! Names that follow from what they name: SHA-256 over parts that cannot run together.

use sha2::{Digest, Sha256};

/// How many bytes of a hash make a name: enough that two never meet, short enough to print.
const NAME_BYTES: usize = 16;

/// SHA-256 over the tag and the parts, each after its length in eight bytes, little end first.
#[must_use]
pub fn sha256(tag: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in std::iter::once(tag.as_bytes()).chain(parts.iter().copied()) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The first 128 bits of [`sha256`], in 32 hexadecimal digits.
#[must_use]
pub fn derive(tag: &str, parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    hex(sha256(tag, &parts).get(..NAME_BYTES).unwrap_or_default())
}

/// Bytes in lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together_and_names_are_fixed_for_ever() {
        assert_ne!(derive("t", &["ab", "c"]), derive("t", &["a", "bc"]));
        assert_ne!(derive("t", &["a"]), derive("ta", &[]));
        assert_ne!(derive("t", &["a", ""]), derive("t", &["a"]));
        assert_eq!(
            derive("order", &["cart-1", "1"]),
            "61a88e03b80011184cb90767ce564e4d",
            "orders in the field are named so"
        );
    }
}
