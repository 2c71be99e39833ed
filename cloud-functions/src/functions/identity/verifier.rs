//! Verifies the local issuer's tokens, and write keys.

mod checked;

use super::keys::{self, Keys};
use super::tokens;
use crate::browsers;
use crate::devices;
use crate::ports::clock::Clock;
use crate::ports::ledger::{Key, Ledger};
use crate::ports::tokens::{TokenError, Verifier};
use crate::table;
use async_trait::async_trait;
use checked::{Checked, CheckedTokens, Standing};
use chrono::{DateTime, Utc};
use domain::access::{Principal, Role};
use domain::ids::DeviceId;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use std::sync::{Arc, PoisonError, RwLock};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 4_096;
/// The longest write key that is looked up, in bytes.
const MAX_WRITE_KEY_BYTES: usize = 128;
/// How far apart the clocks of two processes may be, in seconds.
const LEEWAY: i64 = 30;

/// Verifies the local issuer's tokens against its keys in the ledger.
///
/// Keys are remembered; a token with another key's name makes it read them once more, then it fails closed. A signature
/// is checked once. Devices are read with every token, unless the ledger can tell that nothing was written since: a
/// revocation counts at once.
pub struct LocalVerifier {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    keys: RwLock<Option<Arc<Keys>>>,
    checked: CheckedTokens,
}

/// A source of events, `W#<write key>` / `V`; what else it holds is of no concern here.
#[derive(Deserialize)]
struct Source {
    source: String,
}

impl LocalVerifier {
    /// Verifies what the issuer in this ledger signed.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>) -> Self {
        Self {
            ledger,
            clock,
            keys: RwLock::new(None),
            checked: CheckedTokens::default(),
        }
    }

    /// What the token says, where it is the issuer's and has not ended.
    async fn read(&self, token: &str) -> Result<Arc<Checked>, TokenError> {
        let now = self.clock.now();
        let known = self.checked.lookup(token);
        let known = known.filter(|known| self.still_verifies(&known.kid, now));
        let checked = match known {
            Some(known) => known,
            None => self.check(token, now).await?,
        };
        let now = now.timestamp();
        if checked.made_at > now + LEEWAY {
            return Err(invalid("made in the future"));
        }
        if checked.ends_at <= now - LEEWAY {
            return Err(TokenError::Expired);
        }
        Ok(checked)
    }

    /// Checks signature and claims, and remembers that they hold.
    async fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Checked>, TokenError> {
        let kid = key_name(token)?;
        let mut keys = self.remembered();
        if keys
            .as_ref()
            .is_none_or(|keys| keys.find(&kid, now).is_none())
        {
            keys = self.refetch().await?;
        }
        let pair = keys.as_ref().and_then(|keys| keys.find(&kid, now));
        let pair = pair.ok_or_else(|| invalid("no such key"))?;
        let claims = tokens::open(pair, token).map_err(invalid)?;
        if claims.iss != pair.issuer {
            return Err(invalid("another issuer"));
        }
        if claims.token_use != "access" {
            return Err(invalid("not an access token"));
        }
        let checked = Arc::new(Checked {
            kid,
            made_at: claims.iat,
            ends_at: claims.exp,
            principal: tokens::principal(claims).map_err(invalid)?,
            standing: Standing::default(),
        });
        self.checked.remember(token, Arc::clone(&checked), now);
        Ok(checked)
    }

    /// Whether the key of that name is one of those that are remembered.
    fn still_verifies(&self, kid: &str, now: DateTime<Utc>) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.as_ref()
            .is_some_and(|keys| keys.find(kid, now).is_some())
    }

    fn remembered(&self) -> Option<Arc<Keys>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    async fn refetch(&self) -> Result<Option<Arc<Keys>>, TokenError> {
        let keys = keys::read(&*self.ledger)
            .await
            .map_err(unavailable)?
            .map(Arc::new);
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(keys)
    }

    /// A token counts no longer than its device, and only where the device belongs.
    async fn check_device(
        &self,
        principal: &Principal,
        device: &DeviceId,
    ) -> Result<(), TokenError> {
        let row = devices::lookup(&*self.ledger, device).await;
        let state = row.map_err(unavailable)?.map(|row| row.value);
        match state {
            None => Err(invalid("no such device")),
            Some(state) if state.revoked => Err(TokenError::Revoked),
            Some(state) if Some(&state.store) != principal.store.as_ref() => {
                Err(invalid("another store's device"))
            }
            Some(_) => Ok(()),
        }
    }

    /// A shopper's token counts for as long as the browser is hers.
    async fn check_browser(&self, principal: &Principal) -> Result<(), TokenError> {
        let device = principal.device.as_ref();
        let device = device.ok_or_else(|| invalid("no browser"))?;
        let row = browsers::lookup(&*self.ledger, device).await;
        match row.map_err(unavailable)?.map(|row| row.value) {
            None => Err(invalid("no such browser")),
            Some(browser) if browser.revoked => Err(TokenError::Revoked),
            Some(browser) if Some(&browser.store) != principal.store.as_ref() => {
                Err(invalid("another store's browser"))
            }
            Some(browser) if browser.customer != principal.customer => {
                Err(invalid("somebody else's browser"))
            }
            Some(_) => Ok(()),
        }
    }
}

#[async_trait]
impl Verifier for LocalVerifier {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        // Drawn before anything is read: what is written meanwhile ends it.
        let generation = self.ledger.generation();
        let checked = self.read(token).await?;
        let principal = &checked.principal;
        if !checked.standing.holds(generation) {
            if principal.role == Role::Shopper {
                self.check_browser(principal).await?;
            } else if let Some(device) = &principal.device {
                self.check_device(principal, device).await?;
            }
            checked.standing.found(generation);
        }
        Ok(principal.clone())
    }

    async fn source(&self, write_key: &str) -> Result<Option<String>, TokenError> {
        if write_key.is_empty() || write_key.len() > MAX_WRITE_KEY_BYTES {
            return Ok(None);
        }
        let key = Key::new(format!("W#{write_key}"), "V");
        let row = table::lookup::<Source>(&*self.ledger, &key).await;
        Ok(row.map_err(unavailable)?.map(|row| row.value.source))
    }
}

/// The name of the key that signed, by the token's own, unverified word.
fn key_name(token: &str) -> Result<String, TokenError> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(invalid("too long"));
    }
    let header = jsonwebtoken::decode_header(token).map_err(invalid)?;
    if header.alg != Algorithm::ES256 {
        return Err(invalid("another algorithm"));
    }
    if header.crit.is_some() {
        return Err(invalid("critical extensions"));
    }
    header.kid.ok_or_else(|| invalid("no kid"))
}

fn invalid(reason: impl std::fmt::Display) -> TokenError {
    TokenError::Invalid(reason.to_string())
}

fn unavailable(error: impl std::fmt::Display) -> TokenError {
    TokenError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests;
