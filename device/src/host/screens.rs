//! The screens as files, and their one page under every address that a screen has.

use super::State;
use axum::Router;
use axum::extract::State as Shared;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::api::identity::DeviceKind;
use std::path::Path;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// The screens; their further addresses are their own business.
const SCREENS: [&str; 3] = ["associate", "kiosk", "manager"];

pub(super) fn routes(ui: &Path) -> Router<State> {
    let mut routes = Router::new().route("/", get(start));
    for screen in SCREENS {
        routes = routes
            .route(&format!("/{screen}"), get(page))
            .route(&format!("/{screen}/"), get(page))
            .route(&format!("/{screen}/{{*rest}}"), get(page));
    }
    // The names of the files stay while what is in them changes: a browser asks each time.
    let fresh = HeaderValue::from_static("no-cache");
    routes
        .fallback_service(ServeDir::new(ui))
        .layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, fresh))
}

async fn start(Shared(state): Shared<State>) -> Redirect {
    Redirect::temporary(match state.device.kind() {
        DeviceKind::Tablet => "/associate",
        DeviceKind::Kiosk => "/kiosk",
    })
}

async fn page(Shared(state): Shared<State>) -> Response {
    match tokio::fs::read_to_string(state.ui.join("index.html")).await {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(%error, "the screens cannot be read");
            let sentence = "The screens are not built: run `cargo xtask ui`";
            (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
        }
    }
}
