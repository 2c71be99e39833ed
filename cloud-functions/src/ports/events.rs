//! The event log: what happened, appended once, read by consumers at their own pace.
//!
//! Events are CloudEvents 1.0. Appending claims `(source, id)` and writes in one step: a second arrival is a
//! [`Appended::Duplicate`] and changes nothing. Events of one partition key reach a consumer in the order of appending.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The most events in one append.
pub const MAX_APPEND: usize = 1_000;
/// The most events in one batch to a consumer.
pub const MAX_DELIVERIES: usize = 500;

/// A CloudEvents 1.0 event, in the JSON format.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CloudEvent {
    /// `1.0`.
    pub specversion: String,
    /// Unique within its source.
    pub id: String,
    /// Where it comes from: `/segment/<write key's name>`.
    pub source: String,
    /// What happened: `product.viewed.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When.
    pub time: DateTime<Utc>,
    /// Events with the same key keep their order.
    pub partitionkey: String,
    /// W3C trace context, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The event itself, JSON.
    #[schema(value_type = Object)]
    pub data: Box<RawValue>,
}

/// What became of an event that was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is in the log now.
    New,
    /// It was there before.
    Duplicate,
}

/// Why a log did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// More than the port allows; nothing was appended.
    #[error("{0}")]
    TooMuch(String),
    /// Try again later; appending again is safe.
    #[error("the event log is unavailable: {0}")]
    Unavailable(String),
    /// The disk is full; nothing was appended.
    #[error("the event log's disk is full")]
    Full,
}

/// Where functions append.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends all events that are new, durably; tells of each whether it was. At most [`MAX_APPEND`]. Where it fails,
    /// some of a large append may be kept: appending again adds the rest.
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError>;
}

/// An event on its way to a consumer.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Delivery {
    /// Its place in the log: grows, with gaps. A replayed dead letter comes with the place it had, and `replayed`.
    pub sequence: u64,
    /// Whether an operator had it delivered again after it was given up.
    #[serde(default)]
    pub replayed: bool,
    /// The event.
    pub event: CloudEvent,
}

/// What a consumer could not do: `Ok` where everything was done, else the first event that failed; it and all after it
/// of the batch come again (Kinesis's partial batch response).
pub type Consumed = Result<(), Failed>;

/// The first delivery of a batch that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("event {sequence} failed: {reason}")]
pub struct Failed {
    /// Its place in the log.
    pub sequence: u64,
    /// Why. Never personal data.
    pub reason: String,
}

/// A function that events set off.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name, under which its cursor is kept.
    fn name(&self) -> &'static str;

    /// Takes a batch in order. Deliveries are at least once: what was done before is recognised and passed over.
    async fn consume(&self, batch: &[Delivery]) -> Consumed;
}

/// An event that a consumer was given up on, kept until somebody replays it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeadLetter {
    /// Whose.
    pub consumer: String,
    /// The delivery.
    pub delivery: Delivery,
    /// How often it was tried.
    pub attempts: u32,
    /// The last reason.
    pub reason: String,
    /// When it was given up.
    pub given_up_at: DateTime<Utc>,
}

/// Refuses an append that some engine could not take, so that all engines refuse the same.
pub fn check_append(events: &[CloudEvent]) -> Result<(), LogError> {
    if events.len() > MAX_APPEND {
        return Err(LogError::TooMuch(format!(
            "an append has at most {MAX_APPEND} events, not {}",
            events.len()
        )));
    }
    Ok(())
}
