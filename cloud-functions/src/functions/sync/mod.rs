//! Devices pull decisions and push commands.
//!
//! A device is granted the feeds of its store and the catalogue (`grants`). It pulls them in numbered pages (`pull`)
//! and pushes what its associates did, numbered without a gap; each command is decided once, whatever is repeated,
//! reordered or lost on the way (`push`). The clock of a device never orders anything.
//!
//! Not here yet: snapshots. A feed keeps all its entries, so a device that has nothing, or comes from another epoch,
//! reads it from its first.

mod commands;
mod grants;
mod packed;
mod pull;
mod push;

pub use grants::granted;

use crate::http::{ApiError, Routes};
use crate::services::Services;
use axum::http::{HeaderName, StatusCode, header};
use domain::access::{Access, Permission, Role};
use domain::api::sync::SCHEMA;
use utoipa_axum::routes;

/// Every device pulls.
const PULLERS: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk],
    permission: Permission::FeedsPull,
};
/// Only tablets push.
const PUSHERS: Access = Access::Bearer {
    roles: &[Role::Tablet],
    permission: Permission::CommandsPush,
};

/// The routes of sync.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(PULLERS, routes!(pull::pull_changes))
        .allow(PUSHERS, routes!(push::push_commands))
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
