//! `POST /v1/shopper/sign-in`: the browser is hers from now on.

use super::code::{Asked, asked_key, code_hash};
use super::{MAX_TRIES, ShopperError, new_refresh, token};
use crate::browsers::{self, Browser};
use crate::functions::identity::secrets;
use crate::http::{Caller, Json};
use crate::ports::ledger::LedgerError;
use crate::services::Services;
use crate::table::{self, Row, TableError};
use axum::extract::State;
use domain::api::shopper::{ShopperSignIn, ShopperToken};
use domain::ids::{CustomerId, DeviceId};
use domain::problem::Problem;

/// Wrong codes that one challenge bears.
const MAX_WRONG: u32 = 5;
/// The longest challenge and code that are looked at, in bytes.
const MAX_BYTES: usize = 128;

/// Counts the try, then looks at it: a hundred guesses at once are a hundred tries. `None`: the row moved in between.
async fn prove(
    services: &Services,
    device: &DeviceId,
    request: &ShopperSignIn,
) -> Result<Option<CustomerId>, ShopperError> {
    let key = asked_key(&request.challenge);
    let row: Option<Row<Asked>> = table::lookup(&*services.ledger, &key).await?;
    let row = row.ok_or(ShopperError::Code)?;
    let asked = &row.value;
    let over = asked.used || asked.tries >= MAX_WRONG || services.clock.now() >= asked.expires_at;
    if over || asked.device != *device {
        return Err(ShopperError::Code);
    }
    let given = code_hash(&request.challenge, request.code.trim());
    let right = secrets::same(&asked.code_hash, &given);
    let customer = asked.customer.clone().filter(|_| right);
    let next = Asked {
        tries: asked.tries + 1,
        used: customer.is_some(),
        ..asked.clone()
    };
    match services
        .ledger
        .write(vec![table::put(key, &next, row.unchanged())?])
        .await
    {
        Ok(()) => customer.ok_or(ShopperError::Code).map(Some),
        Err(LedgerError::Conflict { .. }) => Ok(None),
        Err(error) => Err(TableError::from(error).into()),
    }
}

async fn take(
    services: &Services,
    device: &DeviceId,
    customer: &CustomerId,
) -> Result<Option<(Browser, String)>, ShopperError> {
    let row = browsers::lookup(&*services.ledger, device).await?;
    let row = row.filter(|row| !row.value.revoked);
    let row = row.ok_or(ShopperError::Token)?;
    let refresh = new_refresh(services, device);
    let unchanged = row.unchanged();
    let hers = Browser {
        customer: Some(customer.clone()),
        // A lost answer leaves the browser with the token of before, which gives it hers.
        refreshed_from: Some(row.value.refresh_hash.clone()),
        refreshed_at: services.clock.now(),
        refresh_hash: secrets::fingerprint(&refresh),
        ..row.value
    };
    let write = table::put(browsers::key(device), &hers, unchanged)?;
    match services.ledger.write(vec![write]).await {
        Ok(()) => Ok(Some((hers, refresh))),
        Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => Ok(None),
        Err(error) => Err(TableError::from(error).into()),
    }
}

/// Signs a shopper in
///
/// Tokens that the browser had as a guest end; what it had in its cart stays, and can be merged.
#[utoipa::path(
    post,
    path = "/v1/shopper/sign-in",
    tag = "shopper",
    request_body = ShopperSignIn,
    responses(
        (status = 200, description = "Her token", body = ShopperToken),
        (status = 400, description = "`code-refused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::functions::identity) async fn sign_in(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<ShopperSignIn>,
) -> Result<Json<ShopperToken>, ShopperError> {
    let device = caller.device.as_ref().ok_or(ShopperError::Token)?;
    if request.challenge.len() > MAX_BYTES || request.code.len() > MAX_BYTES {
        return Err(ShopperError::Code);
    }
    let mut proven = None;
    for _ in 0..MAX_TRIES {
        if let Some(customer) = prove(&services, device, &request).await? {
            proven = Some(customer);
            break;
        }
    }
    let customer = proven.ok_or(ShopperError::Busy)?;
    for _ in 0..MAX_TRIES {
        if let Some((browser, refresh)) = take(&services, device, &customer).await? {
            return Ok(Json(token(&services, &browser, refresh).await?));
        }
    }
    Err(ShopperError::Busy)
}
