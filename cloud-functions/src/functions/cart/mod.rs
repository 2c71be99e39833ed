//! Carts for every channel, and the one order at the end of each.
//!
//! The rules are `domain::cart`'s. Here a cart is read, an entry applied, and written if nobody was quicker (`kept`);
//! prices, tax and promotions come from the feeds (`terms`), goods are kept back by conditional writes (`stock`), and
//! money is asked for through a port (`pay`). An order, its receipt number and its cart change in one write (`order`).

mod allot;
mod archive;
mod capsules;
mod checkout;
mod commands;
mod create;
mod doubts;
mod handoff;
mod help;
mod hooks;
pub(crate) mod inside;
mod kept;
mod lease;
mod merge;
mod news;
mod order;
mod pay;
mod refusal;
mod returns;
mod stock;
mod store_terms;

use crate::carts::terms;
use crate::functions::Function;
use crate::http::Routes;
use crate::services::Services;
use crate::telemetry::figures::UPKEEP_FAILED;
use domain::access::{Access, Permission, Role};
use futures_util::future::BoxFuture;
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "cart",
    routes,
    consumer: None,
    upkeep: Some(upkeep),
};

/// Devices of a store, and shoppers' own browsers.
const DEVICES: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk, Role::Shopper],
    permission: Permission::CartsWrite,
};
/// What sells with the network down.
const TABLETS: Access = Access::Bearer {
    roles: &[Role::Tablet],
    permission: Permission::CartsWrite,
};
/// Where shoppers ask for somebody.
const KIOSKS: Access = Access::Bearer {
    roles: &[Role::Kiosk],
    permission: Permission::CartsWrite,
};
/// Devices that stand in a store.
const STANDING: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk],
    permission: Permission::CartsWrite,
};
/// Who says at what tax and with which promotions a store sells.
const SETTERS: Access = Access::Bearer {
    roles: &[Role::Manager, Role::Operator],
    permission: Permission::TermsWrite,
};
/// Who reads orders: tablets of the store, and who bought.
const SELLERS: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Shopper],
    permission: Permission::CartsWrite,
};
/// Goods are taken back by people.
const TAKERS: Access = Access::Bearer {
    roles: &[Role::Tablet],
    permission: Permission::OrdersRefund,
};

/// The routes of carts.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(DEVICES, routes!(create::create_cart))
        .allow(DEVICES, routes!(create::read_cart))
        .allow(DEVICES, routes!(news::wait_for_news))
        .allow(DEVICES, routes!(create::assign_customer))
        .allow(DEVICES, routes!(commands::write_commands))
        .allow(DEVICES, routes!(lease::move_lease))
        .allow(DEVICES, routes!(handoff::offer_cart))
        .allow(DEVICES, routes!(handoff::claim_cart))
        .allow(DEVICES, routes!(merge::merge_carts))
        .allow(DEVICES, routes!(merge::undo_merge))
        .allow(DEVICES, routes!(checkout::begin_checkout))
        .allow(DEVICES, routes!(checkout::confirm_prices))
        .allow(DEVICES, routes!(checkout::give_up))
        .allow(DEVICES, routes!(pay::pay_cart))
        .allow(DEVICES, routes!(pay::ask_payment))
        .allow(DEVICES, routes!(capsules::take_capsule))
        .allow(TABLETS, routes!(allot::allot_stock))
        .allow(KIOSKS, routes!(help::ask_for_help))
        .allow(STANDING, routes!(help::end_help))
        .allow(TAKERS, routes!(returns::return_goods))
        .allow(SELLERS, routes!(archive::read_order))
        .allow(SETTERS, routes!(store_terms::read_terms))
        .allow(SETTERS, routes!(store_terms::set_terms))
        .allow(Access::Public, routes!(hooks::hear_provider))
}

/// Puts back what checkouts kept back for too long, asks after payments without an answer, has money given back that is
/// owed, and tells history of orders that it does not know yet.
#[must_use]
pub fn upkeep(services: Services) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        for done in [
            stock::sweep(&services).await,
            doubts::sweep(&services).await,
            allot::count(&services).await,
            returns::sweep(&services).await,
            hooks::sweep(&services).await,
            archive::sweep(&services).await,
            order::tell(&services).await,
        ] {
            if let Err(error) = done {
                UPKEEP_FAILED.add(1, &[("kind", "carts")]);
                tracing::error!(%error, "the upkeep of carts failed");
            }
        }
    })
}

#[cfg(test)]
mod tests;
