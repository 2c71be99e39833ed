//! What verifiers and clients find out by themselves: the issuer's public keys and addresses.

use super::keys::{self, Keys};
use crate::http::{ApiError, Json};
use crate::services::Services;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A set of public keys (RFC 7517, section 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct KeySet {
    /// The keys that may verify.
    pub(super) keys: Vec<PublicKey>,
}

/// A public P-256 key (RFC 7518, section 6.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct PublicKey {
    /// `EC`.
    pub(super) kty: String,
    /// `P-256`.
    pub(super) crv: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub(super) usage: String,
    /// `ES256`.
    pub(super) alg: String,
    /// Its name.
    pub(super) kid: String,
    /// Base64url.
    pub(super) x: String,
    /// Base64url.
    pub(super) y: String,
}

fn key_set(keys: &Keys, now: DateTime<Utc>) -> KeySet {
    let public = |pair: &keys::KeyPair| PublicKey {
        kty: "EC".to_owned(),
        crv: "P-256".to_owned(),
        usage: "sig".to_owned(),
        alg: "ES256".to_owned(),
        kid: pair.kid.clone(),
        x: pair.x.clone(),
        y: pair.y.clone(),
    };
    KeySet {
        keys: keys.valid(now).map(public).collect(),
    }
}

/// The issuer's metadata (OpenID Connect Discovery 1.0, RFC 8414).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct Configuration {
    /// The issuer's address, as in `iss`.
    issuer: String,
    /// Where its keys are.
    jwks_uri: String,
    /// Where tokens are made.
    token_endpoint: String,
    /// `client_credentials`.
    grant_types_supported: Vec<String>,
    /// `client_secret_basic` and `client_secret_post`.
    token_endpoint_auth_methods_supported: Vec<String>,
    /// None: there is no authorisation endpoint.
    response_types_supported: Vec<String>,
    /// `public`.
    subject_types_supported: Vec<String>,
    /// `ES256`.
    id_token_signing_alg_values_supported: Vec<String>,
}

impl Configuration {
    fn of(issuer: &str) -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let base = issuer.trim_end_matches('/');
        Self {
            issuer: issuer.to_owned(),
            jwks_uri: format!("{base}/.well-known/jwks.json"),
            token_endpoint: format!("{base}/oauth2/token"),
            grant_types_supported: list(&["client_credentials"]),
            token_endpoint_auth_methods_supported: list(&[
                "client_secret_basic",
                "client_secret_post",
            ]),
            response_types_supported: Vec::new(),
            subject_types_supported: list(&["public"]),
            id_token_signing_alg_values_supported: list(&["ES256"]),
        }
    }
}

async fn load(services: &Services) -> Result<Keys, ApiError> {
    let now = services.clock.now();
    Ok(keys::load(&*services.ledger, &*services.ids, now).await?)
}

/// The keys that verify access tokens
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "identity",
    responses((status = 200, description = "The keys", body = KeySet))
)]
pub(super) async fn jwks(State(services): State<Services>) -> Result<Json<KeySet>, ApiError> {
    Ok(Json(key_set(&load(&services).await?, services.clock.now())))
}

/// The issuer's metadata
#[utoipa::path(
    get,
    path = "/.well-known/openid-configuration",
    tag = "identity",
    responses((status = 200, description = "The metadata", body = Configuration))
)]
pub(super) async fn openid_configuration(
    State(services): State<Services>,
) -> Result<Json<Configuration>, ApiError> {
    let keys = load(&services).await?;
    Ok(Json(Configuration::of(&keys.active()?.issuer)))
}
