//! `POST /v1/identity/devices/{device}/revoke`: a device may no longer do anything.
//!
//! `X#revoked` / `<device>` is a revoked device whose key and allotment have still to be taken back: it is written with
//! the revocation and deleted when that is done, by whoever revoked it or by the upkeep.

use super::codes::may_manage;
use super::own_key;
use crate::carts::goods;
use crate::devices::{self, DeviceState};
use crate::feed::PublishError;
use crate::http::{ApiError, Caller};
use crate::ports::ledger::{Condition, Key, LedgerError, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ids::DeviceId;
use domain::problem::Problem;

/// How often a revocation starts over when the device's commands move its state.
const MAX_TRIES: usize = 40;
/// Devices whose leaving one call ends.
const LEAVE_AT_ONCE: usize = 20;
/// After every character of an id.
const LAST: &str = "\u{7f}";

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
        match mark(services, &row).await {
            Ok(revoked) => {
                tracing::info!(%device, store = %revoked.store, "a device was revoked");
                return leave(services, &revoked).await;
            }
            Err(TableError::Ledger(
                LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_),
            )) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(RevokeError::Busy)
}

/// The write that ends all that it may do.
async fn mark(services: &Services, row: &Row<DeviceState>) -> Result<DeviceState, TableError> {
    let revoked = DeviceState {
        revoked: true,
        ..row.value.clone()
    };
    let device = &revoked.device;
    let writes = vec![
        table::put(devices::state_key(device), &revoked, row.unchanged())?,
        table::put(left_key(device), device, Condition::Any)?,
    ];
    services.ledger.write(writes).await?;
    Ok(revoked)
}

/// What it alone could sell is everybody's again, and nobody takes a capsule of it.
async fn leave(services: &Services, state: &DeviceState) -> Result<(), RevokeError> {
    own_key::forget(services, &state.device).await?;
    goods::put_back(services, &state.device, &state.store).await?;
    let (key, condition) = (left_key(&state.device), Condition::Any);
    let done = vec![Write::Delete { key, condition }];
    services
        .ledger
        .write(done)
        .await
        .map_err(TableError::from)?;
    Ok(())
}

fn left_key(device: &DeviceId) -> Key {
    Key::new("X#revoked", device.as_str())
}

/// Takes back what revoked devices left behind where nobody came to do it; as much as a call has patience for.
pub(super) async fn sweep(services: &Services) -> Result<(), RevokeError> {
    let page = services.ledger.range("X#revoked", ""..LAST, LEAVE_AT_ONCE);
    for stored in page.await.map_err(TableError::from)? {
        let device: DeviceId = table::row(&stored)?.value;
        let state = devices::lookup(&*services.ledger, &device).await?;
        let state = state.ok_or(RevokeError::Unknown)?;
        leave(services, &state.value).await?;
    }
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

#[cfg(test)]
mod tests;
