//! Verifies who calls.

use async_trait::async_trait;
use domain::access::Principal;

/// Why a token was not accepted. The caller sees only that it was not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a token of ours: shape, signature, algorithm, issuer, use or claims.
    #[error("the token is not valid: {0}")]
    Invalid(String),
    /// It has ended.
    #[error("the token has expired")]
    Expired,
    /// Its device was revoked.
    #[error("the device was revoked")]
    Revoked,
    /// The keys could not be read: fails closed.
    #[error("the token could not be checked: {0}")]
    Unavailable(String),
}

/// Verifies bearer tokens and write keys.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// Who the bearer is.
    async fn verify(&self, token: &str) -> Result<Principal, TokenError>;

    /// The name of the source that a write key belongs to, where it is one.
    async fn source(&self, write_key: &str) -> Result<Option<String>, TokenError>;
}
