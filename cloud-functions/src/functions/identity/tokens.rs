//! Access tokens: JWTs (RFC 7519) with the claims that Cognito's have, signed with ES256.

use super::keys::{self, KeyPair, KeysError};
use crate::http::ApiError;
use crate::services::Services;
use domain::access::{Permission, Principal, Role};
use domain::api::identity::{Claims, TokenResponse};
use domain::ids::AssociateId;
use jsonwebtoken::{Algorithm, Header, Validation};

/// How long an access token lives, in seconds.
pub const TOKEN_SECONDS: u32 = 15 * 60;
/// The client of tokens that no device asked for.
const OPERATOR_CLIENT: &str = "aisle-cloud";

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// The principal lacks what a caller of its role must have.
    #[error("a token of this role needs {0}")]
    Incomplete(&'static str),
    /// The signature failed.
    #[error("the token could not be signed: {0}")]
    Signature(String),
    /// There is no key.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl From<MintError> for ApiError {
    fn from(error: MintError) -> Self {
        match error {
            MintError::Keys(error) => error.into(),
            MintError::Incomplete(_) | MintError::Signature(_) => {
                tracing::error!(%error, "a token could not be made");
                Self::unavailable("no token could be made")
            }
        }
    }
}

impl From<KeysError> for ApiError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Table(error) => error.into(),
            KeysError::Unreadable(_) | KeysError::Busy => {
                tracing::error!(%error, "the issuer has no key");
                Self::unavailable("the issuer has no key")
            }
        }
    }
}

/// Makes an access token for anybody: whoever can call this is trusted with the ledger. It allows what `principal`
/// lists and its role may. A device must be enrolled for its token to be accepted.
pub async fn mint(services: &Services, principal: &Principal) -> Result<TokenResponse, MintError> {
    let now = services.clock.now();
    let keys = keys::load(&*services.ledger, &*services.ids, now).await?;
    let pair = keys.active()?;
    let (subject, client) = subject(principal)?;
    let scope = scope(principal);
    let claims = Claims {
        iss: pair.issuer.clone(),
        sub: subject,
        client_id: client,
        token_use: "access".to_owned(),
        scope: scope.clone(),
        role: principal.role,
        store: principal.store.clone(),
        device: principal.device.clone(),
        customer: principal.customer.clone(),
        exp: now.timestamp() + i64::from(TOKEN_SECONDS),
        iat: now.timestamp(),
        jti: services.ids.uuid(now).to_string(),
    };
    Ok(TokenResponse {
        access_token: sign(pair, &claims)?,
        token_type: "Bearer".to_owned(),
        expires_in: TOKEN_SECONDS,
        scope,
    })
}

pub(super) fn sign(pair: &KeyPair, claims: &Claims) -> Result<String, MintError> {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(pair.kid.clone());
    jsonwebtoken::encode(&header, claims, &pair.signing)
        .map_err(|error| MintError::Signature(error.to_string()))
}

/// Who the token is about, and through which application.
fn subject(principal: &Principal) -> Result<(String, String), MintError> {
    let device = principal.device.as_ref().map(ToString::to_string);
    let subject = match principal.role {
        Role::Tablet | Role::Kiosk => device.clone().ok_or(MintError::Incomplete("a device"))?,
        Role::Associate | Role::Manager => principal
            .associate
            .as_ref()
            .map(ToString::to_string)
            .ok_or(MintError::Incomplete("an associate"))?,
        Role::Operator => "operator".to_owned(),
        Role::Shopper => match &principal.customer {
            Some(customer) => customer.to_string(),
            None => device.clone().ok_or(MintError::Incomplete("a browser"))?,
        },
    };
    if principal.role != Role::Operator && principal.store.is_none() {
        return Err(MintError::Incomplete("a store"));
    }
    Ok((
        subject,
        device.unwrap_or_else(|| OPERATOR_CLIENT.to_owned()),
    ))
}

fn scope(principal: &Principal) -> String {
    let allowed = principal.role.permissions().iter();
    let granted: Vec<_> = allowed
        .filter(|permission| principal.permissions.contains(permission))
        .map(|permission| permission.as_str())
        .collect();
    granted.join(" ")
}

/// The permissions of a scope claim that its role may have; others mean nothing.
pub(super) fn permissions(role: Role, scope: &str) -> Vec<Permission> {
    let named = |permission: &Permission| scope.split(' ').any(|word| word == permission.as_str());
    role.permissions().iter().copied().filter(named).collect()
}

/// Checks a signature and reads the claims; nothing else is checked. The algorithm is ES256, whatever the header says.
pub(super) fn open(pair: &KeyPair, token: &str) -> Result<Claims, String> {
    let mut validation = Validation::new(Algorithm::ES256);
    // By the Clock port, in the verifier; Cognito's access tokens have no audience.
    validation.validate_exp = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Claims>(token, &pair.verifying, &validation)
        .map(|data| data.claims)
        .map_err(|error| error.to_string())
}

/// Whom the claims describe, where they agree with themselves.
pub(super) fn principal(claims: Claims) -> Result<Principal, &'static str> {
    let device = claims.device.as_ref().map(|device| device.as_str());
    if claims.client_id != device.unwrap_or(OPERATOR_CLIENT) {
        return Err("another client_id");
    }
    let mut associate = None;
    match claims.role {
        Role::Tablet | Role::Kiosk if device != Some(&claims.sub) => {
            return Err("a device's token is about the device");
        }
        Role::Associate | Role::Manager => {
            associate = Some(AssociateId::parse(claims.sub.clone()).map_err(|_| "a bad sub")?);
        }
        Role::Shopper => {
            let device = device.ok_or("a shopper has a browser")?;
            let whose = claims.customer.as_ref().map_or(device, |c| c.as_str());
            if claims.sub != whose {
                return Err("a shopper's token is about her, or her browser");
            }
        }
        Role::Tablet | Role::Kiosk | Role::Operator => {}
    }
    if claims.customer.is_some() && claims.role != Role::Shopper {
        return Err("only a shopper is a customer");
    }
    if claims.role != Role::Operator && claims.store.is_none() {
        return Err("no store");
    }
    Ok(Principal {
        role: claims.role,
        permissions: permissions(claims.role, &claims.scope),
        store: claims.store,
        device: claims.device,
        associate,
        customer: claims.customer,
    })
}
