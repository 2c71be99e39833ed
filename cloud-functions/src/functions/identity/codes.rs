//! `POST /v1/identity/enrolment-codes`: a one-time code for a new device.

use super::secrets;
use crate::feed::entity_key;
use crate::http::{ApiError, Caller, Json};
use crate::ports::ledger::{Condition, Key, LedgerError};
use crate::services::Services;
use crate::table::{self, TableError};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use domain::access::{Principal, Role};
use domain::api::identity::{CodeRequest, DeviceKind, EnrolmentCode};
use domain::api::sync::kind;
use domain::ids::{DeviceId, StoreId};
use domain::problem::Problem;
use serde::{Deserialize, Serialize};

/// How long a code is good, in seconds.
pub const CODE_SECONDS: u32 = 10 * 60;
/// Crockford's base 32: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many characters a code has, of 5 bits each.
const CODE_CHARS: usize = 8;
/// How often another code is drawn when one is taken.
const MAX_DRAWS: usize = 4;

/// A code, `N#<SHA-256 of the code>` / `V`. It is never stored itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CodeRow {
    /// For which store.
    pub(super) store: StoreId,
    /// For what.
    pub(super) kind: DeviceKind,
    /// Until when an unused code is good.
    pub(super) expires_at: DateTime<Utc>,
    /// The enrolment that it was used for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) used: Option<Used>,
}

/// What a code was used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Used {
    /// SHA-256 of the nonce that was shown with it, hex.
    pub(super) nonce_hash: String,
    /// The device that it made.
    pub(super) device: DeviceId,
}

/// Why no code was made.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// There is no such store.
    #[error("there is no store {0}")]
    StoreUnknown(StoreId),
    /// Drawn codes were all taken: the randomness is broken.
    #[error("no free code was found")]
    NoneFree,
    /// The ledger's own error.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<CodeError> for ApiError {
    fn from(error: CodeError) -> Self {
        match error {
            CodeError::StoreUnknown(_) => Self::invalid("/store", error.to_string()),
            CodeError::NoneFree => Self::unavailable("no code could be made"),
            CodeError::Table(error) => error.into(),
        }
    }
}

/// Makes a code for a new device.
pub async fn create_code(
    services: &Services,
    request: &CodeRequest,
) -> Result<EnrolmentCode, CodeError> {
    let store = entity_key(kind::STORE, request.store.as_str());
    let known = services
        .ledger
        .read(&store)
        .await
        .map_err(TableError::from)?;
    if known.is_none() {
        return Err(CodeError::StoreUnknown(request.store.clone()));
    }
    for _ in 0..MAX_DRAWS {
        let code = spell(&services.ids.secret());
        let row = CodeRow {
            store: request.store.clone(),
            kind: request.kind,
            expires_at: services.clock.now() + TimeDelta::seconds(CODE_SECONDS.into()),
            used: None,
        };
        let write = table::put(code_key(&code), &row, Condition::Absent)?;
        match services.ledger.write(vec![write]).await {
            Ok(()) => {
                let expires_in = CODE_SECONDS;
                return Ok(EnrolmentCode { code, expires_in });
            }
            // Taken, or written without our being told: another code is as good.
            Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => {}
            Err(error) => return Err(TableError::from(error).into()),
        }
    }
    Err(CodeError::NoneFree)
}

/// Where a code lies. A plain hash of 40 bits can be searched by who reads the ledger, who needs no code: it keeps
/// codes out of backups and logs for the minutes that they are good.
pub(super) fn code_key(code: &str) -> Key {
    Key::new(format!("N#{}", secrets::fingerprint(code)), "V")
}

fn spell(random: &[u8; 32]) -> String {
    random
        .iter()
        .take(CODE_CHARS)
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|symbol| char::from(*symbol))
        .collect()
}

/// A code as somebody typed it: case, hyphens, spaces and Crockford's look-alikes forgiven.
pub(super) fn normalise(typed: &str) -> Option<String> {
    let mut code = String::new();
    for c in typed.chars().filter(|c| !matches!(c, '-' | ' ')) {
        let symbol = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = u8::try_from(symbol).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || code.len() == CODE_CHARS {
            return None;
        }
        code.push(symbol);
    }
    (code.len() == CODE_CHARS).then_some(code)
}

/// A manager makes codes for her own store only.
pub(super) fn may_manage(caller: &Principal, store: &StoreId) -> Result<(), ApiError> {
    if caller.role == Role::Operator || caller.store.as_ref() == Some(store) {
        return Ok(());
    }
    let title = "This is another store's";
    Err(ApiError::new(StatusCode::FORBIDDEN, "wrong-store", title))
}

/// Makes a one-time code for a new device
#[utoipa::path(
    post,
    path = "/v1/identity/enrolment-codes",
    tag = "identity",
    request_body = CodeRequest,
    responses(
        (status = 200, description = "The code, shown this once", body = EnrolmentCode),
        (status = 400, description = "No such store", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another store's, or not allowed", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn enrolment_codes(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<CodeRequest>,
) -> Result<Json<EnrolmentCode>, ApiError> {
    may_manage(&caller, &request.store)?;
    Ok(Json(create_code(&services, &request).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        assert_eq!(normalise("abcd-2o1l"), Some("ABCD2011".to_owned()));
        assert_eq!(normalise(" ABCD 2345 "), Some("ABCD2345".to_owned()));
        for bad in [
            "",
            "ABCD234",
            "ABCD23456",
            "ABCD234U",
            "ABCD234é",
            "ABCD234#",
        ] {
            assert_eq!(normalise(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_spelled_code_is_one_that_can_be_typed() {
        let code = spell(&std::array::from_fn(|n| {
            u8::try_from(n * 8 + n).unwrap_or(0)
        }));
        assert_eq!(normalise(&code), Some(code.clone()));
    }
}
