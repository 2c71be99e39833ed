//! Her carts and her orders, the latest first. Of a guest, those of her browser.

use crate::carts::archive::{self, Place};
use crate::carts::terms::{self, TermsError};
use crate::carts::{self, index};
use crate::http::{ApiError, Caller, Json};
use crate::services::Services;
use crate::table::{Row, TableError};
use axum::extract::State;
use domain::access::Principal;
use domain::api::shopper::{MAX_LISTED, MyCarts, MyOrder, MyOrders};
use domain::cart::{Cart, Status};
use domain::ids::{CartId, OrderId};
use std::collections::BTreeSet;

/// Carts that a browser has, where nobody has said whose they are; and hers.
async fn ids(services: &Services, caller: &Principal) -> Result<Vec<CartId>, TableError> {
    let ledger = &*services.ledger;
    let mut ids = Vec::new();
    if let Some(customer) = &caller.customer {
        ids.extend(index::carts_of(ledger, customer, MAX_LISTED).await?);
    }
    if let Some(device) = &caller.device {
        ids.extend(index::carts_of_browser(ledger, device, MAX_LISTED).await?);
    }
    Ok(ids)
}

/// The carts themselves: of those that this browser once had, only what is nobody's, or hers.
async fn carts(services: &Services, caller: &Principal) -> Result<Vec<Cart>, TableError> {
    let mut ids = ids(services, caller).await?;
    let mut seen = BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    let found = carts::lookup_all(&*services.ledger, &ids).await?;
    let hers = |row: &Row<Cart>| {
        let whose = row.value.opening.customer.as_ref();
        whose.is_none() || whose == caller.customer.as_ref()
    };
    let hers = found.into_iter().flatten().filter(hers);
    Ok(hers.map(|row| row.value).collect())
}

/// Lists her open carts
#[utoipa::path(
    get,
    path = "/v1/shopper/carts",
    tag = "shopper",
    responses((status = 200, description = "On every channel", body = MyCarts))
)]
pub(super) async fn list_carts(
    State(services): State<Services>,
    Caller(caller): Caller,
) -> Result<Json<MyCarts>, ApiError> {
    let mut views = Vec::new();
    let open = |cart: &Cart| matches!(cart.status, Status::Open | Status::Checkout(_));
    let carts = carts(&services, &caller).await?;
    for cart in carts.into_iter().filter(open).take(MAX_LISTED) {
        let view = terms::view(&services, cart).await;
        views.push(view.map_err(|error| match error {
            TermsError::Table(error) => ApiError::from(error),
            TermsError::Totals(fault) => ApiError::unavailable(fault.to_string()),
        })?);
    }
    Ok(Json(MyCarts { carts: views }))
}

async fn order_ids(services: &Services, caller: &Principal) -> Result<Vec<OrderId>, TableError> {
    let mut ids = match &caller.customer {
        Some(customer) => index::orders_of(&*services.ledger, customer, MAX_LISTED).await?,
        None => Vec::new(),
    };
    // What she bought before she said who she is lies in the carts of her browser.
    for cart in carts(services, caller).await? {
        for past in cart.orders.into_iter().rev() {
            if !ids.contains(&past.order) {
                ids.push(past.order);
            }
        }
    }
    ids.truncate(MAX_LISTED);
    Ok(ids)
}

/// Lists her orders
#[utoipa::path(
    get,
    path = "/v1/shopper/orders",
    tag = "shopper",
    responses((status = 200, description = "With what came back of each", body = MyOrders))
)]
pub(super) async fn list_orders(
    State(services): State<Services>,
    Caller(caller): Caller,
) -> Result<Json<MyOrders>, ApiError> {
    let ledger = &*services.ledger;
    let ids = order_ids(&services, &caller).await?;
    let found = archive::find_orders(ledger, &ids).await?;
    let mine = |place: Place| MyOrder {
        settlement: place.settlement(),
        order: place.order().clone(),
    };
    let mut orders: Vec<MyOrder> = found.into_iter().flatten().map(mine).collect();
    orders.sort_by_key(|mine| std::cmp::Reverse(mine.order.placed_at));
    Ok(Json(MyOrders { orders }))
}
