//! `POST /v1/orders/{order}/returns`: goods come back, and what they cost is given back.

use super::kept;
use super::order;
use super::refusal::CartError;
use super::stock;
use crate::carts;
use crate::feed::entity_key;
use crate::http::{Caller, Json};
use crate::ports::ledger::Condition;
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{ReturnAnswer, ReturnRequest};
use domain::api::sync::kind;
use domain::cart::{CartOrder, Refund, Settlement, refund};
use domain::ids::{OrderId, Sku};
use domain::order::Order;
use domain::problem::Problem;
use std::collections::BTreeMap;

async fn take_back(
    services: &Services,
    caller: &Principal,
    id: &OrderId,
    request: &ReturnRequest,
) -> Result<Option<(CartOrder, Refund, Settlement)>, CartError> {
    let order = order::lookup(services, id).await?.value;
    if caller.store.as_ref() != Some(&order.store) {
        return Err(CartError::Forbidden);
    }
    let key = entity_key(kind::SETTLEMENT, id.as_str());
    let before: Option<Row<Settlement>> = table::lookup(&*services.ledger, &key).await?;
    let condition = before.as_ref().map_or(Condition::Absent, Row::unchanged);
    let settled = before.map(|row| row.value).unwrap_or_default();
    let (given, after) = refund(&order, &settled, &request.id, &request.pieces)?;
    if after == settled {
        return Ok(Some((order, given, after)));
    }
    let mut moves = stock::put_back(services, &order.store, &goods(&given)).await?;
    moves.push(carts::put(
        &order.store,
        kind::SETTLEMENT,
        id.as_str(),
        &after,
        condition,
    )?);
    let told =
        OrderId::parse(request.id.as_str()).map_err(|error| CartError::invalid("/id", &error))?;
    let history = history(&order, &given, told.clone(), services);
    let writes = [table::put(
        carts::untold_key(&told),
        &history,
        Condition::Absent,
    )?];
    let written = kept::commit(services, &moves, &writes).await?;
    Ok(written.then_some((order, given, after)))
}

fn goods(given: &Refund) -> BTreeMap<Sku, u64> {
    let mut goods = BTreeMap::new();
    for line in &given.lines {
        let pieces: &mut u64 = goods.entry(line.sku.clone()).or_default();
        *pieces = pieces.saturating_add(line.quantity.into());
    }
    goods
}

/// The return as history keeps it: an order of its own, with pieces below nothing.
fn history(order: &CartOrder, given: &Refund, id: OrderId, services: &Services) -> Order {
    let mut history = order.history();
    history.id = id;
    history.placed_at = services.clock.now();
    let came_back = |(line, sold): (&mut domain::order::OrderLine, &domain::cart::LineTotal)| {
        let back = given.lines.iter().find(|back| back.line_id == sold.line_id);
        line.quantity = back.map_or(0, |back| -i64::from(back.quantity));
    };
    history
        .lines
        .iter_mut()
        .zip(&order.totals.lines)
        .for_each(came_back);
    history.lines.retain(|line| line.quantity != 0);
    history
}

/// Takes goods back
///
/// The refund is the reversal of what the pieces cost: never more than was paid, and a repeat is the same refund.
#[utoipa::path(
    post,
    path = "/v1/orders/{order}/returns",
    tag = "cart",
    params(("order" = String, Path, description = "Which")),
    request_body = ReturnRequest,
    responses(
        (status = 200, description = "What is given back", body = ReturnAnswer),
        (status = 404, description = "There is no such order", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`refund-refused`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn return_goods(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(order): Path<String>,
    Json(request): Json<ReturnRequest>,
) -> Result<Json<ReturnAnswer>, CartError> {
    let id = OrderId::parse(order).map_err(|error| CartError::invalid("/order", &error))?;
    let taken = kept::race(|| take_back(&services, &caller, &id, &request)).await?;
    let (order, refund, settlement) = taken;
    if let Some(payment) = &order.payment {
        let (amount, id) = (refund.total, &refund.id);
        services.payments.refund(payment, id, amount).await?;
    }
    order::tell(&services).await?;
    Ok(Json(ReturnAnswer { refund, settlement }))
}
