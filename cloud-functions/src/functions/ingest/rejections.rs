//! Calls that are no events: kept with the reason, by the day on which they came, until an operator looks.
//!
//! `X#rejected#<yyyy-mm-dd>` / `<UUIDv7 of the post>-<place in it>`: a day is in the order of arrival.

use super::calls::MAX_CALL_BYTES;
use super::source::Source;
use crate::http::{ApiError, Json};
use crate::ports::ledger::{Condition, Key};
use crate::services::Services;
use crate::table;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use chrono::{DateTime, NaiveDate, Utc};
use domain::segment::Rejection;
use serde::{Deserialize, Serialize};

/// Written at once: as JSON text a call can be twice as long, and a write has at most 4 MB.
const MAX_WRITTEN: usize = 40;
/// Rejections in one page where nothing is said.
const DEFAULT_PAGE: usize = 50;
/// The most rejections in one page.
const MAX_PAGE: usize = 200;

/// A call that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    index: usize,
    rejection: Rejection,
    bytes: usize,
    call: String,
}

impl Refused {
    /// Keeps a call: of one that is too large the beginning.
    pub(super) fn new(index: usize, rejection: Rejection, call: &str) -> Self {
        Self {
            index,
            rejection,
            bytes: call.len(),
            call: call
                .get(..call.floor_char_boundary(MAX_CALL_BYTES))
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

/// A rejection as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptRejection {
    /// Where the page may go on from.
    #[serde(default)]
    pub id: String,
    /// When the call came.
    pub received_at: DateTime<Utc>,
    /// Who sent it.
    pub source: String,
    /// Its place in the batch, from 0.
    pub index: usize,
    /// Which field, and why.
    pub rejection: Rejection,
    /// How long the call was.
    pub bytes: usize,
    /// The call as it came; the first 32 KB of one that is longer.
    pub call: String,
}

/// Keeps what was refused.
pub(super) async fn keep(
    services: &Services,
    source: &Source,
    received_at: DateTime<Utc>,
    refused: &[Refused],
) -> Result<(), ApiError> {
    if refused.is_empty() {
        return Ok(());
    }
    let post = services.ids.uuid(received_at);
    let partition = partition(received_at.date_naive());
    for chunk in refused.chunks(MAX_WRITTEN) {
        let mut writes = Vec::with_capacity(chunk.len());
        for refused in chunk {
            let kept = KeptRejection {
                id: String::new(),
                received_at,
                source: source.source.clone(),
                index: refused.index,
                rejection: refused.rejection.clone(),
                bytes: refused.bytes,
                call: refused.call.clone(),
            };
            let key = Key::new(&partition, format!("{post}-{:04}", refused.index));
            writes.push(table::put(key, &kept, Condition::Any)?);
        }
        services.ledger.write(writes).await?;
    }
    tracing::info!(
        source = source.source,
        calls = refused.len(),
        "calls were rejected"
    );
    Ok(())
}

fn partition(day: NaiveDate) -> String {
    format!("X#rejected#{day}")
}

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Of which day in UTC, `2026-05-01`; today where nothing is said.
    day: Option<NaiveDate>,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most 200; 50 where nothing is said.
    limit: Option<usize>,
}

/// A page of rejections, in the order of arrival.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RejectionPage {
    /// Of which day in UTC.
    pub day: NaiveDate,
    /// What was refused.
    pub rejections: Vec<KeptRejection>,
    /// Where the next page goes on, where there may be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Lists the calls that were rejected on a day.
#[utoipa::path(get, path = "/v1/ingest/rejections", tag = "ingest", params(PageQuery),
    responses((status = 200, body = RejectionPage)))]
pub(super) async fn list(
    State(services): State<Services>,
    query: Result<Query<PageQuery>, QueryRejection>,
) -> Result<Json<RejectionPage>, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::invalid("", error.body_text()))?;
    let day = query
        .day
        .unwrap_or_else(|| services.clock.now().date_naive());
    let limit = query.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE);
    // The first key after `after`; ids are hexadecimal digits and dashes, so `g` is after all of them.
    let from = query.after.map_or_else(String::new, |after| after + "\0");
    let page = services
        .ledger
        .range(&partition(day), &from.."g", limit)
        .await?;
    let next = page.last().filter(|_| page.len() == limit);
    let next = next.map(|stored| stored.key.sort.clone());
    let mut rejections = Vec::with_capacity(page.len());
    for stored in &page {
        let kept: KeptRejection = table::row(stored)?.value;
        rejections.push(KeptRejection {
            id: stored.key.sort.clone(),
            ..kept
        });
    }
    Ok(Json(RejectionPage {
        day,
        rejections,
        next,
    }))
}
