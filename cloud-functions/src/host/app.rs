//! The routes of functions as one application, with what every host adds: health, the OpenAPI document, problems for
//! what is not there, a bound on bodies, figures, and a span and a log line per
//! request.

use crate::functions::Function;
use crate::http::{ApiError, Grant, Json, Routes};
use crate::ports::ledger::Key;
use crate::services::Services;
use crate::telemetry::{figures, observe_requests};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::access::{Access, Permission, Role};
use serde::{Deserialize, Serialize};
use tower_http::limit::RequestBodyLimitLayer;
use utoipa_axum::routes;

/// The most bytes that a handler reads of a body where it says nothing else.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes of a body, whatever a handler says.
const MAX_STREAM_BYTES: usize = 8 * 1024 * 1024;

/// Who reads figures.
const OPERATORS: Access = Access::Bearer {
    roles: &[Role::Operator],
    permission: Permission::EventsReplay,
};

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
    let own = Routes::new(services.clone())
        .allow(Access::Public, routes!(health))
        .allow(OPERATORS, routes!(metrics));
    let routes = functions.into_iter().fold(own, |routes, function| {
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
        .layer(from_fn(refuse_huge))
        .layer(from_fn_with_state(services.clock.clone(), observe_requests))
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

/// What this process has counted since it started, as Prometheus reads it.
#[utoipa::path(
    get,
    path = "/metrics",
    responses((status = 200, body = String, content_type = "text/plain"))
)]
async fn metrics() -> impl IntoResponse {
    let form = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (form, telemetry::prometheus(figures::ALL))
}

/// Says as a problem what the limit below it would say as plain text. A body that does not tell its length is cut off
/// there.
async fn refuse_huge(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > MAX_STREAM_BYTES) {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return ApiError::new(status, "too-much", "That is too much at once").into_response();
    }
    next.run(request).await
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions;
    use crate::testing::bench;
    use axum::body::Body;
    use axum::http::Request;
    use serde_json::Value;
    use tower::ServiceExt;

    async fn call(request: Request<Body>) -> (u16, Value) {
        let services = bench().services;
        let router = hardened(app(functions::all(), &services).router, &services);
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1_000_000).await;
        (status, serde_json::from_slice(&body.unwrap()).unwrap())
    }

    fn enrol() -> axum::http::request::Builder {
        Request::post("/v1/identity/enrol").header("content-type", "application/json")
    }

    #[tokio::test]
    async fn a_body_over_the_bound_is_a_problem_whether_it_tells_its_length_or_not() {
        for size in [MAX_BODY_BYTES + 1, MAX_STREAM_BYTES + 1] {
            let told = enrol().header("content-length", size);
            let told = told.body(Body::from(vec![b' '; size])).unwrap();
            let untold = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![b' '; size])]);
            let untold = enrol().body(Body::from_stream(untold)).unwrap();
            for request in [told, untold] {
                let (status, problem) = call(request).await;
                assert_eq!(status, 413);
                assert_eq!(problem["type"], "/problems/too-much");
            }
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_a_problem() {
        let (status, problem) = call(Request::get("/nowhere").body(Body::empty()).unwrap()).await;
        assert_eq!(
            (status, problem["type"].as_str()),
            (404, Some("/problems/not-found"))
        );
        let request = Request::put("/healthz").body(Body::empty()).unwrap();
        let (status, problem) = call(request).await;
        let kind = Some("/problems/method-not-allowed");
        assert_eq!((status, problem["type"].as_str()), (405, kind));
    }

    #[test]
    fn functions_and_routes_are_there_once() {
        let services = bench().services;
        let names: Vec<&str> = functions::all().iter().map(|f| f.name).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
        for function in functions::all() {
            let consumer = function.consumer.map(|make| make(services.clone()));
            assert!(consumer.is_none_or(|consumer| consumer.name() == function.name));
        }
        let app = app(functions::all(), &services);
        let mut routes: Vec<_> = app.grants.iter().map(|g| (&g.method, &g.path)).collect();
        let all = routes.len();
        routes.sort();
        routes.dedup();
        assert_eq!(routes.len(), all);
    }
}
