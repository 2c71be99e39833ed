//! `GET /v1/analytics/board`

use super::window::Window;
use super::window_key;
use crate::feed::entity_key;
use crate::http::{ApiError, Caller, Json};
use crate::ports::ledger::{Key, Ledger};
use crate::services::Services;
use crate::table;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use domain::access::{Principal, Role};
use domain::api::board::{Board, TopItem};
use domain::api::sync::kind;
use domain::ids::{Sku, StoreId};
use domain::store::Store;
use serde::Deserialize;

/// Items on a board.
const TOP_ITEMS: usize = 10;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BoardQuery {
    /// Which store; a manager may leave it out.
    #[param(value_type = Option<String>)]
    store: Option<StoreId>,
}

/// Of an item only what is needed here.
#[derive(Deserialize)]
struct Titled {
    title: String,
}

/// The live figures of a store.
#[utoipa::path(get, path = "/v1/analytics/board", tag = "analytics", params(BoardQuery),
    responses((status = 200, body = Board), (status = 403), (status = 404)))]
pub(super) async fn read(
    State(services): State<Services>,
    Caller(caller): Caller,
    query: Result<Query<BoardQuery>, QueryRejection>,
) -> Result<Json<Board>, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid("/store", error.body_text()))?;
    let store = visible_store(&caller, query.store)?;
    let ledger = &*services.ledger;
    let shop = table::lookup::<Store>(ledger, &entity_key(kind::STORE, store.as_str()))
        .await?
        .ok_or_else(|| ApiError::not_found("store"))?;
    let window = table::lookup::<Window>(ledger, &window_key(&store)).await?;
    let window = window.map(|row| row.value).unwrap_or_default();
    let now = services.clock.now();
    let (sales, sales_minutes) = window.sales(now, shop.value.currency);
    Ok(Json(Board {
        store,
        as_of: now,
        newest_event_at: window.newest_event_at,
        shoppers_now: window.shoppers_now(now),
        views: window.views(now),
        adds: window.adds(now),
        orders: window.orders(now),
        sales,
        sales_minutes,
        top_items: titled(ledger, &window.top_items(now, TOP_ITEMS)).await?,
    }))
}

/// A manager sees her own store only; an operator says which.
fn visible_store(caller: &Principal, asked: Option<StoreId>) -> Result<StoreId, ApiError> {
    let forbidden = || ApiError::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this");
    match (caller.role, &caller.store, asked) {
        (Role::Operator, _, Some(asked)) => Ok(asked),
        (Role::Operator, _, None) => Err(ApiError::invalid("/store", "is missing")),
        (_, Some(own), None) => Ok(own.clone()),
        (_, Some(own), Some(asked)) if *own == asked => Ok(asked),
        (_, _, _) => Err(forbidden()),
    }
}

/// Items by their names; one that the catalogue does not know by its SKU.
async fn titled(ledger: &dyn Ledger, top: &[(&Sku, u32)]) -> Result<Vec<TopItem>, ApiError> {
    let keys: Vec<Key> = top
        .iter()
        .map(|(sku, _)| entity_key(kind::ITEM, sku.as_str()))
        .collect();
    let stored = ledger.read_all(&keys).await?;
    let items = top.iter().zip(stored).map(|((sku, views), stored)| {
        let titled: Option<Titled> =
            stored.and_then(|stored| serde_json::from_str(&stored.body).ok());
        TopItem {
            sku: (*sku).clone(),
            title: titled.map_or_else(|| sku.to_string(), |titled| titled.title),
            views: *views,
        }
    });
    Ok(items.collect())
}
