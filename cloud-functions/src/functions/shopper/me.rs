//! `GET /v1/shopper/me`: who she is.

use crate::feed::entity_key;
use crate::http::{ApiError, Caller, Json};
use crate::people;
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::State;
use domain::api::shopper::Me;
use domain::api::sync::kind;
use domain::customer::Customer;
use domain::loyalty::Tier;

/// Says who she is
#[utoipa::path(
    get,
    path = "/v1/shopper/me",
    tag = "shopper",
    responses((status = 200, description = "She, or a guest", body = Me))
)]
pub(super) async fn read_me(
    State(services): State<Services>,
    Caller(caller): Caller,
) -> Result<Json<Me>, ApiError> {
    let ledger = &*services.ledger;
    let store = match &caller.store {
        Some(store) => people::store(ledger, store).await?,
        None => None,
    };
    let customer = match &caller.customer {
        Some(id) => {
            let key = entity_key(kind::CUSTOMER, id.as_str());
            let row: Option<Row<Customer>> = table::lookup(ledger, &key).await?;
            row.map(|row| row.value)
        }
        None => None,
    };
    let hers = customer.as_ref();
    Ok(Json(Me {
        first_name: hers.map(|customer| customer.name.greeting().to_owned()),
        tier: hers.map_or(Tier::default(), |customer| customer.tier),
        points: hers.map_or(0, |customer| customer.points),
        card: hers
            .and_then(|customer| customer.card.as_ref())
            .map(ToString::to_string),
        store_name: store.map(|store| store.name).unwrap_or_default(),
    }))
}
