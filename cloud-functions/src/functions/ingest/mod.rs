//! Collects clickstream: Segment's HTTP API, validated into events and appended to the log.
//!
//! A call ends in exactly one of three: stored, a duplicate of one that is stored, or rejected and kept with the
//! reason. Nothing is done with an event here; who it is about and what it means is for consumers of the log.

mod batch;
mod body;
mod body_key;
mod calls;
mod catalogue;
mod collect;
mod rejections;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use crate::functions::Function;
use crate::http::Routes;
use crate::services::Services;
use axum::Extension;
use axum::http::Method;
use axum::middleware::from_fn;
use domain::access::{Access, Permission, Role};
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};
use utoipa_axum::routes;

pub use batch::{Outcome, Posted, ingest_batch};
pub use calls::{MAX_CALL_BYTES, MAX_CALLS};
pub use catalogue::Catalogue;
pub use rejections::{Refused, RejectionPage};
pub use source::Source;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "ingest",
    routes,
    consumer: None,
    upkeep: None,
};

/// How long a browser may remember the answer to a preflight.
const PREFLIGHT_AGE: Duration = Duration::from_secs(86_400);

/// Who may read calls that were refused: they hold what shoppers sent.
const REJECTIONS: Access = Access::Bearer {
    roles: &[Role::Operator],
    permission: Permission::EventsReplay,
};

/// The routes of Segment's clients, and the list of what was rejected.
pub fn routes(services: Services) -> Routes {
    let shared = Arc::new(Catalogue::default());
    let for_senders = Routes::new(services.clone())
        .allow(Access::WriteKey, routes!(collect::batch))
        .allow(Access::WriteKey, routes!(collect::track))
        .allow(Access::WriteKey, routes!(collect::page))
        .allow(Access::WriteKey, routes!(collect::screen))
        .allow(Access::WriteKey, routes!(collect::identify))
        .allow(Access::WriteKey, routes!(collect::group))
        .allow(Access::WriteKey, routes!(collect::alias))
        .allow(Access::WriteKey, routes!(collect::t))
        .allow(Access::WriteKey, routes!(collect::p))
        .allow(Access::WriteKey, routes!(collect::s))
        .allow(Access::WriteKey, routes!(collect::i))
        .allow(Access::WriteKey, routes!(collect::g))
        .allow(Access::WriteKey, routes!(collect::a))
        .allow(Access::Public, routes!(settings::project_settings))
        .allow(Access::WriteKey, routes!(settings::source_config))
        .allow(Access::WriteKey, routes!(settings::source_config_slash))
        .answer_preflights()
        .layer(from_fn(body_key::find))
        .layer(Extension(shared))
        .layer(cors());
    Routes::new(services)
        .allow(REJECTIONS, routes!(rejections::list))
        .merge(for_senders)
}

/// Any site may send with its write key; no cookie is ever read, so none is asked for.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .max_age(PREFLIGHT_AGE)
}
