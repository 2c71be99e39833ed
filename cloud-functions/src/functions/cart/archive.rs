//! Old carts and orders leave the tablets, in the write that puts them into the archive; `GET /v1/orders/{order}` reads an
//! order however old it is.

use super::kept;
use super::order;
use super::refusal::CartError;
use crate::carts;
use crate::carts::archive::{self, CART_KEPT, Due, OldOrder, Place};
use crate::feed::{Move, entity_key};
use crate::http::{Caller, Json};
use crate::ports::ledger::{Condition, Key, Write};
use crate::services::Services;
use crate::table::{self, Row, TableError};
use axum::extract::{Path, State};
use domain::access::{Principal, Role};
use domain::api::cart::OrderView;
use domain::api::sync::kind;
use domain::cart::{Cart, CartOrder, ReceiptNumber};
use domain::ids::{CartId, OrderId};
use domain::problem::Problem;

/// What one call puts into the archive.
const ARCHIVE_AT_ONCE: usize = 50;

/// Puts into the archive what is due; as much as a call has patience for.
pub(super) async fn sweep(services: &Services) -> Result<(), CartError> {
    let now = services.clock.now();
    // What is due now is due.
    let to = format!("{:020}", now.timestamp_millis().max(0).saturating_add(1));
    let page = services
        .ledger
        .range("X#archive", ""..to.as_str(), ARCHIVE_AT_ONCE);
    for stored in page.await.map_err(TableError::from)? {
        let due = table::row::<Due>(&stored)?.value;
        kept::race(|| put_away(services, &stored.key, &due)).await?;
    }
    Ok(())
}

async fn put_away(services: &Services, key: &Key, due: &Due) -> Result<Option<()>, CartError> {
    let (moves, mut writes) = match due {
        Due::Cart { cart, version } => cart_away(services, cart, *version).await?,
        Due::Order { order } => order_away(services, order).await?,
    };
    let (key, condition) = (key.clone(), Condition::Any);
    writes.push(Write::Delete { key, condition });
    Ok(kept::commit(services, &moves, &writes).await?.then_some(()))
}

type Plan = (Vec<Move>, Vec<Write>);

/// A cart that moved since it ended has its time anew; one that is open again ends again some day.
async fn cart_away(services: &Services, cart: &CartId, version: u64) -> Result<Plan, CartError> {
    let key = entity_key(kind::CART, cart.as_str());
    let row: Option<Row<Cart>> = table::lookup(&*services.ledger, &key).await?;
    let Some(row) = row.filter(|row| archive::is_ended(&row.value)) else {
        return Ok(Plan::default());
    };
    if row.value.version != version {
        let due = Due::Cart {
            cart: cart.clone(),
            version: row.value.version,
        };
        let anew = due.at(services.clock.now() + CART_KEPT)?;
        return Ok((Vec::new(), vec![anew]));
    }
    let mut gone = carts::cart_move(Some(&row), &row.value)?;
    gone.body = None;
    let old = table::put(archive::cart_key(cart), &row.value, Condition::Any)?;
    Ok((vec![gone], vec![old]))
}

async fn order_away(services: &Services, order: &OrderId) -> Result<Plan, CartError> {
    let found = archive::find_order(&*services.ledger, order).await?;
    let Some(place @ Place::Feed { .. }) = found else {
        return Ok(Plan::default());
    };
    let old = OldOrder {
        order: place.order().clone(),
        settlement: place.settlement(),
    };
    let Place::Feed {
        order: row,
        settlement,
    } = place
    else {
        return Ok(Plan::default());
    };
    let mut moves = vec![gone(&old, kind::CART_ORDER, row.unchanged())?];
    let mut writes = vec![table::put(archive::order_key(order), &old, Condition::Any)?];
    match settlement {
        Some(row) => moves.push(gone(&old, kind::SETTLEMENT, row.unchanged())?),
        // What comes back meanwhile is not left behind.
        None => writes.push(Write::Check {
            key: entity_key(kind::SETTLEMENT, order.as_str()),
            condition: Condition::Absent,
        }),
    }
    Ok((moves, writes))
}

fn gone(old: &OldOrder, kind: &'static str, condition: Condition) -> Result<Move, TableError> {
    let order = &old.order;
    let mut gone = carts::put(&order.store, kind, order.id.as_str(), order, condition)?;
    gone.body = None;
    Ok(gone)
}

/// The order of a receipt's number, where the text is one.
async fn of_receipt(services: &Services, text: &str) -> Result<Option<OrderId>, CartError> {
    let Ok(receipt) = text.parse::<ReceiptNumber>() else {
        return Ok(None);
    };
    let key = archive::receipt_key(&receipt);
    let row: Option<Row<OrderId>> = table::lookup(&*services.ledger, &key).await?;
    Ok(row.map(|row| row.value))
}

/// Tablets read their store's orders, a shopper hers, and a guest those of the carts of her browser.
async fn may_read(
    services: &Services,
    caller: &Principal,
    order: &CartOrder,
) -> Result<bool, CartError> {
    if caller.role != Role::Shopper {
        return Ok(caller.store.as_ref() == Some(&order.store));
    }
    if order.customer.is_some() {
        return Ok(order.customer == caller.customer);
    }
    match kept::read(services, caller, &order.cart).await {
        Ok(_) => Ok(true),
        Err(CartError::Forbidden | CartError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads an order
///
/// By its id or by the number on its receipt. However old it is: tablets keep orders for 90 days, the cloud for good.
#[utoipa::path(
    get,
    path = "/v1/orders/{order}",
    tag = "cart",
    params(("order" = String, Path, description = "Its id, or the number on its receipt")),
    responses(
        (status = 200, description = "The order, with what came back of it", body = OrderView),
        (status = 403, description = "`wrong-cart`: another store's, or another's", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn read_order(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(text): Path<String>,
) -> Result<Json<OrderView>, CartError> {
    let id = match of_receipt(&services, &text).await? {
        Some(id) => id,
        None => OrderId::parse(text).map_err(|_| CartError::NotFound("order"))?,
    };
    let place = order::lookup(&services, &id).await?;
    if !may_read(&services, &caller, place.order()).await? {
        return Err(CartError::Forbidden);
    }
    Ok(Json(OrderView {
        order: place.order().clone(),
        settlement: place.settlement(),
        archived: matches!(place, Place::Archive(_)),
    }))
}
