//! `POST /oauth2/token`: a device changes its secret into an access token (RFC 6749, section 4.4).

use super::secrets;
use super::tokens::{MintError, mint, permissions};
use crate::devices::{self, DeviceState};
use crate::http::{ApiError, Json};
use crate::services::Services;
use crate::table::TableError;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::access::{Permission, Principal};
use domain::api::identity::TokenResponse;
use domain::ids::DeviceId;
use serde::{Deserialize, Serialize};

/// What is asked for, form-encoded. Not `Debug`: it holds a secret.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct TokenRequest {
    /// `client_credentials`.
    #[serde(default)]
    grant_type: Option<String>,
    /// The device, where there is no Basic header.
    #[serde(default)]
    client_id: Option<String>,
    /// Its secret, where there is no Basic header.
    #[serde(default)]
    client_secret: Option<String>,
    /// Permissions, separated by spaces; without it all that the device may have.
    #[serde(default)]
    scope: Option<String>,
}

/// RFC 6749, section 5.2.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct OAuthError {
    /// `invalid_request`, `invalid_client`, `unauthorized_client`, `unsupported_grant_type` or `invalid_scope`.
    error: String,
    /// For people.
    error_description: String,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenRefusal {
    #[error("{0}")]
    Malformed(&'static str),
    #[error("only client_credentials is served here")]
    GrantType,
    #[error("the client is not known, or its secret is another")]
    Client,
    #[error("this device was revoked")]
    Revoked,
    #[error("the device may not have this scope")]
    Scope,
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for TokenRefusal {
    fn into_response(self) -> Response {
        let (status, code) = match self {
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::GrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Client => (StatusCode::UNAUTHORIZED, "invalid_client"),
            // Only who has the right secret learns it; 403 as everywhere else for a revoked device.
            Self::Revoked => (StatusCode::FORBIDDEN, "unauthorized_client"),
            Self::Scope => (StatusCode::BAD_REQUEST, "invalid_scope"),
            Self::Mint(error) => return ApiError::from(error).into_response(),
            Self::Table(error) => return ApiError::from(error).into_response(),
        };
        let body = OAuthError {
            error: code.to_owned(),
            error_description: self.to_string(),
        };
        let mut response = (status, no_store(), Json(body)).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Basic realm=\"aisle\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

const fn no_store() -> [(header::HeaderName, &'static str); 2] {
    [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ]
}

/// What a client proves itself with.
struct Credentials {
    id: String,
    secret: String,
}

/// From the Basic header or from the form; RFC 6749 forbids both at once.
fn credentials(headers: &HeaderMap, request: &TokenRequest) -> Result<Credentials, TokenRefusal> {
    let in_form = request.client_id.clone().zip(request.client_secret.clone());
    match (headers.get(header::AUTHORIZATION), in_form) {
        (Some(_), Some(_)) => Err(TokenRefusal::Malformed("the client proves itself twice")),
        (Some(value), None) => value
            .to_str()
            .ok()
            .and_then(basic)
            .ok_or(TokenRefusal::Malformed(
                "the Authorization header is not Basic",
            )),
        (None, Some((id, secret))) => Ok(Credentials { id, secret }),
        (None, None) => Err(TokenRefusal::Client),
    }
}

/// Ids and secrets of ours have no characters that form encoding would change.
fn basic(value: &str) -> Option<Credentials> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(Credentials {
        id: id.to_owned(),
        secret: secret.to_owned(),
    })
}

async fn authenticate(
    services: &Services,
    credentials: &Credentials,
) -> Result<DeviceState, TokenRefusal> {
    let device = DeviceId::parse(&*credentials.id).map_err(|_| TokenRefusal::Client)?;
    let row = devices::lookup(&*services.ledger, &device).await?;
    let state = row.map(|row| row.value).ok_or(TokenRefusal::Client)?;
    if !secrets::same(
        &state.secret_hash,
        &secrets::fingerprint(&credentials.secret),
    ) {
        return Err(TokenRefusal::Client);
    }
    if state.revoked {
        return Err(TokenRefusal::Revoked);
    }
    Ok(state)
}

fn granted(state: &DeviceState, scope: Option<&str>) -> Result<Vec<Permission>, TokenRefusal> {
    let role = state.kind.role();
    let Some(asked) = scope.map(str::trim).filter(|scope| !scope.is_empty()) else {
        return Ok(role.permissions().to_vec());
    };
    let granted = permissions(role, asked);
    let understood = asked
        .split(' ')
        .all(|word| granted.iter().any(|permission| permission.as_str() == word));
    understood.then_some(granted).ok_or(TokenRefusal::Scope)
}

/// Gives a device an access token
#[utoipa::path(
    post,
    path = "/oauth2/token",
    tag = "identity",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "An access token", body = TokenResponse),
        (status = 400, description = "RFC 6749, section 5.2", body = OAuthError),
        (status = 401, description = "Not a device, or another secret", body = OAuthError),
        (status = 403, description = "The device was revoked", body = OAuthError),
    )
)]
pub(super) async fn token(
    State(services): State<Services>,
    headers: HeaderMap,
    form: Result<Form<TokenRequest>, FormRejection>,
) -> Result<Response, TokenRefusal> {
    let Form(request) = form.map_err(|_| TokenRefusal::Malformed("the body is no form"))?;
    match request.grant_type.as_deref() {
        Some("client_credentials") => {}
        Some(_) => return Err(TokenRefusal::GrantType),
        None => return Err(TokenRefusal::Malformed("grant_type is missing")),
    }
    let state = authenticate(&services, &credentials(&headers, &request)?).await?;
    let principal = Principal {
        role: state.kind.role(),
        permissions: granted(&state, request.scope.as_deref())?,
        store: Some(state.store),
        device: Some(state.device),
        associate: None,
        customer: None,
    };
    let token = mint(&services, &principal).await?;
    Ok((no_store(), Json(token)).into_response())
}

#[cfg(test)]
mod tests;
