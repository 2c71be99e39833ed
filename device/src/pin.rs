//! Checks a PIN against the hash that came with the team's feed: with the network down as well as up.

use argon2::password_hash::PasswordHash;
use argon2::{Argon2, Params, PasswordVerifier};

/// The most memory that a hash may ask for, in KiB: a tablet has not much.
const MEMORY_KIB_MAX: u32 = 128 << 10;

/// Whether `pin` is 4 to 8 digits.
pub(crate) fn is_pin(pin: &str) -> bool {
    (4..=8).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether the PIN gives the hash (Argon2 in PHC string format). Takes tens of milliseconds of a core, on purpose.
pub(crate) fn verify(pin: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else {
        tracing::error!("a PIN's hash cannot be read: nobody signs in with it");
        return false;
    };
    let bounded = Params::try_from(&parsed).is_ok_and(|params| params.m_cost() <= MEMORY_KIB_MAX);
    bounded
        && Argon2::default()
            .verify_password(pin.as_bytes(), &parsed)
            .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pin_hash;

    #[test]
    fn only_the_pin_gives_its_hash() {
        let hash = pin_hash("1357");
        assert!(verify("1357", &hash));
        assert!(!verify("1358", &hash));
        assert!(!verify("1357", "$argon2id$broken"));
        let greedy = hash.replace("m=64", "m=4194304");
        assert!(!verify("1357", &greedy), "a hash cannot ask for 4 GiB");
    }

    #[test]
    fn a_pin_has_four_to_eight_digits() {
        assert!(is_pin("1234") && is_pin("12345678"));
        assert!(!is_pin("123") && !is_pin("123456789") && !is_pin("12a4") && !is_pin("１２３４"));
    }
}
