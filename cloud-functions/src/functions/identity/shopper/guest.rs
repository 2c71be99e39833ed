//! `POST /v1/shopper/guest`: a browser without anybody in it.

use super::{ShopperError, new_refresh, token};
use crate::browsers::{self, Browser};
use crate::feed::{self, PublishError, entity_key};
use crate::functions::identity::secrets;
use crate::http::Json;
use crate::ports::ledger::Condition;
use crate::services::Services;
use crate::table::{self, TableError};
use axum::extract::State;
use domain::api::shopper::{BecomeGuest, ShopperToken};
use domain::api::sync::{Scope, kind};
use domain::ids::{DeviceId, StoreId};
use domain::problem::Problem;

/// Scopes that are looked at for the first store.
const LOOK: usize = 1_000;

/// The store that was asked for, or the first one.
async fn store(services: &Services, asked: Option<StoreId>) -> Result<StoreId, ShopperError> {
    let store = match asked {
        Some(store) => store,
        None => first(services).await?.ok_or(ShopperError::NoStore)?,
    };
    let key = entity_key(kind::STORE, store.as_str());
    let there = services.ledger.read(&key).await.map_err(TableError::from)?;
    there.map(|_| store).ok_or(ShopperError::NoStore)
}

async fn first(services: &Services) -> Result<Option<StoreId>, TableError> {
    let scopes = feed::list_scopes(&*services.ledger, None, LOOK).await;
    let scopes = scopes.map_err(|error| match error {
        PublishError::Ledger(error) => TableError::Ledger(error),
        error => TableError::Corrupt {
            key: "the list of scopes".to_owned(),
            reason: error.to_string(),
        },
    })?;
    let of_store = |scope: &Scope| {
        let store = scope.as_str().strip_prefix("store/")?;
        StoreId::parse(store.strip_suffix("/inventory")?).ok()
    };
    Ok(scopes.iter().find_map(of_store))
}

/// Lets a browser in as a guest
#[utoipa::path(
    post,
    path = "/v1/shopper/guest",
    tag = "shopper",
    request_body = BecomeGuest,
    responses(
        (status = 200, description = "Its token", body = ShopperToken),
        (status = 400, description = "There is no such store", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::functions::identity) async fn become_guest(
    State(services): State<Services>,
    Json(request): Json<BecomeGuest>,
) -> Result<Json<ShopperToken>, ShopperError> {
    let now = services.clock.now();
    let store = store(&services, request.store).await?;
    let device = DeviceId::parse(services.ids.uuid(now).to_string());
    let device = device.map_err(|_| ShopperError::Busy)?;
    let refresh = new_refresh(&services, &device);
    let browser = Browser {
        device: device.clone(),
        store,
        customer: None,
        refresh_hash: secrets::fingerprint(&refresh),
        refreshed_from: None,
        refreshed_at: now,
        revoked: false,
    };
    let write = table::put(browsers::key(&device), &browser, Condition::Absent)?;
    let written = services.ledger.write(vec![write]).await;
    written.map_err(TableError::from)?;
    Ok(Json(token(&services, &browser, refresh).await?))
}
