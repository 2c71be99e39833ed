//! The live figures of each store, seconds fresh.
//!
//! One record per store holds the last hour minute by minute; older minutes are dropped, and late events land in the
//! minute in which they happened. Figures count everybody and name nobody: of a shopper only a hash is kept, for as
//! long as she is counted as being here.

mod board;
mod count;
#[cfg(test)]
mod tests;
mod window;

use crate::functions::Function;
use crate::http::Routes;
use crate::ports::events::Consumer;
use crate::ports::ledger::Key;
use crate::services::Services;
use domain::access::{Access, Permission, Role};
use domain::ids::StoreId;
use std::sync::Arc;
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "analytics",
    routes,
    consumer: Some(consumer),
    upkeep: None,
};

/// A manager sees her own store, an operator all of them.
const BOARD: Access = Access::Bearer {
    roles: &[Role::Manager, Role::Operator],
    permission: Permission::BoardRead,
};

/// The route of the board.
pub fn routes(services: Services) -> Routes {
    Routes::new(services).allow(BOARD, routes!(board::read))
}

/// Counts the events of the log.
pub fn consumer(services: Services) -> Arc<dyn Consumer> {
    Arc::new(count::Figures::new(services))
}

fn window_key(store: &StoreId) -> Key {
    Key::new(format!("A#board/{store}"), "V")
}
