//! `POST /v1/carts/allotments`: stock that one tablet alone may sell, and goods of sales that wait to be counted.

use super::kept;
use super::refusal::CartError;
use crate::carts::Sold;
use crate::carts::goods::{self, AT_ONCE};
use crate::devices;
use crate::http::{Caller, Json};
use crate::ports::ledger::Write;
use crate::services::Services;
use crate::table::{self, Row, TableError};
use axum::extract::State;
use domain::api::cart::{AllotAnswer, AllotRequest, MAX_ALLOT};
use domain::cart::Allotment;
use domain::ids::{DeviceId, Sku, StoreId};
use domain::problem::Problem;
use std::collections::BTreeMap;

/// Sales that one call counts the rest of.
const COUNT_AT_ONCE: usize = 20;

async fn allot_once(
    services: &Services,
    device: &DeviceId,
    store: &StoreId,
    wanted: &BTreeMap<Sku, u64>,
) -> Result<Option<Vec<Allotment>>, CartError> {
    let ledger = &*services.ledger;
    let state = devices::lookup(ledger, device).await?;
    let state = state.filter(|state| !state.value.revoked);
    let state = state.ok_or(CartError::Forbidden)?;
    let ((moves, mut writes), after) = goods::allot(ledger, device, store, wanted).await?;
    // Whoever is revoked meanwhile gets nothing that nobody puts back.
    writes.push(Write::Check {
        key: devices::state_key(device),
        condition: state.unchanged(),
    });
    let written = moves.is_empty() || kept::commit(services, &moves, &writes).await?;
    Ok(written.then_some(after))
}

/// Allots stock to a tablet
///
/// Answers what it has now: fewer pieces where there are fewer. Items that nobody counted are not allotted.
#[utoipa::path(
    post,
    path = "/v1/carts/allotments",
    tag = "cart",
    request_body = AllotRequest,
    responses(
        (status = 200, description = "What it has of each", body = AllotAnswer),
        (status = 400, description = "Too many items", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn allot_stock(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<AllotRequest>,
) -> Result<Json<AllotAnswer>, CartError> {
    let (Some(device), Some(store)) = (&caller.device, &caller.store) else {
        return Err(CartError::Forbidden);
    };
    if request.skus.len() > MAX_ALLOT {
        let detail = format!("at most {MAX_ALLOT} items at once");
        return Err(CartError::invalid("/skus", &detail));
    }
    let mut rest: Vec<(Sku, u64)> = request.skus.into_iter().collect();
    let mut allotments = Vec::new();
    while !rest.is_empty() {
        let some = rest.drain(..rest.len().min(AT_ONCE)).collect();
        let have = kept::race(|| allot_once(&services, device, store, &some)).await?;
        allotments.extend(have);
    }
    Ok(Json(AllotAnswer { allotments }))
}

/// Counts goods of sales with so many items that they did not fit the write of the sale.
pub(super) async fn count(services: &Services) -> Result<(), CartError> {
    let page = services.ledger.range("X#sold", "".."\u{7f}", COUNT_AT_ONCE);
    for stored in page.await.map_err(TableError::from)? {
        let row: Row<Sold> = table::row(&stored)?;
        let mut sold = row.value.clone();
        let now = sold.take(AT_ONCE);
        let ledger = &*services.ledger;
        let plan = goods::sell(ledger, &sold.device, &sold.store, &now, &sold.allotted);
        let (moves, mut writes) = plan.await?;
        let (key, condition) = (stored.key, row.unchanged());
        writes.push(if sold.goods.is_empty() {
            Write::Delete { key, condition }
        } else {
            table::put(key, &sold, condition)?
        });
        // Where somebody was quicker, it is for the next time.
        kept::commit(services, &moves, &writes).await?;
    }
    Ok(())
}
