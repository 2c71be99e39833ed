//! The catalogue for web shops: items with price and stock, page by page, and what carts of theirs are summed with.

use crate::carts::terms;
use crate::functions::Function;
use crate::http::{ApiError, Json, Routes};
use crate::services::Services;
use axum::extract::{Query, State};
use domain::access::Access;
use domain::api::content::CataloguePage;
use domain::cart::Terms;
use domain::ids::{Sku, StoreId};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "catalogue",
    routes,
    consumer: None,
    upkeep: None,
};

/// The most items of one page.
const MAX_PAGE: usize = 500;

/// The routes of this function.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(Access::Public, routes!(list_items))
        .allow(Access::Public, routes!(read_terms))
}

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// Whose prices and stock.
    store: StoreId,
    /// Items after this SKU; from the first where it is not given.
    after: Option<Sku>,
    /// At most 500.
    limit: Option<usize>,
}

/// Lists items in the order of their SKUs.
#[utoipa::path(get, path = "/v1/catalogue", params(PageQuery), responses((status = 200, body = CataloguePage)))]
async fn list_items(
    State(services): State<Services>,
    Query(query): Query<PageQuery>,
) -> Result<Json<CataloguePage>, ApiError> {
    let limit = query.limit.unwrap_or(MAX_PAGE).clamp(1, MAX_PAGE);
    let now = services.clock.now();
    let shown = services
        .memory
        .storefront
        .show(&services, &query.store)
        .await?;
    let skus: Vec<&Sku> = shown
        .items_after(query.after.as_ref())
        .take(limit + 1)
        .collect();
    let next = (skus.len() > limit)
        .then(|| skus.get(limit - 1).map(|sku| (*sku).clone()))
        .flatten();
    let items = skus
        .into_iter()
        .take(limit)
        .filter_map(|sku| shown.view(sku, &query.store, now))
        .collect();
    Ok(Json(CataloguePage { items, next }))
}

/// Whose terms.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TermsQuery {
    /// Which store sells.
    store: StoreId,
}

/// The tax and the promotions of now: a phone sums with them what it cannot ask for. What begins later is the retailer's
/// to tell.
#[utoipa::path(get, path = "/v1/catalogue/terms", params(TermsQuery), responses((status = 200, body = Terms)))]
async fn read_terms(
    State(services): State<Services>,
    Query(query): Query<TermsQuery>,
) -> Result<Json<Terms>, ApiError> {
    let mut terms = terms::of_store(&services, &query.store).await?;
    let now = services.clock.now();
    let is_on = |from, until| from <= now && now < until;
    terms
        .promotions
        .retain(|promotion| is_on(promotion.valid_from, promotion.valid_until));
    Ok(Json(terms))
}
