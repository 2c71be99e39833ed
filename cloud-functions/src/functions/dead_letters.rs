//! What consumers were given up on: an operator lists it and has it delivered again.
//!
//! The list never shows an event's content: it may name a person.

use crate::functions::Function;
use crate::http::{ApiError, Json, Query, Routes};
use crate::ports::backlog::{LetterId, MAX_LETTERS, Replay};
use crate::ports::events::DeadLetter;
use crate::services::Services;
use axum::extract::State;
use chrono::{DateTime, Utc};
use domain::access::{Access, Permission, Role};
use domain::problem::Problem;
use serde::{Deserialize, Serialize};
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "dead-letters",
    routes,
    consumer: None,
    upkeep: None,
};

const OPERATORS: Access = Access::Bearer {
    roles: &[Role::Operator],
    permission: Permission::EventsReplay,
};
const PAGE: usize = 100;

/// The routes.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(OPERATORS, routes!(list_letters))
        .allow(OPERATORS, routes!(replay_letters))
}

/// Which page of the list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageRequest {
    /// Only letters of this consumer.
    consumer: Option<String>,
    /// The page after this letter: the `next` of the page before, as `consumer/sequence`.
    after: Option<String>,
    /// The most letters in the page, 1 to 500; 100 where nothing is said.
    limit: Option<usize>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LetterPage {
    /// In the order of consumers and of the log.
    pub letters: Vec<LetterView>,
    /// Where the next page starts; none where this is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A dead letter without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LetterView {
    /// Who was given up on.
    pub consumer: String,
    /// The event's place in the log.
    pub sequence: u64,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where the event came from.
    pub source: String,
    /// The event's id within its source.
    pub id: String,
    /// How often it was tried.
    pub attempts: u32,
    /// The last reason.
    pub reason: String,
    /// When it was given up.
    pub given_up_at: DateTime<Utc>,
}

impl From<DeadLetter> for LetterView {
    fn from(letter: DeadLetter) -> Self {
        let event = letter.delivery.event;
        Self {
            consumer: letter.consumer,
            sequence: letter.delivery.sequence,
            kind: event.kind,
            source: event.source,
            id: event.id,
            attempts: letter.attempts,
            reason: letter.reason,
            given_up_at: letter.given_up_at,
        }
    }
}

/// Which letters to deliver again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReplayRequest {
    /// Whose.
    pub consumer: String,
    /// This one; all of the consumer where nothing is said.
    #[serde(default)]
    pub sequence: Option<u64>,
}

/// What will be delivered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReplayAnswer {
    /// How many letters were found.
    pub found: u64,
}

/// Lists dead letters.
#[utoipa::path(
    get,
    path = "/v1/dead-letters",
    params(PageRequest),
    responses((status = 200, body = LetterPage), (status = 400, body = Problem))
)]
async fn list_letters(
    State(services): State<Services>,
    Query(request): Query<PageRequest>,
) -> Result<Json<LetterPage>, ApiError> {
    let after = request.after.as_deref().map(parse_after).transpose()?;
    let limit = request.limit.unwrap_or(PAGE);
    if !(1..=MAX_LETTERS).contains(&limit) {
        let bounds = format!("is 1 to {MAX_LETTERS}");
        return Err(ApiError::invalid("/limit", bounds));
    }
    let letters = services
        .dead_letters
        .list(request.consumer.as_deref(), after.as_ref(), limit)
        .await?;
    let last = letters.last().filter(|_| letters.len() == limit);
    let next = last.map(|last| format!("{}/{}", last.consumer, last.delivery.sequence));
    let letters = letters.into_iter().map(LetterView::from).collect();
    Ok(Json(LetterPage { letters, next }))
}

/// Has dead letters delivered again, to their own consumer alone.
#[utoipa::path(
    post,
    path = "/v1/dead-letters/replay",
    request_body = ReplayRequest,
    responses((status = 200, body = ReplayAnswer), (status = 400, body = Problem))
)]
async fn replay_letters(
    State(services): State<Services>,
    Json(request): Json<ReplayRequest>,
) -> Result<Json<ReplayAnswer>, ApiError> {
    let which = which(request);
    let found = services.dead_letters.replay(&which).await?;
    Ok(Json(ReplayAnswer { found }))
}

fn which(request: ReplayRequest) -> Replay {
    let ReplayRequest { consumer, sequence } = request;
    match sequence {
        Some(sequence) => Replay::One(LetterId { consumer, sequence }),
        None => Replay::All { consumer },
    }
}

fn parse_after(text: &str) -> Result<LetterId, ApiError> {
    let parts = text.rsplit_once('/');
    let parts = parts.and_then(|(consumer, place)| Some((consumer, place.parse().ok()?)));
    let (consumer, sequence) =
        parts.ok_or_else(|| ApiError::invalid("/after", "is not the `next` of a page"))?;
    Ok(LetterId {
        consumer: consumer.to_owned(),
        sequence,
    })
}

#[cfg(test)]
mod tests;
