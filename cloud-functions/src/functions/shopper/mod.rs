//! What a shopper's own phone shows her of herself: her points, her carts on every channel, her orders.
//!
//! Tokens are identity's, carts the cart function's; nothing is written here.

mod lists;
mod me;

use crate::functions::Function;
use crate::http::Routes;
use crate::services::Services;
use domain::access::{Access, Permission, Role};
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "shopper",
    routes,
    consumer: None,
    upkeep: None,
};

/// Shoppers, guests too.
const SHOPPERS: Access = Access::Bearer {
    roles: &[Role::Shopper],
    permission: Permission::ShopperRead,
};

/// The routes of shoppers.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(SHOPPERS, routes!(me::read_me))
        .allow(SHOPPERS, routes!(lists::list_carts))
        .allow(SHOPPERS, routes!(lists::list_orders))
}
