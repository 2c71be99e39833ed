//! The demo shop's files under `/shop/`.

use crate::http::ApiError;
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Hexadecimal digits of the secret in a handoff's QR.
const SECRET_DIGITS: usize = 32;

/// Adds the files of `folder` under `/shop/`. What is no file is a screen of the shop: its page decides.
pub fn with_shop(router: Router, folder: &std::path::Path) -> Router {
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
        .route("/h/{secret}", get(handoff))
}

/// The address in a handoff's QR leads into the shop. Reading it takes nothing over: that is the page's to ask for. The
/// secret goes to no other site and into no cache.
async fn handoff(Path(secret): Path<String>) -> Response {
    if secret.len() != SECRET_DIGITS || !secret.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return ApiError::not_found("handoff").into_response();
    }
    let quiet = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (quiet, Redirect::temporary(&format!("/shop/h/{secret}"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use tower::ServiceExt as _;

    async fn get_it(path: &str) -> Response {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "the shop").unwrap();
        let router = with_shop(Router::new(), folder.path());
        let request = Request::get(path).body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn the_address_in_a_qr_leads_into_the_shop() {
        let secret = "0123456789abcdef0123456789abcdef";
        let there = get_it(&format!("/h/{secret}")).await;
        assert_eq!(there.status(), StatusCode::TEMPORARY_REDIRECT);
        let location = there.headers().get(header::LOCATION).unwrap();
        assert_eq!(location.to_str().unwrap(), format!("/shop/h/{secret}"));
        assert_eq!(
            there.headers().get(header::CACHE_CONTROL).unwrap(),
            "no-store"
        );
        assert_eq!(
            get_it("/h/%2F%2Fevil.example").await.status(),
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            get_it(&format!("/shop/h/{secret}")).await.status(),
            StatusCode::OK
        );
    }
}
