//! Why was that recommended? A kept decision, and the same decided anew by the model of then.

use super::serve::forbidden;
use crate::feed::PublishError;
use crate::http::{ApiError, Caller, Json};
use crate::learning;
use crate::memory::Kept;
use crate::services::Services;
use axum::extract::{Path, State};
use domain::api::recommend::Replayed;
use domain::ids::DecisionId;
use domain::problem::Problem;
use recommend::Answer;
use serde::Serialize;
use serde_json::Value;

/// A decision of the caller's store. The latest few thousand are kept; the model of then is found for a day or two.
#[utoipa::path(get, path = "/v1/recommend/decisions/{id}", params(("id" = String, Path, description = "The decision")),
    responses((status = 200, body = Replayed), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn replay_decision(
    State(services): State<Services>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Replayed>, ApiError> {
    let store = caller
        .0
        .store
        .ok_or_else(|| forbidden("Decisions are for managers of a store"))?;
    let id = DecisionId::parse(id).map_err(|_| ApiError::not_found("decision"))?;
    let kept = services.memory.decisions.lookup(&services, &id).await?;
    let kept = kept
        .filter(|kept| kept.store == store)
        .ok_or_else(|| ApiError::not_found("decision"))?;
    let replayed = replay(&services, &kept).await?;
    Ok(Json(Replayed {
        at: kept.at,
        model: kept.decision.model.to_string(),
        request: value(&kept.decision.request)?,
        answered: value(&kept.decision.answer)?,
        replayed: replayed.map(|answer| value(&answer)).transpose()?,
    }))
}

/// What the model of then answers; `None` where it is no longer there.
async fn replay(services: &Services, kept: &Kept) -> Result<Option<Answer>, PublishError> {
    if let Some(current) = services.memory.model.read().await
        && let Ok(answer) = current.pupil.model().replay(&kept.decision)
    {
        return Ok(Some(answer));
    }
    let Some(pupil) = learning::recall(&*services.ledger, &kept.base, kept.seq).await? else {
        return Ok(None);
    };
    Ok(pupil.model().replay(&kept.decision).ok())
}

fn value<T: Serialize>(of: &T) -> Result<Value, ApiError> {
    serde_json::to_value(of).map_err(|error| {
        tracing::error!(%error, "a decision could not be written");
        ApiError::unavailable("the decision could not be written")
    })
}
