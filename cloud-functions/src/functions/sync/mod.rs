//! Devices pull decisions and push commands.
//!
//! A device is granted the feeds of its store and the catalogue (`grants`). It pulls them in numbered pages (`pull`)
//! and pushes what its associates did, numbered without a gap; each command is decided once, whatever is repeated,
//! reordered or lost on the way (`push`). The clock of a device never orders anything.
//!
//! Who cannot go on from where it stands takes a snapshot first (`snapshot`), which is built where tails grow long
//! (`compact`). A device whose copy differs from what it was told asks for the rows that differ (`repair`). Whoever
//! waits is poked (`pokes`).

mod commands;
mod compact;
mod grants;
mod packed;
mod pokes;
mod pull;
mod push;
mod repair;
mod snapshot;

pub use compact::{Compacted, compact, compact_all};
pub use grants::granted;

use crate::functions::Function;
use crate::http::{ApiError, Routes};
use crate::services::Services;
use crate::telemetry::figures::UPKEEP_FAILED;
use axum::Extension;
use axum::http::{HeaderName, StatusCode, header};
use domain::access::{Access, Permission, Role};
use domain::api::sync::SCHEMA;
use futures_util::future::BoxFuture;
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "sync",
    routes,
    consumer: None,
    upkeep: Some(upkeep),
};

/// Every device pulls.
const PULLERS: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk],
    permission: Permission::FeedsPull,
};
/// Tablets push; kiosks what was done to carts, see [`commands`].
const PUSHERS: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk],
    permission: Permission::CommandsPush,
};

/// The routes of sync.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(PULLERS, routes!(pull::pull_changes))
        .allow(PUSHERS, routes!(push::push_commands))
        .allow(PULLERS, routes!(snapshot::get_manifest))
        .allow(PULLERS, routes!(snapshot::get_part))
        .allow(PULLERS, routes!(repair::repair_rows))
        .allow(PULLERS, routes!(pokes::hear_pokes))
        .layer(Extension(pokes::Seats::default()))
        .layer(Extension(repair::Benches::default()))
}

/// What sync has to do from time to time.
#[must_use]
pub fn upkeep(services: Services) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        match compact_all(&services).await {
            Ok(round) => tracing::debug!(?round, "tails were looked at"),
            Err(error) => {
                UPKEEP_FAILED.add(1, &[("kind", "tails")]);
                tracing::error!(%error, "tails could not be looked at");
            }
        }
    })
}

/// What a device of another schema is told: 426, with the protocol that is served (RFC 9110, section 15.5.22).
fn upgrade() -> ([(HeaderName, String); 1], ApiError) {
    let mut error = ApiError::new(
        StatusCode::UPGRADE_REQUIRED,
        "schema",
        "This version of the app is not served",
    );
    error.0.detail = Some(format!("schema {SCHEMA} is served"));
    ([(header::UPGRADE, format!("aisle-sync/{SCHEMA}"))], error)
}
