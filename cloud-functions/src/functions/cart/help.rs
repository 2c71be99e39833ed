//! `POST /v1/carts/help`: a shopper at a kiosk asks for somebody of the team; `POST /v1/carts/help/end`: somebody goes
//! there, or she has left.
//!
//! The call is an entity of the store's feed of carts, one a kiosk, so that its tablets hear of it with the next poke.

use super::kept;
use super::refusal::CartError;
use crate::carts;
use crate::feed::entity_key;
use crate::http::{Caller, Json};
use crate::ports::ledger::Condition;
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::State;
use domain::access::{Principal, Role};
use domain::api::identity::KnownDevice;
use domain::api::sync::kind;
use domain::cart::Workstation;
use domain::help::{HelpAnswer, HelpCall, HelpEnd, HelpRequest};
use domain::ids::{DeviceId, StoreId};
use domain::problem::Problem;

async fn lookup(
    services: &Services,
    device: &DeviceId,
) -> Result<Option<Row<HelpCall>>, CartError> {
    let key = entity_key(kind::HELP, device.as_str());
    Ok(table::lookup(&*services.ledger, &key).await?)
}

/// The number of a device among the tills of its store, where it has one.
pub(super) async fn till(
    services: &Services,
    device: &DeviceId,
) -> Result<Option<Workstation>, CartError> {
    let key = entity_key(kind::DEVICE, device.as_str());
    let known: Option<Row<KnownDevice>> = table::lookup(&*services.ledger, &key).await?;
    Ok(known.map(|row| row.value.workstation))
}

fn who(caller: &Principal) -> Result<(&DeviceId, &StoreId), CartError> {
    let who = caller.device.as_ref().zip(caller.store.as_ref());
    who.ok_or(CartError::Forbidden)
}

async fn ask(
    services: &Services,
    caller: &Principal,
    request: &HelpRequest,
) -> Result<Option<HelpCall>, CartError> {
    let (device, store) = who(caller)?;
    let before = lookup(services, device).await?;
    let condition = before.as_ref().map_or(Condition::Absent, Row::unchanged);
    let call = HelpCall {
        device: device.clone(),
        store: store.clone(),
        workstation: till(services, device).await?,
        cart: request.cart.clone(),
        asked_at: services.clock.now(),
    };
    let asks = carts::put(store, kind::HELP, device.as_str(), &call, condition)?;
    let written = kept::commit(services, &[asks], &[]).await?;
    Ok(written.then_some(call))
}

async fn end(
    services: &Services,
    caller: &Principal,
    request: &HelpEnd,
) -> Result<Option<()>, CartError> {
    let (caller_device, store) = who(caller)?;
    let device = request.device.as_ref().unwrap_or(caller_device);
    // A kiosk ends its own call, a tablet any of its store.
    if caller.role == Role::Kiosk && device != caller_device {
        return Err(CartError::Forbidden);
    }
    let Some(row) = lookup(services, device).await? else {
        return Ok(Some(()));
    };
    if row.value.store != *store {
        return Err(CartError::Forbidden);
    }
    let mut ends = carts::put(
        store,
        kind::HELP,
        device.as_str(),
        &row.value,
        row.unchanged(),
    )?;
    ends.body = None;
    let written = kept::commit(services, &[ends], &[]).await?;
    Ok(written.then_some(()))
}

/// Asks for somebody of the team
///
/// Again is the same call, at a later time.
#[utoipa::path(
    post,
    path = "/v1/carts/help",
    tag = "cart",
    request_body = HelpRequest,
    responses((status = 200, description = "The tablets of the store are told", body = HelpAnswer))
)]
pub(super) async fn ask_for_help(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<HelpRequest>,
) -> Result<Json<HelpAnswer>, CartError> {
    let call = kept::race(|| ask(&services, &caller, &request)).await?;
    Ok(Json(HelpAnswer { call: Some(call) }))
}

/// Says that nobody is asked for any more
#[utoipa::path(
    post,
    path = "/v1/carts/help/end",
    tag = "cart",
    request_body = HelpEnd,
    responses(
        (status = 200, description = "Nobody asks; also where nobody did", body = HelpAnswer),
        (status = 403, description = "Another store's, or another kiosk's", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end_help(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<HelpEnd>,
) -> Result<Json<HelpAnswer>, CartError> {
    kept::race(|| end(&services, &caller, &request)).await?;
    Ok(Json(HelpAnswer::default()))
}
