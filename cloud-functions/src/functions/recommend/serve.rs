//! Answers requests for recommendations, and keeps what each answer stood on.

use super::replay;
use super::snapshot;
use crate::http::{ApiError, Caller, Json, Routes};
use crate::memory::Kept;
use crate::people::Known;
use crate::services::Services;
use axum::extract::State;
use domain::access::{Access, Permission, Principal, Role};
use domain::api::recommend::{
    BoughtTogether, ForYou, MAX_LIMIT, MAX_NAMED, MAX_RERANKED, Next, Ranking, Recommendations,
    Rerank, Similar,
};
use domain::ids::{AnonymousId, CustomerId, DecisionId, DepartmentId, Sku, StoreId};
use domain::problem::Problem;
use recommend::{Answer, Asked};
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
) -> Result<Json<Recommendations>, ApiError> {
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
    shelf(&services, &caller.0, &whose, wanted).await
}

/// What comes next on a visit. Who refused personalisation gets what is popular.
#[utoipa::path(post, path = "/v1/recommend/next", request_body = Next,
    responses((status = 200, body = Recommendations), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn recommend_next(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Next>,
) -> Result<Json<Recommendations>, ApiError> {
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
    shelf(&services, &caller.0, &whose, wanted).await
}

/// Of the same kind as an item.
#[utoipa::path(post, path = "/v1/recommend/similar", request_body = Similar, responses((status = 200, body = Recommendations)))]
async fn recommend_similar(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Similar>,
) -> Result<Json<Recommendations>, ApiError> {
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
    shelf(&services, &caller.0, &whose, wanted).await
}

/// Bought in one basket with the items named.
#[utoipa::path(post, path = "/v1/recommend/bought-together", request_body = BoughtTogether,
    responses((status = 200, body = Recommendations)))]
async fn recommend_bought_together(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<BoughtTogether>,
) -> Result<Json<Recommendations>, ApiError> {
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
    shelf(&services, &caller.0, &whose, wanted).await
}

/// A list in the order that suits somebody; nothing is added, nothing taken away. Who refused personalisation gets the
/// list's own order.
#[utoipa::path(post, path = "/v1/recommend/rerank", request_body = Rerank,
    responses((status = 200, body = Ranking), (status = 403, body = Problem), (status = 404, body = Problem)))]
async fn rerank(
    State(services): State<Services>,
    caller: Caller,
    Json(request): Json<Rerank>,
) -> Result<Json<Ranking>, ApiError> {
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
    let decided = decide(&services, &caller.0, &whose, wanted).await?;
    Ok(Json(Ranking {
        items: decided.answer.into_ranking(),
        model: decided.model,
        decision: decided.id,
    }))
}

struct Decided {
    id: DecisionId,
    model: String,
    answer: Answer,
}

async fn shelf(
    services: &Services,
    caller: &Principal,
    whose: &Whose<'_>,
    wanted: Wanted,
) -> Result<Json<Recommendations>, ApiError> {
    let decided = decide(services, caller, whose, wanted).await?;
    Ok(Json(Recommendations {
        items: decided.answer.into_shelf(),
        model: decided.model,
        decision: decided.id,
    }))
}

/// Answers from the model as it is now, and keeps the decision.
async fn decide(
    services: &Services,
    caller: &Principal,
    whose: &Whose<'_>,
    wanted: Wanted,
) -> Result<Decided, ApiError> {
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
        id: id.clone(),
        at: now,
        store: whose.store.clone(),
        base: pupil.base().clone(),
        seq: pupil.seq(),
        decision,
    };
    drop(standing);
    let decided = Decided {
        id,
        model: kept.decision.model.to_string(),
        answer: kept.decision.answer.clone(),
    };
    services.memory.decisions.keep(services, kept);
    Ok(decided)
}

/// What is known of her: a customer of this store, or whoever uses a browser. A kiosk may not ask for a customer.
async fn known(
    services: &Services,
    caller: &Principal,
    whose: &Whose<'_>,
) -> Result<Known, ApiError> {
    let ledger = &*services.ledger;
    let known = match (whose.customer, whose.anonymous) {
        (Some(_), _) if caller.role == Role::Kiosk => {
            return Err(forbidden("A kiosk does not ask for customers"));
        }
        (Some(id), _) => Known::customer(ledger, id)
            .await?
            .ok_or_else(|| ApiError::not_found("customer"))?,
        (None, Some(id)) => Known::anonymous(ledger, id).await?,
        (None, None) => Known::default(),
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
