//! Hashes of PINs.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// KiB, rounds and lanes: OWASP's second choice for Argon2id, since a tablet checks PINs too, while somebody waits.
const MEMORY_KIB: u32 = 19 * 1_024;
const ROUNDS: u32 = 2;
const LANES: u32 = 1;

/// Why a PIN could not be hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// Not 4 to 8 digits.
    #[error("a PIN has 4 to 8 digits")]
    NotAPin,
    /// The salt's length, or the hash itself.
    #[error("the PIN could not be hashed: {0}")]
    Hash(String),
}

/// Whether this may be a PIN: 4 to 8 digits.
#[must_use]
pub fn is_pin(text: &str) -> bool {
    (4..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Argon2id of a PIN in PHC string format, for [`domain::store::Associate::pin_hash`]. The salt has 8 to 48 random
/// bytes, and is another one for each PIN.
///
/// A short PIN falls to whoever holds the hash, however slow it is: what protects it is that it lies in the ledger and
/// in encrypted replicas only, and that guessing at the door is counted.
pub fn hash_pin(pin: &str, salt: &[u8]) -> Result<String, PinError> {
    if !is_pin(pin) {
        return Err(PinError::NotAPin);
    }
    // The crate panics on a salt that it encoded too short.
    if !(8..=48).contains(&salt.len()) {
        return Err(PinError::Hash("the salt has 8 to 48 bytes".to_owned()));
    }
    let failed = |error: &dyn std::fmt::Display| PinError::Hash(error.to_string());
    let salt = SaltString::encode_b64(salt).map_err(|error| failed(&error))?;
    let params = Params::new(MEMORY_KIB, ROUNDS, LANES, None).map_err(|error| failed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password(pin.as_bytes(), &salt);
    hash.map(|hash| hash.to_string())
        .map_err(|error| failed(&error))
}

/// Whether this is the PIN behind a PHC string. Takes some 20 ms of a core: never on an async thread.
pub(super) fn verify_pin(pin: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(pin.as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_verifies_against_its_hash_alone() {
        let hash = hash_pin("1234", b"salt-of-8-bytes-or-more").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify_pin("1234", &hash));
        assert!(!verify_pin("1235", &hash));
        assert!(!verify_pin("1234", "not a hash"));
        assert_ne!(hash, hash_pin("1234", b"another-salt").unwrap());
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        for bad in ["", "123", "123456789", "12a4", "١٢٣٤", "12 4"] {
            assert_eq!(
                hash_pin(bad, b"a-good-salt"),
                Err(PinError::NotAPin),
                "{bad}"
            );
        }
        assert!(matches!(hash_pin("1234", b"x"), Err(PinError::Hash(_))));
    }
}
