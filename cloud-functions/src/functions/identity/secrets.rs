//! Hashes and spellings of what must not be guessed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// SHA-256 over the parts, one after the other: for parts of fixed length only, so that none can pass for another.
pub(super) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// SHA-256 of a random secret, hex.
///
/// One round is enough: the secret has 256 random bits, so there is nothing to guess and nothing for a slow hash to
/// slow down. Argon2 is for what people choose ([`super::pin`]); here it would cost 19 MiB for each token.
pub(super) fn fingerprint(secret: &str) -> String {
    hex(&digest(&[secret.as_bytes()]))
}

/// Whether two fingerprints are the same, in a time that does not tell where they differ.
pub(super) fn same(left: &str, right: &str) -> bool {
    let differences = left
        .bytes()
        .zip(right.bytes())
        .fold(0, |d, (l, r)| d | (l ^ r));
    left.len() == right.len() && differences == 0
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Base64 for addresses, without padding (RFC 7515).
pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What [`base64url`] wrote.
pub(super) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_sha256_in_hex() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(fingerprint("abc"), abc);
        assert!(same(abc, abc));
        assert!(!same(abc, &fingerprint("abd")));
        assert!(!same(abc, ""));
        assert!(!same("", abc));
    }
}
