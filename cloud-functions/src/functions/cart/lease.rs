//! `POST /v1/carts/{cart}/lease`: who may check a cart out.

use super::kept::{self, cart_id, device, must};
use super::refusal::CartError;
use super::terms;
use crate::http::{Caller, Json};
use crate::services::Services;
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{CartView, LeaseRequest};
use domain::cart::{Cart, Entry};
use domain::ids::CartId;
use domain::problem::Problem;

/// Moves the lease as the caller asks.
pub(super) async fn change(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    request: &LeaseRequest,
) -> Result<Cart, CartError> {
    let (device, _) = device(caller)?;
    let now = services.clock.now();
    let moved = |cart: &mut Cart| {
        let lease = match request {
            LeaseRequest::Claim => {
                let channel = kept::channel_at(caller, cart)?;
                cart.lease.claim(device, channel, now)?
            }
            LeaseRequest::Renew { fence } => cart.lease.renew(device, *fence, now)?,
            LeaseRequest::Release { fence } => cart.lease.release(device, *fence)?,
        };
        must(cart, &Entry::Lease(lease))
    };
    Ok(kept::change(services, caller, cart, moved).await?.0)
}

/// Takes, renews or gives back the lease of a cart
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/lease",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = LeaseRequest,
    responses(
        (status = 200, description = "The cart with its lease", body = CartView),
        (status = 409, description = "`cart-held`: on another device, or moved on", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn move_lease(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<LeaseRequest>,
) -> Result<Json<CartView>, CartError> {
    let cart = change(&services, &caller, &cart_id(cart)?, &request).await?;
    Ok(Json(terms::view(&services, cart).await?))
}
