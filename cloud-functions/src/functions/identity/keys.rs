//! The issuer's keys: ES256 pairs kept in the ledger, made on first use.
//!
//! `K#issuer` / `V`. The last key signs. A key is retired when the issuer's address changes; it verifies for as long as
//! a token that it signed may live. Whoever reads the ledger can sign: its folder is the operator's alone. In a cloud
//! that has an identity provider, that provider signs and this module is not used.

use super::secrets::{base64url, digest, from_base64url};
use crate::ports::ids::Ids;
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError};
use crate::table::{self, Row, TableError};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{DecodingKey, EncodingKey};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::{Deserialize, Serialize};

/// The issuer's address until the host says otherwise.
const DEFAULT_ISSUER: &str = "http://127.0.0.1:4170";
/// How long a retired key verifies: the life of a token and the leeway, and some.
const RETIREMENT: TimeDelta = TimeDelta::minutes(20);
/// How often making or changing the keys starts over when another process was first.
const MAX_TRIES: usize = 8;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// What the ledger holds is no key.
    #[error("the issuer's key is not readable: {0}")]
    Unreadable(String),
    /// Other processes keep changing the keys.
    #[error("the issuer's keys are being changed")]
    Busy,
    /// The ledger's own error.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// As it lies in the ledger.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Kept {
    /// 32 random bytes, base64url, from which devices' secrets are derived.
    pepper: String,
    keys: Vec<KeptKey>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptKey {
    issuer: String,
    /// The private scalar, base64url.
    private: String,
    made_at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired_at: Option<DateTime<Utc>>,
}

/// The keys, ready for use.
pub(super) struct Keys {
    pepper: Vec<u8>,
    pairs: Vec<KeyPair>,
}

/// One key, ready for use.
pub(super) struct KeyPair {
    /// Its name: the thumbprint of the public key (RFC 7638).
    pub(super) kid: String,
    /// Whose tokens it signs.
    pub(super) issuer: String,
    /// Signs.
    pub(super) signing: EncodingKey,
    /// Verifies.
    pub(super) verifying: DecodingKey,
    /// The public point, base64url.
    pub(super) x: String,
    /// The public point, base64url.
    pub(super) y: String,
    retired_at: Option<DateTime<Utc>>,
}

impl Keys {
    /// The key of this name, where it may still verify.
    pub(super) fn find(&self, kid: &str, now: DateTime<Utc>) -> Option<&KeyPair> {
        self.valid(now).find(|pair| pair.kid == kid)
    }

    /// The keys that may verify.
    pub(super) fn valid(&self, now: DateTime<Utc>) -> impl Iterator<Item = &KeyPair> {
        self.pairs
            .iter()
            .filter(move |pair| pair.retired_at.is_none_or(|at| now < at + RETIREMENT))
    }

    /// The key that signs.
    pub(super) fn active(&self) -> Result<&KeyPair, KeysError> {
        let none = || KeysError::Unreadable("there is none".to_owned());
        self.pairs.last().ok_or_else(none)
    }

    /// From which devices' secrets are derived.
    pub(super) fn pepper(&self) -> &[u8] {
        &self.pepper
    }
}

fn key() -> Key {
    Key::new("K#issuer", "V")
}

/// The keys, where some process made them.
pub(super) async fn read(ledger: &dyn Ledger) -> Result<Option<Keys>, KeysError> {
    let row: Option<Row<Kept>> = table::lookup(ledger, &key()).await?;
    row.map(|row| open(&row.value)).transpose()
}

/// The keys; made now where there are none. Processes that start together agree on one.
pub(super) async fn load(
    ledger: &dyn Ledger,
    ids: &dyn Ids,
    now: DateTime<Utc>,
) -> Result<Keys, KeysError> {
    settle(ledger, ids, now, None).await
}

/// As [`load`]; with an issuer, a new key takes over where the active one is another issuer's.
pub(super) async fn settle(
    ledger: &dyn Ledger,
    ids: &dyn Ids,
    now: DateTime<Utc>,
    issuer: Option<&str>,
) -> Result<Keys, KeysError> {
    for _ in 0..MAX_TRIES {
        let row: Option<Row<Kept>> = table::lookup(ledger, &key()).await?;
        let condition = row.as_ref().map_or(Condition::Absent, Row::unchanged);
        let kept = row.map(|row| row.value).unwrap_or_default();
        let active = kept.keys.last().map(|key| key.issuer.as_str());
        if active.is_some() && issuer.is_none_or(|issuer| active == Some(issuer)) {
            return open(&kept);
        }
        let next = with_new_key(kept, issuer.unwrap_or(DEFAULT_ISSUER), ids, now)?;
        let write = table::put(key(), &next, condition)?;
        match ledger.write(vec![write]).await {
            Ok(()) => return open(&next),
            // Another process was first, or this one was and was not told: read what is there now.
            Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => {}
            Err(error) => return Err(TableError::from(error).into()),
        }
    }
    Err(KeysError::Busy)
}

fn with_new_key(
    mut kept: Kept,
    issuer: &str,
    ids: &dyn Ids,
    now: DateTime<Utc>,
) -> Result<Kept, KeysError> {
    if kept.pepper.is_empty() {
        kept.pepper = base64url(&ids.secret());
    }
    for old in &mut kept.keys {
        old.retired_at.get_or_insert(now);
    }
    kept.keys
        .retain(|key| key.retired_at.is_none_or(|at| now < at + RETIREMENT));
    kept.keys.push(KeptKey {
        issuer: issuer.to_owned(),
        private: base64url(&draw(ids)?),
        made_at: now,
        retired_at: None,
    });
    Ok(kept)
}

/// A private scalar. One draw in 2^32 is not below the order of the curve.
fn draw(ids: &dyn Ids) -> Result<[u8; 32], KeysError> {
    (0..MAX_TRIES)
        .map(|_| ids.secret())
        .find(|bytes| SecretKey::from_slice(bytes).is_ok())
        .ok_or_else(|| KeysError::Unreadable("the randomness gives no key".to_owned()))
}

fn open(kept: &Kept) -> Result<Keys, KeysError> {
    let pepper = from_base64url(&kept.pepper)
        .filter(|pepper| pepper.len() == 32)
        .ok_or_else(|| unreadable("the pepper is not 32 bytes"))?;
    let pairs = kept.keys.iter().map(open_key).collect::<Result<_, _>>()?;
    Ok(Keys { pepper, pairs })
}

fn open_key(kept: &KeptKey) -> Result<KeyPair, KeysError> {
    let scalar = from_base64url(&kept.private).ok_or_else(|| unreadable("not base64url"))?;
    let secret = SecretKey::from_slice(&scalar).map_err(unreadable)?;
    let der = secret.to_pkcs8_der().map_err(unreadable)?;
    let point = secret.public_key().to_encoded_point(false);
    let coordinate = |c: Option<&p256::FieldBytes>| c.map(|c| base64url(c)).unwrap_or_default();
    let (x, y) = (coordinate(point.x()), coordinate(point.y()));
    Ok(KeyPair {
        kid: thumbprint(&x, &y),
        issuer: kept.issuer.clone(),
        signing: EncodingKey::from_ec_der(der.as_bytes()),
        verifying: DecodingKey::from_ec_components(&x, &y).map_err(unreadable)?,
        x,
        y,
        retired_at: kept.retired_at,
    })
}

fn unreadable(reason: impl std::fmt::Display) -> KeysError {
    KeysError::Unreadable(reason.to_string())
}

/// RFC 7638, section 3: the required members in the order of their names, without white space.
fn thumbprint(x: &str, y: &str) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    base64url(&digest(&[canonical.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::memory::MemoryLedger;
    use crate::testing::SeededIds;

    fn noon() -> DateTime<Utc> {
        "2026-06-01T12:00:00Z".parse().unwrap()
    }

    #[tokio::test]
    async fn processes_that_start_together_agree_on_one_key() {
        let ledger = MemoryLedger::default();
        let ids: Vec<_> = (0..8).map(SeededIds::new).collect();
        let starts = ids.iter().map(|ids| load(&ledger, ids, noon()));
        let loaded = futures_util::future::join_all(starts).await;
        let kids: std::collections::BTreeSet<_> = loaded
            .iter()
            .map(|keys| keys.as_ref().unwrap().active().unwrap().kid.clone())
            .collect();
        assert_eq!(kids.len(), 1);
    }

    #[tokio::test]
    async fn a_retired_key_verifies_while_its_tokens_live() {
        let (ledger, ids) = (MemoryLedger::default(), SeededIds::new(1));
        let first = load(&ledger, &ids, noon()).await.unwrap();
        let kid = first.active().unwrap().kid.clone();
        let moved = settle(&ledger, &ids, noon(), Some("https://a.example"))
            .await
            .unwrap();
        assert_eq!(moved.active().unwrap().issuer, "https://a.example");
        assert_ne!(moved.active().unwrap().kid, kid);
        assert!(moved.find(&kid, noon() + TimeDelta::minutes(15)).is_some());
        assert!(moved.find(&kid, noon() + TimeDelta::minutes(20)).is_none());
        assert_eq!(moved.pepper(), first.pepper());
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        // Computed with OpenSSL over the canonical form of RFC 7517, appendix A.1's P-256 key.
        let x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4";
        let y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM";
        assert_eq!(
            thumbprint(x, y),
            "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"
        );
    }
}
