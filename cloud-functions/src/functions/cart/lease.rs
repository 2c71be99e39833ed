//! `POST /v1/carts/{cart}/lease`: who may check a cart out.

use super::kept::{self, cart_id, device, must};
use super::refusal::CartError;
use super::terms;
use crate::http::{Caller, Json};
use crate::services::Services;
use axum::extract::{Path, State};
use domain::api::cart::{CartView, LeaseRequest};
use domain::cart::{Cart, Entry};
use domain::problem::Problem;

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
    let (device, channel) = device(&caller)?;
    let now = services.clock.now();
    let moved = |cart: &mut Cart| {
        let lease = match &request {
            LeaseRequest::Claim => cart.lease.claim(device, channel, now)?,
            LeaseRequest::Renew { fence } => cart.lease.renew(device, *fence, now)?,
            LeaseRequest::Release { fence } => cart.lease.release(device, *fence)?,
        };
        must(cart, &Entry::Lease(lease))
    };
    let (cart, _) = kept::change(&services, &caller, &cart_id(cart)?, moved).await?;
    Ok(Json(terms::view(&services, cart).await?))
}
