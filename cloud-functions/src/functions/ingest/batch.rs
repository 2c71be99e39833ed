//! One post of a sender: each call decoded, enriched, and stored once or rejected with a reason.

use super::calls::{Calls, MAX_CALL_BYTES};
use super::catalogue::Catalogue;
use super::rejections::{self, Refused};
use super::source::Source;
use crate::http::ApiError;
use crate::ports::events::{Appended, CloudEvent, MAX_APPEND};
use crate::services::Services;
use crate::telemetry::figures::REJECTED;
use chrono::{DateTime, Utc};
use domain::event::{Event, Who};
use domain::segment::{CallKind, Reception, Rejection, decode, message_id_of};
use domain::trace::TraceContext;
use serde_json::value::{RawValue, to_raw_value};

/// What a sender posted.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    /// The kind that the path says; `None` for a batch.
    pub kind: Option<CallKind>,
    /// The body, inflated.
    pub body: &'a [u8],
    /// Whether the browser said `Sec-GPC: 1`.
    pub opted_out: bool,
    /// What caused it, where the sender says so.
    pub traceparent: Option<TraceContext>,
}

/// What became of the calls: `stored + duplicates + rejected` is how many were sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// In the log now.
    pub stored: usize,
    /// In the log before.
    pub duplicates: usize,
    /// Kept with the reason.
    pub rejected: usize,
    /// The first call that was too large; Segment's clients are told with a 400.
    pub oversize: Option<usize>,
}

/// Takes a post. Safe to repeat after an error: what was stored then is a duplicate now.
pub async fn ingest_batch(
    services: &Services,
    catalogue: &Catalogue,
    source: &Source,
    posted: Posted<'_>,
) -> Result<Outcome, ApiError> {
    let received_at = services.clock.now();
    let calls = Calls::read(posted.kind, posted.body)?;
    let mut sorted = sort(&calls, source, received_at);
    for event in &mut sorted.events {
        event.opted_out = posted.opted_out;
        if event.store.is_none() {
            event.store.clone_from(&source.store);
        }
    }
    catalogue
        .fill(&*services.ledger, received_at, &mut sorted.events)
        .await?;
    // Rejections have no id to be recognised by: they come last, so that a post that is sent again because the log was
    // away does not bring them twice.
    let appended = append(services, source, posted.traceparent, &sorted.events).await?;
    rejections::keep(services, source, received_at, &sorted.refused).await?;
    REJECTED.add(sorted.refused.len() as u64, &[]);
    let stored = appended.iter().filter(|a| **a == Appended::New).count();
    Ok(Outcome {
        stored,
        duplicates: appended.len() - stored,
        rejected: sorted.refused.len(),
        oversize: sorted.oversize,
    })
}

#[derive(Default)]
struct Sorted {
    events: Vec<Event>,
    refused: Vec<Refused>,
    oversize: Option<usize>,
}

fn sort(calls: &Calls<'_>, source: &Source, received_at: DateTime<Utc>) -> Sorted {
    let reception = Reception {
        received_at,
        sent_at: None,
        currency: source.currency,
    };
    let reception = reception.with_sent_at(calls.sent_at.as_ref());
    let mut sorted = Sorted {
        events: Vec::with_capacity(calls.calls.len()),
        ..Sorted::default()
    };
    for (index, call) in calls.calls.iter().enumerate() {
        let event = if call.get().len() > MAX_CALL_BYTES {
            sorted.oversize = sorted.oversize.or(Some(index));
            Err(oversize(call))
        } else {
            read(calls.kind, call, reception)
        };
        match event {
            Ok(event) => sorted.events.push(event),
            Err(rejection) => sorted
                .refused
                .push(Refused::new(index, rejection, call.get())),
        }
    }
    sorted
}

fn read(kind: Option<CallKind>, call: &RawValue, reception: Reception) -> Result<Event, Rejection> {
    // Lone surrogates and numbers out of range are JSON by its grammar, and still no text and no number.
    let value = serde_json::from_str(call.get()).map_err(|error| Rejection {
        message_id: None,
        field: String::new(),
        reason: format!("is not readable from column {} on", error.column()),
    })?;
    decode(kind, &value, reception)
}

fn oversize(call: &RawValue) -> Rejection {
    let value: Option<serde_json::Value> = serde_json::from_str(call.get()).ok();
    Rejection {
        message_id: value.as_ref().and_then(message_id_of),
        field: String::new(),
        reason: format!("is larger than {MAX_CALL_BYTES} bytes"),
    }
}

async fn append(
    services: &Services,
    source: &Source,
    traceparent: Option<TraceContext>,
    events: &[Event],
) -> Result<Vec<Appended>, ApiError> {
    let mut appended = Vec::with_capacity(events.len());
    for chunk in events.chunks(MAX_APPEND) {
        let chunk = chunk
            .iter()
            .map(|event| cloud_event(source, traceparent, event))
            .collect::<Result<_, _>>()?;
        appended.extend(services.events.append(chunk).await?);
    }
    Ok(appended)
}

fn cloud_event(
    source: &Source,
    traceparent: Option<TraceContext>,
    event: &Event,
) -> Result<CloudEvent, ApiError> {
    let data = to_raw_value(event).map_err(|error| {
        tracing::error!(%error, "an event could not be written as JSON");
        ApiError::unavailable("an event could not be written")
    })?;
    Ok(CloudEvent {
        specversion: "1.0".to_owned(),
        id: event.message_id.as_str().to_owned(),
        source: format!("/segment/{}", source.source),
        kind: event.action.event_type().to_owned(),
        time: event.at,
        partitionkey: partition_key(&event.who),
        traceparent: traceparent.map(|trace| trace.to_string()),
        data,
    })
}

/// Events of one person keep their order.
fn partition_key(who: &Who) -> String {
    let customer = who.customer.as_ref().map(AsRef::as_ref);
    let anonymous = who.anonymous.as_ref().map(AsRef::as_ref);
    customer.or(anonymous).unwrap_or_default().to_owned()
}
