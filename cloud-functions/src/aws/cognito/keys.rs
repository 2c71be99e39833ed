//! The public keys of a user pool, as it publishes them.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet};
use reqwest::Client;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long the pool may take to answer.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The longest answer that is read, in bytes; Cognito's has two keys and 1 KB.
const MAX_BYTES: usize = 64 * 1_024;
/// The most keys that are kept.
const MAX_KEYS: usize = 16;
/// Between two questions for keys that are not known: whoever invents names cannot make us ask more often.
const REFETCH_AFTER: TimeDelta = TimeDelta::seconds(30);

/// Why keys could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// No client for HTTP.
    #[error("no client could be made: {0}")]
    Client(String),
    /// No answer, or none in time.
    #[error("the pool's keys could not be had: {0}")]
    Unreachable(String),
    /// An answer that is too long, or says something else.
    #[error("the pool's keys could not be read: {0}")]
    Unreadable(String),
}

#[derive(Default)]
struct Kept {
    keys: HashMap<String, Arc<DecodingKey>>,
    asked_at: Option<DateTime<Utc>>,
}

/// Keys by their names, asked for when a name is not known.
pub(super) struct PoolKeys {
    client: Client,
    address: String,
    kept: Mutex<Kept>,
}

impl PoolKeys {
    /// Published at that address.
    pub(super) fn new(address: String) -> Result<Self, KeysError> {
        // Whichever is installed first stays; all of ours is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build();
        Ok(Self {
            client: client.map_err(|error| KeysError::Client(error.to_string()))?,
            address,
            kept: Mutex::default(),
        })
    }

    /// The key of that name. One question at a time: who comes meanwhile waits for its answer.
    pub(super) async fn find(
        &self,
        kid: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<DecodingKey>>, KeysError> {
        let mut kept = self.kept.lock().await;
        if let Some(key) = kept.keys.get(kid) {
            return Ok(Some(Arc::clone(key)));
        }
        let asked_lately = kept.asked_at.is_some_and(|at| now - at < REFETCH_AFTER);
        if asked_lately && !kept.keys.is_empty() {
            return Ok(None);
        }
        if asked_lately {
            return Err(KeysError::Unreachable("asked a moment ago".to_owned()));
        }
        kept.asked_at = Some(now);
        // Where this fails, what was known stays.
        kept.keys = self.fetch().await?;
        Ok(kept.keys.get(kid).cloned())
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<DecodingKey>>, KeysError> {
        let unreachable = |error: reqwest::Error| KeysError::Unreachable(error.to_string());
        let sent = self.client.get(&self.address).send().await;
        let answer = sent.and_then(reqwest::Response::error_for_status);
        let mut answer = answer.map_err(unreachable)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(KeysError::Unreadable("too long".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        let set: JwkSet = serde_json::from_slice(&body)
            .map_err(|error| KeysError::Unreadable(error.to_string()))?;
        Ok(usable(&set))
    }
}

/// RSA keys that have a name: others verify nothing here.
fn usable(set: &JwkSet) -> HashMap<String, Arc<DecodingKey>> {
    let named = set.keys.iter().filter_map(|jwk| {
        let kid = jwk.common.key_id.clone()?;
        let AlgorithmParameters::RSA(_) = jwk.algorithm else {
            return None;
        };
        Some((kid, Arc::new(DecodingKey::from_jwk(jwk).ok()?)))
    });
    named.take(MAX_KEYS).collect()
}
