//! People of a store who sign in by a user pool of Cognito. Tokens of devices and shoppers stay the local issuer's.
//!
//! A pool's access token is accepted until it ends: signing somebody out or disabling her stops new tokens, and no key
//! tells us of it. Clients of the pool should therefore be given tokens of five minutes, the shortest there are.

mod claims;
mod keys;

pub use keys::KeysError;

use crate::ports::clock::Clock;
use crate::ports::tokens::{TokenError, Verifier};
use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use claims::Claims;
use domain::access::Principal;
use jsonwebtoken::{Algorithm, Validation};
use keys::PoolKeys;
use serde::Deserialize;
use std::sync::Arc;

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
/// How far apart the clocks of the pool and of this process may be, in seconds.
const LEEWAY: i64 = 30;

/// A user pool, and the one client whose tokens are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// `https://cognito-idp.<region>.amazonaws.com/<pool>`, as tokens name it.
    pub issuer: String,
    /// The id of the app client.
    pub client: String,
    /// Where its keys are; on Amazon `<issuer>/.well-known/jwks.json`.
    pub keys: String,
}

/// Verifies tokens of a pool by its keys, and leaves every other token, and write keys, to the verifier beside it.
pub struct CognitoVerifier {
    pool: Pool,
    keys: PoolKeys,
    clock: Arc<dyn Clock>,
    others: Arc<dyn Verifier>,
}

impl CognitoVerifier {
    /// Tokens of `pool` are checked here, all others by `others`.
    ///
    /// # Errors
    /// Where there is no client for HTTP.
    pub fn new(
        pool: Pool,
        clock: Arc<dyn Clock>,
        others: Arc<dyn Verifier>,
    ) -> Result<Self, KeysError> {
        Ok(Self {
            keys: PoolKeys::new(pool.keys.clone())?,
            pool,
            clock,
            others,
        })
    }

    async fn check(&self, token: &str) -> Result<Principal, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
        if header.alg != Algorithm::RS256 {
            return Err(invalid("another algorithm"));
        }
        if header.crit.is_some() {
            return Err(invalid("critical extensions"));
        }
        let kid = header.kid.ok_or_else(|| invalid("no kid"))?;
        let now = self.clock.now();
        let key = self.keys.find(&kid, now).await;
        let key = key.map_err(|error| TokenError::Unavailable(error.to_string()))?;
        let key = key.ok_or_else(|| invalid("no such key"))?;
        let mut validation = Validation::new(Algorithm::RS256);
        // By the Clock port, below; Cognito's access tokens have no audience.
        validation.validate_exp = false;
        validation.validate_aud = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation);
        let claims = claims.map_err(invalid)?.claims;
        self.check_claims(&claims, now.timestamp())?;
        claims::principal(claims).map_err(invalid)
    }

    fn check_claims(&self, claims: &Claims, now: i64) -> Result<(), TokenError> {
        if claims.iss != self.pool.issuer {
            return Err(invalid("another issuer"));
        }
        if claims.client_id != self.pool.client {
            return Err(invalid("another client"));
        }
        if claims.token_use != "access" {
            return Err(invalid("not an access token"));
        }
        if claims.iat > now + LEEWAY {
            return Err(invalid("made in the future"));
        }
        if claims.exp <= now - LEEWAY {
            return Err(TokenError::Expired);
        }
        Ok(())
    }
}

#[async_trait]
impl Verifier for CognitoVerifier {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        if claimed_issuer(token).as_deref() == Some(&*self.pool.issuer) {
            return self.check(token).await;
        }
        self.others.verify(token).await
    }

    async fn source(&self, write_key: &str) -> Result<Option<String>, TokenError> {
        self.others.source(write_key).await
    }
}

/// Who the token says made it: unverified, so it decides alone who is to check it.
fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issued {
        iss: String,
    }
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let claims = token.split('.').nth(1)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    let issued: Issued = serde_json::from_slice(&claims).ok()?;
    Some(issued.iss)
}

fn invalid(reason: impl std::fmt::Display) -> TokenError {
    TokenError::Invalid(reason.to_string())
}

#[cfg(test)]
mod tests;
