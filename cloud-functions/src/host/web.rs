//! The demo shop's files under `/shop/`.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::Redirect;
use axum::routing::get;
use std::path::Path;
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Adds the files of `folder` under `/shop/`. What is no file is a screen of the shop: its page decides.
pub fn with_shop(router: Router, folder: &Path) -> Router {
    let page = ServeFile::new(folder.join("index.html"));
    let files = ServeDir::new(folder).fallback(page);
    // Files keep their names over a new build, so a browser asks each time whether they changed.
    let fresh = HeaderValue::from_static("no-cache");
    let files = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            fresh,
        ))
        .service(files);
    router
        .nest_service("/shop/", files)
        .route("/", get(async || Redirect::temporary("/shop/")))
}
