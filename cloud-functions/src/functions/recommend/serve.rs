//! Answers requests for recommendations, and keeps what each answer stood on.

use super::replay;
use super::snapshot;
use crate::http::{ApiError, Caller, Json, Routes};
use crate::memory::Kept;
use crate::people::Known;
use crate::services::Services;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::access::{Access, Permission, Principal, Role};
use domain::api::recommend::{
    BoughtTogether, ForYou, MAX_LIMIT, MAX_NAMED, MAX_RERANKED, Next, Ranked, Ranking,
    Recommendations, Rerank, Similar,
};
use domain::ids::{AnonymousId, CustomerId, DecisionId, DepartmentId, Sku, StoreId};
use domain::problem::Problem;
use domain::recommendation::Recommendation;
use recommend::{Answer, Asked};
use serde::Serialize;
use std::sync::Arc;
use utoipa_axum::routes;

/// Devices and who works on them.
const READERS: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk, Role::Associate, Role::Manager],
    permission: Permission::RecommendationsRead,
};
/// Who may ask why: what a decision stood on is what somebody looked at and bought.
const MANAGERS: Access = Access::Bearer {
    roles: &[Role::Manager],
    permission: Permission::RecommendationsRead,
};

/// The routes of this function.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(READERS, routes!(recommend_for_you))
        .allow(READERS, routes!(recommend_next))
        .allow(READERS, routes!(recommend_similar))
        .allow(READERS, routes!(recommend_bought_together))
        .allow(READERS, routes!(rerank))
        .allow(READERS, routes!(snapshot::send_snapshot))
        .allow(MANAGERS, routes!(replay::replay_decision))
}

/// For whom a request is, and in which store.
struct Whose<'a> {
    customer: Option<&'a CustomerId>,
    anonymous: Option<&'a AnonymousId>,
    store: &'a StoreId,
}

/// What is asked, and within which bounds.
struct Wanted {
    asked: Asked,
    department: Option<DepartmentId>,
    limit: usize,
}

/// For one person, or one browser. A kiosk may not ask for a customer.
#[utoipa::path(post, path = "/v1/recommend/for-you", request_body = ForYou,
    responses((status = 200, body = Recommendations), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn recommend_for_you(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<ForYou>,
) -> Result<Response, ApiError> {
    let whose = Whose {
        customer: request.customer.as_ref(),
        anonymous: request.anonymous.as_ref(),
        store: &request.store,
    };
    let wanted = Wanted {
        asked: Asked::ForYou,
        department: request.department,
        limit: request.limit,
    };
    answer(&services, &caller.0, &whose, wanted).await
}

/// What comes next on a visit. Who refused personalisation gets what is popular.
#[utoipa::path(post, path = "/v1/recommend/next", request_body = Next,
    responses((status = 200, body = Recommendations), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn recommend_next(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Next>,
) -> Result<Response, ApiError> {
    check_named("/session", &request.session, MAX_NAMED)?;
    let whose = Whose {
        customer: request.customer.as_ref(),
        anonymous: request.anonymous.as_ref(),
        store: &request.store,
    };
    let wanted = Wanted {
        asked: Asked::Next {
            session: request.session,
        },
        department: request.department,
        limit: request.limit,
    };
    answer(&services, &caller.0, &whose, wanted).await
}

/// Of the same kind as an item.
#[utoipa::path(post, path = "/v1/recommend/similar", request_body = Similar, responses((status = 200, body = Recommendations)))]
async fn recommend_similar(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Similar>,
) -> Result<Response, ApiError> {
    let whose = Whose {
        customer: request.customer.as_ref(),
        anonymous: None,
        store: &request.store,
    };
    let wanted = Wanted {
        asked: Asked::Similar { sku: request.sku },
        department: request.department,
        limit: request.limit,
    };
    answer(&services, &caller.0, &whose, wanted).await
}

/// Bought in one basket with the items named.
#[utoipa::path(post, path = "/v1/recommend/bought-together", request_body = BoughtTogether,
    responses((status = 200, body = Recommendations)))]
async fn recommend_bought_together(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<BoughtTogether>,
) -> Result<Response, ApiError> {
    check_named("/skus", &request.skus, MAX_NAMED)?;
    let whose = Whose {
        customer: request.customer.as_ref(),
        anonymous: None,
        store: &request.store,
    };
    let wanted = Wanted {
        asked: Asked::BoughtTogether { skus: request.skus },
        department: request.department,
        limit: request.limit,
    };
    answer(&services, &caller.0, &whose, wanted).await
}

/// A list in the order that suits somebody; nothing is added, nothing taken away. Who refused personalisation gets the
/// list's own order.
#[utoipa::path(post, path = "/v1/recommend/rerank", request_body = Rerank,
    responses((status = 200, body = Ranking), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn rerank(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Rerank>,
) -> Result<Response, ApiError> {
    check_named("/skus", &request.skus, MAX_RERANKED)?;
    let whose = Whose {
        customer: request.customer.as_ref(),
        anonymous: request.anonymous.as_ref(),
        store: &request.store,
    };
    let wanted = Wanted {
        asked: Asked::Rerank { skus: request.skus },
        department: None,
        limit: MAX_LIMIT,
    };
    answer(&services, &caller.0, &whose, wanted).await
}

/// A shelf as [`Recommendations`] says, written from what is kept.
#[derive(Serialize)]
struct Shelf<'a> {
    items: &'a [Recommendation],
    model: String,
    decision: &'a DecisionId,
}

/// A list as [`Ranking`] says.
#[derive(Serialize)]
struct List<'a> {
    items: &'a [Ranked],
    model: String,
    decision: &'a DecisionId,
}

async fn answer(
    services: &Services,
    caller: &Principal,
    whose: &Whose<'_>,
    wanted: Wanted,
) -> Result<Response, ApiError> {
    let kept = decide(services, caller, whose, wanted).await?;
    let model = kept.decision.model.to_string();
    let decision = &kept.id;
    Ok(match &kept.decision.answer {
        Answer::Shelf(items) => Json(Shelf {
            items,
            model,
            decision,
        })
        .into_response(),
        Answer::Ranking(items) => Json(List {
            items,
            model,
            decision,
        })
        .into_response(),
    })
}

/// Answers from the model as it is now, and keeps the decision.
async fn decide(
    services: &Services,
    caller: &Principal,
    whose: &Whose<'_>,
    wanted: Wanted,
) -> Result<Arc<Kept>, ApiError> {
    check(caller, whose.store, wanted.limit)?;
    let known = known(services, caller, whose).await?;
    let standing = services.memory.stand(services, whose.store).await?;
    let now = services.clock.now();
    let person = known.person(whose.store);
    let request = person.request(wanted.asked, wanted.department, now, wanted.limit);
    let in_stock = |sku: &Sku| {
        let pieces = standing.shown.on_hand(sku, whose.store);
        pieces.is_some_and(|pieces| pieces > 0)
    };
    let pupil = &standing.current.pupil;
    let decision = pupil.model().decide(request, &in_stock);
    let id = DecisionId::parse(services.ids.uuid(now).simple().to_string())
        .map_err(|_| ApiError::unavailable("no id could be made for the decision"))?;
    let kept = Kept {
        id,
        at: now,
        store: whose.store.clone(),
        base: pupil.base().clone(),
        seq: pupil.seq(),
        decision,
    };
    drop(standing);
    let kept = Arc::new(kept);
    services.memory.decisions.keep(services, Arc::clone(&kept));
    Ok(kept)
}

/// What is known of her: a customer of this store, or whoever uses a browser. A kiosk may not ask for a customer.
async fn known(
    services: &Services,
    caller: &Principal,
    whose: &Whose<'_>,
) -> Result<Arc<Known>, ApiError> {
    let (ledger, people) = (&*services.ledger, &services.memory.people);
    let known = match (whose.customer, whose.anonymous) {
        (Some(_), _) if caller.role == Role::Kiosk => {
            return Err(forbidden("A kiosk does not ask for customers"));
        }
        (Some(id), _) => people
            .customer(ledger, id)
            .await?
            .ok_or_else(|| ApiError::not_found("customer"))?,
        (None, Some(id)) => Arc::new(Known::anonymous(ledger, id).await?),
        (None, None) => Arc::default(),
    };
    let customer = known.customer.as_ref();
    if customer.is_some_and(|customer| customer.home_store != *whose.store) {
        return Err(ApiError::not_found("customer"));
    }
    Ok(known)
}

fn check_named(field: &str, skus: &[Sku], most: usize) -> Result<(), ApiError> {
    if skus.len() > most {
        return Err(ApiError::invalid(
            field,
            format!("names more than {most} items"),
        ));
    }
    Ok(())
}

fn check(caller: &Principal, store: &StoreId, limit: usize) -> Result<(), ApiError> {
    if caller.store.as_ref() != Some(store) {
        return Err(forbidden("That is another store"));
    }
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(ApiError::invalid(
            "/limit",
            format!("is not 1 to {MAX_LIMIT}"),
        ));
    }
    Ok(())
}

pub(super) fn forbidden(detail: &str) -> ApiError {
    ApiError(Problem::new(403, "forbidden", "You may not do this").with_detail(detail))
}
