//! `POST /v1/identity/pin`: an associate of the tablet's store signs in.

mod hash;

pub use hash::{PinError, hash_pin, is_pin};

use super::attempts::{self, Patience, Try};
use super::refusals::wait;
use super::tokens::{MintError, mint};
use crate::feed::entity_key;
use crate::http::{ApiError, Caller, Json};
use crate::ports::ledger::Key;
use crate::services::Services;
use crate::table::{self, TableError};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use domain::access::{Principal, Role};
use domain::api::identity::{PinRequest, TokenResponse};
use domain::api::sync::kind;
use domain::ids::AssociateId;
use domain::problem::Problem;
use domain::store::Associate;
use tokio::sync::Semaphore;

/// For each associate, wherever the tries come from: at most 28 wrong PINs on the first day and 24 on each further.
const PATIENCE: Patience = Patience {
    free: 5,
    first_wait: TimeDelta::minutes(1),
    longest_wait: TimeDelta::hours(1),
    memory: TimeDelta::hours(24),
};
/// PINs checked at once: each takes a core and 19 MiB.
static CHECKS: Semaphore = Semaphore::const_new(4);

/// Why nobody signed in.
#[derive(Debug, thiserror::Error)]
pub(super) enum PinRefusal {
    #[error("a PIN has 4 to 8 digits")]
    NotAPin,
    /// The wrong PIN, or nobody of this store: the caller does not learn which.
    #[error("the PIN is another")]
    Refused,
    #[error("too many wrong PINs")]
    Locked(u32),
    #[error("the PIN could not be checked")]
    Unchecked,
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for PinRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::NotAPin => ApiError::invalid("/pin", self.to_string()).into_response(),
            Self::Refused => {
                let title = "This is not the PIN";
                ApiError::new(StatusCode::FORBIDDEN, "pin-refused", title).into_response()
            }
            Self::Locked(seconds) => wait("pin-locked", "Too many wrong PINs", seconds),
            Self::Unchecked => ApiError::unavailable(self.to_string()).into_response(),
            Self::Mint(error) => ApiError::from(error).into_response(),
            Self::Table(error) => ApiError::from(error).into_response(),
        }
    }
}

/// Where the tries at an associate's PIN are counted.
fn tries_key(associate: &AssociateId) -> Key {
    Key::new(format!("A#{associate}"), "PIN")
}

async fn sign_in(
    services: &Services,
    tablet: &Principal,
    request: PinRequest,
) -> Result<TokenResponse, PinRefusal> {
    if !is_pin(&request.pin) {
        return Err(PinRefusal::NotAPin);
    }
    let ledger = &*services.ledger;
    let key = entity_key(kind::ASSOCIATE, request.associate.as_str());
    let row = table::lookup::<Associate>(ledger, &key).await?;
    // Who is not of this store is not counted either: only a colleague's tablet can lock her.
    let associate = row
        .map(|row| row.value)
        .filter(|associate| Some(&associate.store) == tablet.store.as_ref())
        .filter(|associate| matches!(associate.role, Role::Associate | Role::Manager))
        .ok_or(PinRefusal::Refused)?;
    let tries = tries_key(&associate.id);
    if let Try::Wait(seconds) =
        attempts::count(ledger, &tries, services.clock.now(), &PATIENCE).await?
    {
        return Err(PinRefusal::Locked(seconds));
    }
    if !check(request.pin, associate.pin_hash).await? {
        return Err(PinRefusal::Refused);
    }
    attempts::forget(ledger, tries).await?;
    let principal = Principal {
        role: associate.role,
        permissions: associate.role.permissions().to_vec(),
        associate: Some(associate.id),
        ..tablet.clone()
    };
    Ok(mint(services, &principal).await?)
}

/// Argon2 takes milliseconds of a core: on a thread that nobody else waits for, and few at once.
async fn check(pin: String, hash: String) -> Result<bool, PinRefusal> {
    let permit = CHECKS.acquire().await.map_err(|_| PinRefusal::Unchecked)?;
    let checked = tokio::task::spawn_blocking(move || hash::verify_pin(&pin, &hash)).await;
    drop(permit);
    checked.map_err(|_| PinRefusal::Unchecked)
}

/// Signs an associate in by PIN
#[utoipa::path(
    post,
    path = "/v1/identity/pin",
    tag = "identity",
    request_body = PinRequest,
    responses(
        (status = 200, description = "A token of the associate on this tablet", body = TokenResponse),
        (status = 400, description = "Not a PIN", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another PIN, or nobody of this store", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong PINs; see Retry-After", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn pin(
    State(services): State<Services>,
    Caller(tablet): Caller,
    Json(request): Json<PinRequest>,
) -> Result<Response, PinRefusal> {
    let token = sign_in(&services, &tablet, request).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(token)).into_response())
}

#[cfg(test)]
mod tests;
