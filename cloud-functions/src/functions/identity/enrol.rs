//! `POST /v1/identity/enrol`: a device shows its code and gets what it proves itself with.

use super::attempts::{self, Patience, Try};
use super::codes::{CodeRow, Used, code_key, normalise};
use super::keys::{self, Keys, KeysError};
use super::refusals::wait;
use super::secrets;
use crate::devices::{self, DeviceState};
use crate::http::{ApiError, Json};
use crate::ports::ledger::{Condition, Key, LedgerError};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::identity::{EnrolRequest, Enrolment};
use domain::ids::DeviceId;
use domain::problem::Problem;

/// Wrong codes are counted for everybody together: who guesses has no name. With 10 tries and then one a minute, 40
/// bits are not found in the ten minutes that a code is good; a stranger can at most make a manager wait a minute.
const PATIENCE: Patience = Patience {
    free: 10,
    first_wait: TimeDelta::seconds(2),
    longest_wait: TimeDelta::seconds(60),
    memory: TimeDelta::minutes(10),
};
/// A nonce is 128 bits in hex.
const NONCE_CHARS: usize = 32;
/// How often an enrolment starts over when the code's row moves.
const MAX_TRIES: usize = 4;

/// Why a device was not enrolled.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The nonce is not 32 hex characters.
    #[error("the nonce is 32 hexadecimal characters")]
    BadNonce,
    /// Not a code, or one that has ended, or was used with another nonce: the caller does not learn which.
    #[error("the code is not good")]
    Refused,
    /// Too many wrong codes; try again in so many seconds.
    #[error("too many wrong codes")]
    Wait(u32),
    /// Others kept changing the code's row.
    #[error("the code is being used")]
    Busy,
    /// There is no issuer.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The ledger's own error.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl IntoResponse for EnrolError {
    fn into_response(self) -> Response {
        match self {
            Self::BadNonce => ApiError::invalid("/nonce", self.to_string()).into_response(),
            Self::Refused => {
                let title = "This code is not good: ask for a new one";
                ApiError::new(StatusCode::BAD_REQUEST, "code-refused", title).into_response()
            }
            Self::Wait(seconds) => wait("enrolment-blocked", "Too many wrong codes", seconds),
            Self::Busy => ApiError::unavailable("the code is being used").into_response(),
            Self::Keys(error) => ApiError::from(error).into_response(),
            Self::Table(error) => ApiError::from(error).into_response(),
        }
    }
}

/// Enrols the device that shows a good code. The same code and nonce again give the same enrolment, for as long as the
/// device is not revoked: an answer that was lost on its way costs nothing.
pub async fn enrol(services: &Services, request: &EnrolRequest) -> Result<Enrolment, EnrolError> {
    let nonce = request.nonce.to_ascii_lowercase();
    if nonce.len() != NONCE_CHARS || !nonce.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(EnrolError::BadNonce);
    }
    let now = services.clock.now();
    let tries = Key::new("N#tries", "V");
    if let Try::Wait(seconds) = attempts::count(&*services.ledger, &tries, now, &PATIENCE).await? {
        return Err(EnrolError::Wait(seconds));
    }
    let code = normalise(&request.code).ok_or(EnrolError::Refused)?;
    let keys = keys::load(&*services.ledger, &*services.ids, now).await?;
    let proof = Proof::derive(&keys, code, &nonce);
    for _ in 0..MAX_TRIES {
        if let Some(enrolment) = show(services, &proof, now).await? {
            attempts::forget(&*services.ledger, tries).await?;
            return Ok(enrolment);
        }
    }
    Err(EnrolError::Busy)
}

/// What a device shows, and the secret that follows from it.
struct Proof {
    code: String,
    nonce_hash: String,
    secret: String,
}

impl Proof {
    /// The secret is derived, so that a repeat gives the same one and it is still stored nowhere. All parts have a
    /// fixed length. Without the pepper it is not found from code and nonce, with it not without the nonce.
    fn derive(keys: &Keys, code: String, nonce: &str) -> Self {
        let parts = [
            keys.pepper(),
            b"device secret",
            code.as_bytes(),
            nonce.as_bytes(),
        ];
        Self {
            nonce_hash: secrets::fingerprint(nonce),
            secret: secrets::base64url(&secrets::digest(&parts)),
            code,
        }
    }
}

/// What a code's row says to who shows it.
enum Decision {
    /// Make a device.
    Fresh,
    /// The device was made before.
    Again(DeviceId),
    /// No.
    Refused,
}

fn decide(row: &CodeRow, nonce_hash: &str, now: DateTime<Utc>) -> Decision {
    match &row.used {
        Some(used) if secrets::same(&used.nonce_hash, nonce_hash) => {
            Decision::Again(used.device.clone())
        }
        Some(_) => Decision::Refused,
        None if now < row.expires_at => Decision::Fresh,
        None => Decision::Refused,
    }
}

/// One look at the code and what follows; `None` when the row moved in between.
async fn show(
    services: &Services,
    proof: &Proof,
    now: DateTime<Utc>,
) -> Result<Option<Enrolment>, EnrolError> {
    let row: Option<Row<CodeRow>> =
        table::lookup(&*services.ledger, &code_key(&proof.code)).await?;
    let row = row.ok_or(EnrolError::Refused)?;
    match decide(&row.value, &proof.nonce_hash, now) {
        Decision::Refused => Err(EnrolError::Refused),
        Decision::Again(device) => again(services, proof, &device).await.map(Some),
        Decision::Fresh => fresh(services, proof, row, now).await,
    }
}

async fn fresh(
    services: &Services,
    proof: &Proof,
    row: Row<CodeRow>,
    now: DateTime<Utc>,
) -> Result<Option<Enrolment>, EnrolError> {
    let device = DeviceId::parse(services.ids.uuid(now).to_string())
        .map_err(|error| KeysError::Unreadable(error.to_string()))?;
    let unchanged = row.unchanged();
    let used = Some(Used {
        nonce_hash: proof.nonce_hash.clone(),
        device: device.clone(),
    });
    let code = CodeRow { used, ..row.value };
    let state = DeviceState {
        device: device.clone(),
        kind: code.kind,
        store: code.store.clone(),
        secret_hash: secrets::fingerprint(&proof.secret),
        last_cseq: 0,
        revoked: false,
        enrolled_at: now,
    };
    let batch = vec![
        table::put(code_key(&proof.code), &code, unchanged)?,
        table::put(devices::state_key(&device), &state, Condition::Absent)?,
    ];
    match services.ledger.write(batch).await {
        Ok(()) => {
            tracing::info!(%device, store = %state.store, "a device was enrolled");
            Ok(Some(enrolment(state, proof)))
        }
        Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => Ok(None),
        Err(error) => Err(TableError::from(error).into()),
    }
}

async fn again(
    services: &Services,
    proof: &Proof,
    device: &DeviceId,
) -> Result<Enrolment, EnrolError> {
    let state = devices::lookup(&*services.ledger, device).await?;
    let state = state.map(|row| row.value).ok_or(EnrolError::Refused)?;
    let same = secrets::same(&state.secret_hash, &secrets::fingerprint(&proof.secret));
    if state.revoked || !same {
        return Err(EnrolError::Refused);
    }
    Ok(enrolment(state, proof))
}

fn enrolment(state: DeviceState, proof: &Proof) -> Enrolment {
    Enrolment {
        device: state.device,
        kind: state.kind,
        store: state.store,
        secret: proof.secret.clone(),
    }
}

/// Enrols a device by its one-time code
#[utoipa::path(
    post,
    path = "/v1/identity/enrol",
    tag = "identity",
    request_body = EnrolRequest,
    responses(
        (status = 200, description = "The device's own proof, shown this once", body = Enrolment),
        (status = 400, description = "The code is not good", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many wrong codes; see Retry-After", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn enrol_device(
    State(services): State<Services>,
    Json(request): Json<EnrolRequest>,
) -> Result<Response, EnrolError> {
    let enrolment = enrol(&services, &request).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(enrolment)).into_response())
}

#[cfg(test)]
mod tests;
