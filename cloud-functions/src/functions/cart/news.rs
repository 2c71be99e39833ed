//! `GET /v1/carts/{cart}/news`: waits until a cart is not the one that a channel knows.

use super::kept::{self, cart_id};
use super::refusal::CartError;
use super::terms;
use crate::http::{Caller, Json, Query};
use crate::ports::wait::until_moved;
use crate::services::Services;
use axum::extract::{Path, State};
use domain::api::shopper::CartNews;
use domain::api::sync::Scope;
use domain::problem::Problem;
use serde::Deserialize;
use std::time::Duration;

/// The longest wait, in milliseconds.
const MAX_WAIT_MS: u64 = 25_000;

/// What a channel knows, and how long it waits.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Since {
    /// The tag that it has; without it the cart is news.
    #[serde(default)]
    after: Option<String>,
    /// At most 25,000; without it nobody waits.
    #[serde(default)]
    wait_ms: u64,
}

/// Waits for news of a cart
///
/// Answers at once where the cart is another than the tag's, else when it changes, or when the wait is over.
#[utoipa::path(
    get,
    path = "/v1/carts/{cart}/news",
    tag = "cart",
    params(("cart" = String, Path, description = "Which"), Since),
    responses(
        (status = 200, description = "The cart, where it is another", body = CartNews),
        (status = 404, description = "There is none", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn wait_for_news(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
    Query(since): Query<Since>,
) -> Result<Json<CartNews>, CartError> {
    let cart = cart_id(cart)?;
    let wait = Duration::from_millis(since.wait_ms.min(MAX_WAIT_MS));
    let wait = services.poke.bounded(wait);
    // Listening begins before the first look: a change between look and wait is not missed.
    let mut pokes = services.poke.listen();
    let mut end = std::pin::pin!(tokio::time::sleep(wait));
    let mut over = wait.is_zero();
    loop {
        let row = kept::read(&services, &caller, &cart).await?;
        let tag = format!("r{}", row.revision);
        let is_news = since.after.as_ref() != Some(&tag);
        if is_news || over {
            let view = match is_news.then_some(row.value) {
                Some(cart) => Some(terms::view(&services, cart).await?),
                None => None,
            };
            let at = services.clock.now();
            return Ok(Json(CartNews { tag, view, at }));
        }
        let scopes = [Scope::carts(&row.value.opening.store)];
        over = !until_moved(&mut pokes, &scopes, end.as_mut()).await;
    }
}
