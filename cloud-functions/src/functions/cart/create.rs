//! Carts begin, are read, and become somebody's.

use super::kept::{self, cart_id, must};
use super::refusal::CartError;
use super::terms;
use crate::carts::{self, index};
use crate::http::{Caller, Json};
use crate::services::Services;
use axum::extract::{Path, State};
use domain::access::{Principal, Role};
use domain::api::cart::{AssignCustomer, CartView, CreateCart};
use domain::cart::{Cart, Entry, Opening};
use domain::problem::Problem;

pub(super) async fn create(
    services: &Services,
    caller: &Principal,
    opening: &Opening,
) -> Result<Option<Cart>, CartError> {
    let foreign = caller.store.as_ref() != Some(&opening.store);
    let customer = opening.customer.as_ref();
    let theirs = match caller.role {
        // A kiosk never holds a customer.
        Role::Kiosk => customer.is_some(),
        Role::Shopper => customer.is_some() && customer != caller.customer.as_ref(),
        _ => false,
    };
    if foreign || theirs {
        return Err(CartError::Forbidden);
    }
    let began = match (&caller.device, caller.role) {
        (Some(device), Role::Shopper) => vec![index::browser_has(device, &opening.id)],
        _ => Vec::new(),
    };
    // One of the archive is not in the way of a write.
    if let Some(there) = carts::lookup(&*services.ledger, &opening.id).await?
        && there.revision == 0
    {
        return there_is(
            kept::read(services, caller, &opening.id).await?.value,
            opening,
        );
    }
    let cart = Cart::open(opening.clone());
    if kept::write(services, None, &cart, &began).await? {
        return Ok(Some(cart));
    }
    let there = match kept::read(services, caller, &opening.id).await {
        Ok(row) => row.value,
        // Nobody knew whether it was written, and it was not.
        Err(CartError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    there_is(there, opening)
}

/// The cart that is there, where it is the one that was to begin.
fn there_is(there: Cart, opening: &Opening) -> Result<Option<Cart>, CartError> {
    let same = there.opening.store == opening.store && there.opening.currency == opening.currency;
    same.then_some(Some(there)).ok_or(CartError::Taken)
}

/// Begins a cart
#[utoipa::path(
    post,
    path = "/v1/carts",
    tag = "cart",
    request_body = CreateCart,
    responses(
        (status = 200, description = "The cart; of a repeat, as it is now", body = CartView),
        (status = 403, description = "Another store's", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`cart-taken`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create_cart(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<CreateCart>,
) -> Result<Json<CartView>, CartError> {
    let cart = kept::race(|| create(&services, &caller, &request.opening)).await?;
    Ok(Json(terms::view(&services, cart).await?))
}

/// Reads a cart
#[utoipa::path(
    get,
    path = "/v1/carts/{cart}",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    responses(
        (status = 200, description = "The cart, with what it costs now", body = CartView),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_cart(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
) -> Result<Json<CartView>, CartError> {
    let row = kept::read(&services, &caller, &cart_id(cart)?).await?;
    Ok(Json(terms::view(&services, row.value).await?))
}

/// Makes a guest's cart somebody's
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/customer",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = AssignCustomer,
    responses(
        (status = 200, description = "The cart", body = CartView),
        (status = 409, description = "`cart-refused`: it is another's, or not open", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn assign_customer(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<AssignCustomer>,
) -> Result<Json<CartView>, CartError> {
    let hers = caller.customer.as_ref() == Some(&request.customer);
    if caller.role == Role::Kiosk || (caller.role == Role::Shopper && !hers) {
        return Err(CartError::Forbidden);
    }
    let entry = Entry::Customer(request.customer);
    let cart = cart_id(cart)?;
    let changed = kept::change(&services, &caller, &cart, |cart| must(cart, &entry)).await?;
    Ok(Json(terms::view(&services, changed.0).await?))
}
