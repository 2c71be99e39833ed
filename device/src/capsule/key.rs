//! A device's key, and checking another's signature.

use domain::cart::{Capsule, SignedCapsule, key_id};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::frames::{from_base64, to_base64};

/// Signs as this device.
pub(crate) struct Signer(Ed25519KeyPair);

/// The seed is no Ed25519 key: the keepsake is broken.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the key of this device cannot be used")]
pub(crate) struct BrokenKey;

impl Signer {
    /// The key that follows from 32 random bytes.
    pub(crate) fn from_seed(seed: &[u8]) -> Result<Self, BrokenKey> {
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self)
            .map_err(|_| BrokenKey)
    }

    /// What its signatures are checked with: base64url without padding.
    pub(crate) fn public_key(&self) -> String {
        to_base64(self.0.public_key().as_ref())
    }

    /// Signs a capsule.
    pub(crate) fn sign(&self, capsule: Capsule) -> SignedCapsule {
        let signature = self.0.sign(&capsule.canonical_bytes());
        SignedCapsule {
            key_id: key_id(&self.public_key()),
            signature: to_base64(signature.as_ref()),
            capsule,
        }
    }
}

/// Whether the holder of this public key signed the capsule.
pub(crate) fn verify(signed: &SignedCapsule, public_key: &str) -> bool {
    let (Some(key), Some(signature)) = (from_base64(public_key), from_base64(&signed.signature))
    else {
        return false;
    };
    let checked = UnparsedPublicKey::new(&ED25519, key);
    let bytes = signed.capsule.canonical_bytes();
    signed.key_id == key_id(public_key) && checked.verify(&bytes, &signature).is_ok()
}
