//! The routes of functions as one application, with what every host adds: health, the OpenAPI document, problems for
//! what is not there, a bound on bodies, and a log line per request.

use super::log::log_requests;
use crate::functions::Function;
use crate::http::{ApiError, Grant, Json, Routes};
use crate::ports::ledger::Key;
use crate::services::Services;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use domain::access::Access;
use serde::{Deserialize, Serialize};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa_axum::routes;

/// The most bytes that a handler reads of a body where it says nothing else.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes of a body, whatever a handler says.
const MAX_STREAM_BYTES: usize = 8 * 1024 * 1024;

/// An application, and who may call what in it.
pub struct App {
    /// To be served.
    pub router: Router,
    /// Of all routes that functions have.
    pub grants: Vec<Grant>,
}

/// Joins the routes of functions into one application.
#[must_use]
pub fn app<'a>(functions: impl IntoIterator<Item = &'a Function>, services: &Services) -> App {
    let health = Routes::new(services.clone()).allow(Access::Public, routes!(health));
    let routes = functions.into_iter().fold(health, |routes, function| {
        routes.merge((function.routes)(services.clone()))
    });
    let (router, document, grants) = routes.build();
    let document = document.to_json().unwrap_or_default();
    let router = router
        .route("/openapi.json", get(move || openapi(document.clone())))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so);
    App { router, grants }
}

/// Puts around an application what every host needs; the last thing before it is served.
pub fn hardened(router: Router, services: &Services) -> Router {
    router
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(RequestBodyLimitLayer::new(MAX_STREAM_BYTES))
        .layer(from_fn_with_state(services.clock.clone(), log_requests))
}

/// Whether the host can do its work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
struct Health {
    /// `ok`.
    status: String,
}

/// Whether this host can read its ledger.
#[utoipa::path(
    get,
    path = "/healthz",
    responses((status = 200, body = Health), (status = 503, description = "the ledger cannot be read"))
)]
async fn health(State(services): State<Services>) -> Result<Json<Health>, ApiError> {
    services.ledger.read(&Key::new("HEALTH", "V")).await?;
    let status = "ok".to_owned();
    Ok(Json(Health { status }))
}

async fn openapi(document: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], document)
}

async fn nowhere() -> ApiError {
    ApiError::not_found("route")
}

async fn not_so() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This route is not called that way",
    )
}
