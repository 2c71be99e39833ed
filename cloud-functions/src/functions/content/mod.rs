//! Pages put together for one person: a kiosk's home for a guest who said who she is, the shelves of the web shop.

use crate::functions::Function;
use crate::http::{ApiError, Caller, Json, Routes};
use crate::people::{self, Known};
use crate::services::Services;
use crate::shelves::Assembly;
use axum::extract::State;
use axum::http::StatusCode;
use domain::access::{Access, Permission, Role};
use domain::api::content::{Guest, GuestRequest, Shelf, ShopRequest, ShopShelves};
use domain::ids::StoreId;
use domain::problem::Problem;
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "content",
    routes,
    consumer: None,
    upkeep: None,
};

const KIOSK: Access = Access::Bearer {
    roles: &[Role::Kiosk],
    permission: Permission::GuestsIdentify,
};

/// The routes of this function.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(KIOSK, routes!(welcome_guest))
        .allow(Access::WriteKey, routes!(fill_shop))
}

/// Recognises a shopper at a kiosk by card or phone, and puts her home screen together. She proved nothing but that she
/// knows the number, so nothing leaves that she would mind a stranger to see: a first name, a tier, shelves.
#[utoipa::path(post, path = "/v1/content/guest", request_body = GuestRequest,
    responses((status = 200, body = Guest), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn welcome_guest(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<GuestRequest>,
) -> Result<Json<Guest>, ApiError> {
    if caller.0.store.as_ref() != Some(&request.store) {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "That is another store's kiosk",
        ));
    }
    let ledger = &*services.ledger;
    let store = people::store(ledger, &request.store)
        .await?
        .ok_or_else(|| ApiError::not_found("store"))?;
    let id = people::find(ledger, &request.identify, &store)
        .await?
        .ok_or_else(|| ApiError::not_found("card or phone"))?;
    let known = Known::customer(ledger, &id)
        .await?
        .ok_or_else(|| ApiError::not_found("card or phone"))?;
    let person = known.person(&request.store);
    let shelves = fill(&services, &request.store, |assembly| assembly.home(&person)).await?;
    let Some(customer) = known.customer else {
        return Err(ApiError::not_found("card or phone"));
    };
    Ok(Json(Guest {
        first_name: customer.name.greeting().to_owned(),
        tier: customer.tier,
        points: customer.points,
        returning: customer.last_visit_at.is_some(),
        shelves,
        as_of: services.clock.now(),
    }))
}

/// Fills the shelves of the web shop for a browser: beside an item, or at home.
#[utoipa::path(post, path = "/v1/content/shop", request_body = ShopRequest, responses((status = 200, body = ShopShelves)))]
async fn fill_shop(
    State(services): State<Services>,
    Json(request): Json<ShopRequest>,
) -> Result<Json<ShopShelves>, ApiError> {
    let known = Known::anonymous(&*services.ledger, &request.anonymous).await?;
    let shelves = fill(&services, &request.store, |assembly| match &request.sku {
        Some(sku) => assembly.beside(sku),
        None => assembly.home(&known.person(&request.store)),
    });
    let shelves = shelves.await?;
    Ok(Json(ShopShelves { shelves }))
}

/// Fills shelves from what the store shows at this moment.
async fn fill(
    services: &Services,
    store: &StoreId,
    assemble: impl FnOnce(&Assembly<'_>) -> Vec<Shelf>,
) -> Result<Vec<Shelf>, ApiError> {
    let standing = services.memory.stand(services, store).await?;
    Ok(assemble(&Assembly {
        shown: &standing.shown,
        model: standing.current.pupil.model(),
        store,
        now: services.clock.now(),
    }))
}
