//! `POST /v1/shopper/refresh`: the next token of a browser.

use super::{MAX_TRIES, ShopperError, new_refresh, token};
use crate::browsers::{self, Browser};
use crate::functions::identity::secrets;
use crate::http::Json;
use crate::ports::ledger::LedgerError;
use crate::services::Services;
use crate::table::{self, TableError};
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::shopper::{RefreshShopper, ShopperToken};
use domain::ids::DeviceId;
use domain::problem::Problem;

/// How long the token before the last is still good, in seconds.
const GRACE_SECONDS: i64 = 60;

/// What a shown token is.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Good,
    /// It was used before, and its time is over.
    Stolen,
    Unknown,
}

fn look(browser: &Browser, hash: &str, now: DateTime<Utc>) -> Shown {
    let before = browser.refreshed_from.as_deref().unwrap_or_default();
    if browser.revoked {
        Shown::Unknown
    } else if secrets::same(&browser.refresh_hash, hash) {
        Shown::Good
    } else if !secrets::same(before, hash) {
        Shown::Unknown
    } else if now - browser.refreshed_at <= TimeDelta::seconds(GRACE_SECONDS) {
        Shown::Good
    } else {
        Shown::Stolen
    }
}

/// The browser with its next token; `None` where it moved in between.
async fn refresh_once(
    services: &Services,
    device: &DeviceId,
    hash: &str,
) -> Result<Option<(Browser, String)>, ShopperError> {
    let row = browsers::lookup(&*services.ledger, device).await?;
    let row = row.ok_or(ShopperError::Token)?;
    let now = services.clock.now();
    let refresh = new_refresh(services, device);
    let unchanged = row.unchanged();
    let shown = look(&row.value, hash, now);
    let next = match shown {
        Shown::Unknown => return Err(ShopperError::Token),
        Shown::Stolen => Browser {
            revoked: true,
            ..row.value
        },
        Shown::Good => Browser {
            refresh_hash: secrets::fingerprint(&refresh),
            refreshed_from: Some(hash.to_owned()),
            refreshed_at: now,
            ..row.value
        },
    };
    let write = table::put(browsers::key(device), &next, unchanged)?;
    match services.ledger.write(vec![write]).await {
        Ok(()) if shown == Shown::Stolen => {
            tracing::warn!(%device, "a refresh token was shown twice: the browser is out");
            Err(ShopperError::Token)
        }
        Ok(()) => Ok(Some((next, refresh))),
        Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => Ok(None),
        Err(error) => Err(TableError::from(error).into()),
    }
}

/// Gives a browser its next token
///
/// Each refresh token is good once. One that is shown again later ends all of the browser's.
#[utoipa::path(
    post,
    path = "/v1/shopper/refresh",
    tag = "shopper",
    request_body = RefreshShopper,
    responses(
        (status = 200, description = "Its next token", body = ShopperToken),
        (status = 401, description = "The token is not good", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::functions::identity) async fn refresh_shopper(
    State(services): State<Services>,
    Json(request): Json<RefreshShopper>,
) -> Result<Json<ShopperToken>, ShopperError> {
    let (device, _) = request
        .refresh_token
        .split_once('.')
        .ok_or(ShopperError::Token)?;
    let device = DeviceId::parse(device).map_err(|_| ShopperError::Token)?;
    let hash = secrets::fingerprint(&request.refresh_token);
    for _ in 0..MAX_TRIES {
        if let Some((browser, refresh)) = refresh_once(&services, &device, &hash).await? {
            return Ok(Json(token(&services, &browser, refresh).await?));
        }
    }
    Err(ShopperError::Busy)
}
