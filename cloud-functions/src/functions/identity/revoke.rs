//! `POST /v1/identity/devices/{device}/revoke`: a device may no longer do anything.

use super::codes::may_manage;
use super::own_key;
use crate::carts::goods;
use crate::devices::{self, DeviceState};
use crate::feed::PublishError;
use crate::http::{ApiError, Caller};
use crate::ports::ledger::LedgerError;
use crate::services::Services;
use crate::table::{self, TableError};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ids::DeviceId;
use domain::problem::Problem;

/// How often a revocation starts over when the device's commands move its state.
const MAX_TRIES: usize = 40;

/// Why a device was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// There is no such device.
    #[error("there is no such device")]
    Unknown,
    /// Its commands keep moving its state.
    #[error("the device is too busy")]
    Busy,
    /// It is revoked; what it left behind could not be told.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// The ledger's own error.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Unknown => Self::not_found("device"),
            RevokeError::Busy => Self::unavailable(error.to_string()),
            RevokeError::Publish(error) => error.into(),
            RevokeError::Table(error) => error.into(),
        }
    }
}

/// Revokes a device: from the moment that this returns none of its tokens is accepted and none of its commands is
/// written. Again is the same.
pub async fn revoke(services: &Services, device: &DeviceId) -> Result<(), RevokeError> {
    for _ in 0..MAX_TRIES {
        let row = devices::lookup(&*services.ledger, device).await?;
        let row = row.ok_or(RevokeError::Unknown)?;
        if row.value.revoked {
            return leave(services, &row.value).await;
        }
        let unchanged = row.unchanged();
        let revoked = DeviceState {
            revoked: true,
            ..row.value
        };
        let write = table::put(devices::state_key(device), &revoked, unchanged)?;
        match services.ledger.write(vec![write]).await {
            Ok(()) => {
                tracing::info!(%device, store = %revoked.store, "a device was revoked");
                return leave(services, &revoked).await;
            }
            Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => {}
            Err(error) => return Err(TableError::from(error).into()),
        }
    }
    Err(RevokeError::Busy)
}

/// What it alone could sell is everybody's again, and nobody takes a capsule of it.
async fn leave(services: &Services, state: &DeviceState) -> Result<(), RevokeError> {
    own_key::forget(services, &state.device).await?;
    goods::put_back(services, &state.device, &state.store).await?;
    Ok(())
}

/// Revokes a device
#[utoipa::path(
    post,
    path = "/v1/identity/devices/{device}/revoke",
    tag = "identity",
    params(("device" = String, Path, description = "Which")),
    responses(
        (status = 204, description = "It may no longer do anything"),
        (status = 403, description = "Another store's, or not allowed", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such device", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn revoke_device(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(device): Path<String>,
) -> Result<StatusCode, ApiError> {
    let device = DeviceId::parse(device).map_err(|_| ApiError::not_found("device"))?;
    let row = devices::lookup(&*services.ledger, &device).await?;
    let row = row.ok_or_else(|| ApiError::not_found("device"))?;
    may_manage(&caller, &row.value.store)?;
    revoke(&services, &device).await?;
    Ok(StatusCode::NO_CONTENT)
}
