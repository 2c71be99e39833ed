//! Answers requests for recommendations.

use crate::http::{ApiError, Caller, Json, Routes};
use crate::people::Known;
use crate::services::Services;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::access::{Access, Permission, Principal, Role};
use domain::api::recommend::{BoughtTogether, ForYou, MAX_LIMIT, Recommendations, Similar};
use domain::ids::{Sku, StoreId};
use domain::problem::Problem;
use domain::recommendation::Recommendation;
use recommend::{Filters, Model};
use std::sync::Arc;
use utoipa_axum::routes;

/// Devices and who works on them.
const READERS: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk, Role::Associate, Role::Manager],
    permission: Permission::RecommendationsRead,
};
/// The most items that one request may name.
const MAX_NAMED: usize = 50;
/// How hard snapshots are packed: they are packed once a minute and sent to every tablet.
const PACKING: i32 = 6;

/// The routes of this function.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(READERS, routes!(recommend_for_you))
        .allow(READERS, routes!(recommend_similar))
        .allow(READERS, routes!(recommend_bought_together))
        .allow(READERS, routes!(send_snapshot))
}

/// For one person, or one browser. A kiosk may not ask for a customer.
#[utoipa::path(post, path = "/v1/recommend/for-you", request_body = ForYou,
    responses((status = 200, body = Recommendations), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn recommend_for_you(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<ForYou>,
) -> Result<Json<Recommendations>, ApiError> {
    check(&caller.0, &request.store, request.limit)?;
    let ledger = &*services.ledger;
    let known = match (&request.customer, &request.anonymous) {
        (Some(_), _) if caller.0.role == Role::Kiosk => {
            return Err(forbidden("A kiosk does not ask for customers"));
        }
        (Some(id), _) => Known::customer(ledger, id)
            .await?
            .ok_or_else(|| ApiError::not_found("customer"))?,
        (None, Some(id)) => Known::anonymous(ledger, id).await?,
        (None, None) => Known::default(),
    };
    let hers = known
        .customer
        .as_ref()
        .is_none_or(|customer| customer.home_store == request.store);
    if !hers {
        return Err(ApiError::not_found("customer"));
    }
    let now = services.clock.now();
    answer(&services, &request.store, |model, available| {
        model.for_person(
            &known.person(&request.store),
            request.department,
            available,
            now,
            request.limit,
        )
    })
    .await
}

/// Of the same kind as an item.
#[utoipa::path(post, path = "/v1/recommend/similar", request_body = Similar, responses((status = 200, body = Recommendations)))]
async fn recommend_similar(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Similar>,
) -> Result<Json<Recommendations>, ApiError> {
    check(&caller.0, &request.store, request.limit)?;
    answer(&services, &request.store, |model, available| {
        model.similar(
            &request.sku,
            &Filters {
                available,
                ..Filters::default()
            },
            request.limit,
        )
    })
    .await
}

/// Bought in one basket with the items named.
#[utoipa::path(post, path = "/v1/recommend/bought-together", request_body = BoughtTogether,
    responses((status = 200, body = Recommendations)))]
async fn recommend_bought_together(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<BoughtTogether>,
) -> Result<Json<Recommendations>, ApiError> {
    check(&caller.0, &request.store, request.limit)?;
    if request.skus.len() > MAX_NAMED {
        return Err(ApiError::invalid(
            "/skus",
            format!("names more than {MAX_NAMED} items"),
        ));
    }
    answer(&services, &request.store, |model, available| {
        model.bought_together(
            &request.skus,
            &Filters {
                available,
                ..Filters::default()
            },
            request.limit,
        )
    })
    .await
}

/// The model as a tablet holds it: zstd of the crate's own snapshot; its version is the entity tag.
#[utoipa::path(get, path = "/v1/recommend/snapshot",
    responses((status = 200, content_type = "application/octet-stream"), (status = 304)))]
async fn send_snapshot(
    State(services): State<Services>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let store = caller
        .0
        .store
        .ok_or_else(|| forbidden("Snapshots are for devices of a store"))?;
    let model = services.memory.model.current(&services, &store).await?;
    let tag = format!("\"{}\"", model.version());
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == tag.as_bytes());
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let packing =
        tokio::task::spawn_blocking(move || zstd::bulk::compress(&model.to_snapshot(), PACKING));
    let packed = packing
        .await
        .map_err(|error| error.to_string())
        .and_then(|packed| packed.map_err(|error| error.to_string()));
    let packed = packed.map_err(|reason| {
        tracing::error!(reason, "a snapshot could not be packed");
        ApiError::unavailable("the snapshot could not be packed")
    })?;
    Ok((
        [
            (header::ETAG, tag),
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        ],
        packed,
    )
        .into_response())
}

async fn answer(
    services: &Services,
    store: &StoreId,
    ask: impl FnOnce(&Model, &dyn Fn(&Sku) -> bool) -> Vec<Recommendation>,
) -> Result<Json<Recommendations>, ApiError> {
    let model: Arc<Model> = services.memory.model.current(services, store).await?;
    let shown = services.memory.storefront.show(services, store).await?;
    let available = |sku: &Sku| shown.on_hand(sku, store).is_some_and(|pieces| pieces > 0);
    Ok(Json(Recommendations {
        items: ask(&model, &available),
        model: model.version().to_string(),
    }))
}

fn check(caller: &Principal, store: &StoreId, limit: usize) -> Result<(), ApiError> {
    if caller.store.as_ref() != Some(store) {
        return Err(forbidden("That is another store"));
    }
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::invalid(
            "/limit",
            format!("is not 1 to {MAX_LIMIT}"),
        ));
    }
    Ok(())
}

fn forbidden(detail: &str) -> ApiError {
    ApiError(Problem::new(403, "forbidden", "You may not do this").with_detail(detail))
}
