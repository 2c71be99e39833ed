//! Two carts become one, as when a guest signs in; and two again.

use super::kept::{self, cart_id, must};
use super::refusal::CartError;
use super::terms;
use crate::carts::{self, index};
use crate::http::{Caller, Json};
use crate::services::Services;
use crate::table::Row;
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{CartView, MergeRequest, UndoMergeRequest};
use domain::cart::{self, Cart, Entry, Status};
use domain::ids::{CartId, CommandId};
use domain::problem::Problem;

async fn merge(
    services: &Services,
    caller: &Principal,
    target: &CartId,
    request: &MergeRequest,
) -> Result<Option<Cart>, CartError> {
    let (to, from) = both(services, caller, target, &request.source).await?;
    let done = |merge: &CommandId| *merge == request.id;
    if to.value.absorbed.iter().any(|known| done(&known.merge)) {
        return Ok(Some(to.value));
    }
    let (absorption, departure) = cart::merge(&to.value, &from.value, &request.id)?;
    let (mut stays, mut goes) = (to.value.clone(), from.value.clone());
    must(&mut stays, &Entry::Absorb(absorption))?;
    must(&mut goes, &Entry::Depart(departure))?;
    let written = write_both(services, (&to, &stays), (&from, &goes)).await?;
    Ok(written.then_some(stays))
}

async fn undo(
    services: &Services,
    caller: &Principal,
    target: &CartId,
    id: &CommandId,
) -> Result<Option<Cart>, CartError> {
    let to = kept::read(services, caller, target).await?;
    let from = to.value.absorbed.iter().find(|known| known.merge == *id);
    let from = from.ok_or(CartError::NotFound("merge"))?.from.clone();
    let from = kept::read(services, caller, &from).await?;
    let undone = Entry::UndoMerge(cart::undo_merge(&to.value, &from.value, id)?);
    let (mut stays, mut comes) = (to.value.clone(), from.value.clone());
    must(&mut stays, &undone)?;
    must(&mut comes, &undone)?;
    let written = write_both(services, (&to, &stays), (&from, &comes)).await?;
    Ok(written.then_some(stays))
}

/// Both carts, with the look-ups that follow them, in one write.
async fn write_both(
    services: &Services,
    one: (&Row<Cart>, &Cart),
    other: (&Row<Cart>, &Cart),
) -> Result<bool, CartError> {
    let (mut moves, mut writes) = (Vec::new(), Vec::new());
    for (before, after) in [one, other] {
        moves.push(carts::cart_move(Some(before), after)?);
        writes.extend(index::writes(Some(before), after, services.clock.now())?);
    }
    kept::commit(services, &moves, &writes).await
}

type Both = (Row<Cart>, Row<Cart>);

async fn both(
    services: &Services,
    caller: &Principal,
    target: &CartId,
    source: &CartId,
) -> Result<Both, CartError> {
    let to = kept::read(services, caller, target).await?;
    let from = kept::read(services, caller, source).await?;
    // Two people's carts are never one; a guest's may become either's.
    let (a, b) = (&to.value.opening.customer, &from.value.opening.customer);
    let others = b.is_some() && a != b && !matches!(from.value.status, Status::Merged(_));
    if others {
        return Err(CartError::Forbidden);
    }
    Ok((to, from))
}

/// Another cart goes into this one
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/merge",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    request_body = MergeRequest,
    responses(
        (status = 200, description = "This cart with what came", body = CartView),
        (status = 409, description = "`merge-refused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn merge_carts(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<MergeRequest>,
) -> Result<Json<CartView>, CartError> {
    let cart = cart_id(cart)?;
    let merged = kept::race(|| merge(&services, &caller, &cart, &request)).await?;
    Ok(Json(terms::view(&services, merged).await?))
}

/// Each cart has its own again
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/merge/undo",
    tag = "cart",
    params(("cart" = String, Path, description = "The cart that the other went into")),
    request_body = UndoMergeRequest,
    responses(
        (status = 200, description = "This cart without what came", body = CartView),
        (status = 404, description = "No such merge, or undone before", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`merge-refused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn undo_merge(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Json(request): Json<UndoMergeRequest>,
) -> Result<Json<CartView>, CartError> {
    let cart = cart_id(cart)?;
    let undone = kept::race(|| undo(&services, &caller, &cart, &request.id)).await?;
    Ok(Json(terms::view(&services, undone).await?))
}
