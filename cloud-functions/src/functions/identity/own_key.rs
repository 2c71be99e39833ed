//! `POST /v1/identity/devices/self`: a device says what its signatures are checked with, and gets a till's number.
//!
//! `T#<store>` / `TILLS` is the last number that was given.

use super::secrets;
use crate::carts;
use crate::devices;
use crate::feed::{self, PublishError, entity_key};
use crate::http::{ApiError, Caller, Json};
use crate::ports::ledger::{Condition, Key, LedgerError, Write};
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::State;
use domain::api::identity::{KnownDevice, RegisterKey};
use domain::api::sync::{Scope, kind};
use domain::cart::{Workstation, key_id};
use domain::ids::{DeviceId, StoreId};
use domain::problem::Problem;

/// How often it starts over when others get numbers.
const MAX_TRIES: usize = 20;
/// An Ed25519 key.
const KEY_BYTES: usize = 32;

/// The number that it has, or the next of its store, and the write that takes that.
async fn till(
    services: &Services,
    store: &StoreId,
    known: Option<&KnownDevice>,
) -> Result<(Workstation, Option<Write>), ApiError> {
    if let Some(known) = known {
        return Ok((known.workstation, None));
    }
    let key = Key::new(format!("T#{store}"), "TILLS");
    let row: Option<Row<u16>> = table::lookup(&*services.ledger, &key).await?;
    let condition = row.as_ref().map_or(Condition::Absent, Row::unchanged);
    let number = row.map_or(0, |row| row.value).saturating_add(1);
    let till = Workstation::new(number)
        .map_err(|_| ApiError::unavailable("the store has no number for another till"))?;
    Ok((till, Some(table::put(key, &number, condition)?)))
}

/// `None`: somebody was quicker.
async fn register(
    services: &Services,
    device: &DeviceId,
    public_key: &str,
) -> Result<Option<KnownDevice>, ApiError> {
    let ledger = &*services.ledger;
    let state = devices::lookup(ledger, device).await?;
    let state = state.ok_or_else(|| ApiError::not_found("device"))?;
    let key = entity_key(kind::DEVICE, device.as_str());
    let before: Option<Row<KnownDevice>> = table::lookup(ledger, &key).await?;
    let condition = before.as_ref().map_or(Condition::Absent, Row::unchanged);
    let known = before.map(|row| row.value);
    let store = &state.value.store;
    let (workstation, taken) = till(services, store, known.as_ref()).await?;
    let after = KnownDevice {
        device: device.clone(),
        store: store.clone(),
        kind: state.value.kind,
        workstation,
        key_id: key_id(public_key),
        public_key: public_key.to_owned(),
    };
    if known.as_ref() == Some(&after) {
        return Ok(Some(after));
    }
    let scope = Scope::team(store);
    let moves = [carts::moved(
        scope,
        kind::DEVICE,
        device.as_str(),
        &after,
        condition,
    )?];
    let mut writes: Vec<Write> = taken.into_iter().collect();
    writes.push(Write::Check {
        key: devices::state_key(device),
        condition: state.unchanged(),
    });
    match feed::publish(ledger, &services.poke, &moves, &writes).await {
        Ok(_) => Ok(Some(after)),
        Err(
            PublishError::Moved { .. }
            | PublishError::Beside { .. }
            | PublishError::Ledger(LedgerError::UnknownOutcome(_)),
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// No tablet takes a capsule of a device that was revoked.
pub(super) async fn forget(services: &Services, device: &DeviceId) -> Result<(), PublishError> {
    let key = entity_key(kind::DEVICE, device.as_str());
    let row: Option<Row<KnownDevice>> = table::lookup(&*services.ledger, &key).await?;
    let Some(row) = row else {
        return Ok(());
    };
    let scope = Scope::team(&row.value.store);
    let mut gone = carts::moved(
        scope,
        kind::DEVICE,
        device.as_str(),
        &row.value,
        Condition::Any,
    )?;
    gone.body = None;
    feed::publish(&*services.ledger, &services.poke, &[gone], &[]).await?;
    Ok(())
}

/// Registers a device's key
///
/// Tells the tablets of its store, so that they can check what it signs with the network down.
#[utoipa::path(
    post,
    path = "/v1/identity/devices/self",
    tag = "identity",
    request_body = RegisterKey,
    responses(
        (status = 200, description = "The device, as others know it", body = KnownDevice),
        (status = 400, description = "Not a key", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn register_key(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<RegisterKey>,
) -> Result<Json<KnownDevice>, ApiError> {
    let bytes = secrets::from_base64url(&request.public_key);
    if bytes.is_none_or(|bytes| bytes.len() != KEY_BYTES) {
        return Err(ApiError::invalid("/public_key", "is no Ed25519 key"));
    }
    let device = caller.device.ok_or_else(|| ApiError::not_found("device"))?;
    for _ in 0..MAX_TRIES {
        if let Some(known) = register(&services, &device, &request.public_key).await? {
            return Ok(Json(known));
        }
    }
    Err(ApiError::unavailable("others get numbers"))
}

#[cfg(test)]
mod tests;
