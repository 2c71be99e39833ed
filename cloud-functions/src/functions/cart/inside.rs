//! Carts within the process, for the demo: the same decisions as behind the routes, for whoever the caller says she is.

use super::checkout::{self, Began};
use super::commands;
use super::create;
use super::kept;
use super::lease;
use super::pay;
pub(crate) use super::refusal::CartError;
use super::terms;
use crate::services::Services;
use domain::access::Principal;
use domain::api::cart::{CheckoutRequest, LeaseRequest, PayRequest};
use domain::cart::{Cart, CartCommand, Opening, PaymentMethod};
use domain::ids::CartId;

/// Begins a cart and does these things to it. Again is the same.
pub(crate) async fn fill(
    services: &Services,
    caller: &Principal,
    opening: &Opening,
    commands: &[CartCommand],
) -> Result<Cart, CartError> {
    commands::check(caller, commands)?;
    kept::race(|| create::create(services, caller, opening)).await?;
    let (cart, _) = commands::decide(services, caller, &opening.id, commands).await?;
    Ok(cart)
}

/// Buys what is in a cart, where it is there and has a price; `fits` says whether that is to be paid. Whether it is bought.
pub(crate) async fn buy(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    fits: impl Fn(i64) -> bool,
) -> Result<bool, CartError> {
    let held = lease::change(services, caller, cart, &LeaseRequest::Claim).await?;
    let Some(totals) = terms::totals(services, &held).await? else {
        return Ok(false);
    };
    if !fits(totals.total.minor) {
        return Ok(false);
    }
    let request = CheckoutRequest {
        fence: held.lease.fence,
        version: held.version,
        total: totals.total,
    };
    let began = kept::race(|| checkout::begin(services, caller, cart, &request)).await?;
    if !matches!(began, Began::Frozen(_)) {
        return Ok(false);
    }
    let request = PayRequest {
        method: PaymentMethod::PayLink,
        attempt: held.attempts.saturating_add(1),
        workstation: None,
        associate: None,
    };
    let paid = pay::pay(services, caller, cart, &request).await?;
    Ok(!paid.orders.is_empty())
}
