//! `POST /v1/orders/{order}/returns`: goods come back, and what they cost is given back.
//!
//! `X#refunds` / `<order>#<refund>` is money that is owed: it is written with the refund and deleted when the provider
//! has given it, so that nothing is owed for ever because somebody died in between.

use super::kept;
use super::order;
use super::refusal::CartError;
use super::stock;
use crate::carts;
use crate::carts::archive::{self, OldOrder, Place};
use crate::feed::Move;
use crate::http::{Caller, Json};
use crate::ports::ledger::{Condition, Key, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use crate::telemetry::figures::PAYMENTS_RETRIED;
use axum::extract::{Path, State};
use domain::access::Principal;
use domain::api::cart::{ReturnAnswer, ReturnRequest};
use domain::api::sync::kind;
use domain::cart::{CartOrder, Refund, RefundRefusal, Settlement, refund};
use domain::ids::{OrderId, PaymentKey, RefundId, Sku};
use domain::money::Money;
use domain::order::Order;
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// After every character of a key.
const LAST: &str = "\u{7f}";
/// Refunds that one call has given back.
const SETTLE_AT_ONCE: usize = 20;

async fn take_back(
    services: &Services,
    caller: &Principal,
    id: &OrderId,
    request: &ReturnRequest,
) -> Result<Option<(CartOrder, Refund, Settlement)>, CartError> {
    let place = order::lookup(services, id).await?;
    let order = place.order().clone();
    if caller.store.as_ref() != Some(&order.store) {
        return Err(CartError::Forbidden);
    }
    let settled = place.settlement();
    check_seen(&settled, request)?;
    let (given, after) = refund(&order, &settled, &request.id, &request.pieces)?;
    if after == settled {
        return Ok(Some((order, given, after)));
    }
    let mut moves = stock::put_back(services, &order.store, &goods(&given)).await?;
    let told =
        OrderId::parse(request.id.as_str()).map_err(|error| CartError::invalid("/id", &error))?;
    let history = history(&order, &given, told.clone(), services);
    let mut writes = vec![table::put(
        carts::untold_key(&told),
        &history,
        Condition::Absent,
    )?];
    match settle(&place, &after)? {
        Settled::Told(told) => moves.push(told),
        Settled::Archived(write) => writes.push(write),
    }
    if let Some(owed) = Owed::of(&order, &given) {
        writes.push(table::put(owed.key(), &owed, Condition::Any)?);
    }
    let written = kept::commit(services, &moves, &writes).await?;
    Ok(written.then_some((order, given, after)))
}

/// How what came back is kept.
enum Settled {
    /// Told to tablets.
    Told(Move),
    /// With its order, which they do not have any more.
    Archived(Write),
}

fn settle(place: &Place, after: &Settlement) -> Result<Settled, TableError> {
    let order = place.order();
    Ok(match place {
        Place::Feed {
            settlement,
            order: row,
        } => {
            let condition = settlement
                .as_ref()
                .map_or(Condition::Absent, Row::unchanged);
            let kind = kind::SETTLEMENT;
            Settled::Told(carts::put(
                &row.value.store,
                kind,
                order.id.as_str(),
                after,
                condition,
            )?)
        }
        Place::Archive(row) => {
            let old = OldOrder {
                order: order.clone(),
                settlement: after.clone(),
            };
            let key = archive::order_key(&order.id);
            Settled::Archived(table::put(key, &old, row.unchanged())?)
        }
    })
}

/// A new refund is of what she saw: the answer to one before may have been lost.
fn check_seen(settled: &Settlement, request: &ReturnRequest) -> Result<(), RefundRefusal> {
    let known = settled.refunds.iter().any(|known| known.id == request.id);
    let count = u32::try_from(settled.refunds.len()).ok();
    let moved = request.seen.is_some() && request.seen != count;
    if moved && !known {
        return Err(RefundRefusal::Moved);
    }
    Ok(())
}

/// Money that the provider has still to give back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owed {
    order: OrderId,
    refund: RefundId,
    payment: PaymentKey,
    amount: Money,
}

impl Owed {
    /// Nothing is owed where nothing was taken.
    fn of(order: &CartOrder, given: &Refund) -> Option<Self> {
        let payment = order.payment.clone().filter(|_| given.total.minor > 0)?;
        Some(Self {
            order: order.id.clone(),
            refund: given.id.clone(),
            payment,
            amount: given.total,
        })
    }

    fn key(&self) -> Key {
        Key::new("X#refunds", format!("{}#{}", self.order, self.refund))
    }

    /// Has it given back, once however often it is asked for.
    async fn settle(&self, services: &Services) -> Result<(), CartError> {
        let payments = &services.payments;
        payments
            .refund(&self.payment, &self.refund, self.amount)
            .await?;
        let (key, condition) = (self.key(), Condition::Any);
        kept::commit(services, &[], &[Write::Delete { key, condition }]).await?;
        Ok(())
    }
}

/// Has money given back that is still owed; as much as a call has patience for.
pub(super) async fn sweep(services: &Services) -> Result<(), CartError> {
    let page = services.ledger.range("X#refunds", ""..LAST, SETTLE_AT_ONCE);
    for stored in page.await.map_err(TableError::from)? {
        let owed = table::row::<Owed>(&stored)?.value;
        if let Err(error) = owed.settle(services).await {
            // It stays for the next time, and holds nothing else up.
            PAYMENTS_RETRIED.add(1, &[("kind", "refund")]);
            tracing::warn!(%error, order = %owed.order, "a refund is still owed");
        }
    }
    Ok(())
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
    let minor = given.total.minor.saturating_neg();
    history.paid = Some(Money::new(minor, given.total.currency));
    history
}

/// Takes goods back
///
/// The refund is the reversal of what the pieces cost: never more than was paid, and a repeat is the same refund. Where
/// the payment provider does not answer it stays owed, and is given later.
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
    if let Some(owed) = Owed::of(&order, &refund)
        && let Err(error) = owed.settle(&services).await
    {
        // It is decided, and stays owed: asked again she would think that nothing had come back.
        PAYMENTS_RETRIED.add(1, &[("kind", "refund")]);
        tracing::warn!(%error, order = %order.id, "a refund is owed");
    }
    order::tell(&services).await?;
    Ok(Json(ReturnAnswer { refund, settlement }))
}
