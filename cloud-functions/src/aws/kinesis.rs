//! The event log with a stream of Kinesis that tells its consumers.
//!
//! What happened is in the ledger ([`LedgerEventLog`]); the stream carries where there is something to read, one record a
//! lane and append, and nothing of anybody. A record that is lost costs time alone: consumers catch up by a schedule, and
//! read after their cursor whoever told them. Records of a lane share a partition key, so one instance at a time is told
//! of it.

use crate::engines::ledger_log::LedgerEventLog;
use crate::ports::events::{Appended, CloudEvent, EventLog, LogError};
use async_trait::async_trait;
use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::error::BuildError;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often what the stream did not take is put again.
const TRIES: usize = 3;
/// How long telling may take: the events are kept already, and whoever appended waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// An event log whose consumers are told by a stream.
#[derive(Clone)]
pub struct KinesisEventLog {
    log: LedgerEventLog,
    client: Client,
    stream: String,
}

/// A record: the lane, and the last place that it has.
#[derive(Serialize)]
struct Moved {
    lane: String,
    sequence: String,
}

impl KinesisEventLog {
    /// Over a log, and a stream that is there.
    #[must_use]
    pub fn new(log: LedgerEventLog, config: &SdkConfig, stream: impl Into<String>) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE);
        let config = aws_sdk_kinesis::config::Builder::from(config);
        let config = config.timeout_config(timeouts.build()).build();
        Self {
            log,
            client: Client::from_conf(config),
            stream: stream.into(),
        }
    }

    /// Tells of lanes. What is not told now is found by the next round of the schedule.
    async fn tell(&self, lanes: BTreeSet<u64>) {
        match self.records(lanes).await {
            Ok(records) => self.put(records).await,
            Err(error) => tracing::warn!(error, "consumers are not told of new events"),
        }
    }

    async fn records(&self, lanes: BTreeSet<u64>) -> Result<Vec<PutRecordsRequestEntry>, String> {
        let mut records = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let sequence = self.log.last(lane).await.map_err(|e| e.to_string())?;
            records.push(record(lane, sequence)?);
        }
        Ok(records)
    }

    async fn put(&self, mut records: Vec<PutRecordsRequestEntry>) {
        for _ in 0..TRIES {
            let call = self.client.put_records().stream_name(&self.stream);
            let answer = match call.set_records(Some(records.clone())).send().await {
                Ok(answer) => answer,
                Err(error) => {
                    let code = aws_sdk_kinesis::error::ProvideErrorMetadata::code(&error);
                    let code = code.unwrap_or("no answer");
                    return tracing::warn!(code, "consumers are not told of new events");
                }
            };
            // In the order of the records.
            let outcomes = answer.records.into_iter();
            let mut refused = outcomes.map(|outcome| outcome.error_code.is_some());
            records.retain(|_| refused.next().unwrap_or(false));
            if records.is_empty() {
                return;
            }
        }
        let untold = records.len();
        tracing::warn!(
            untold,
            "the stream takes no more: consumers hear of it later"
        );
    }
}

fn record(lane: u64, sequence: u64) -> Result<PutRecordsRequestEntry, String> {
    let moved = Moved {
        lane: lane.to_string(),
        sequence: sequence.to_string(),
    };
    let data = serde_json::to_vec(&moved).map_err(|error| error.to_string())?;
    let record = PutRecordsRequestEntry::builder()
        .partition_key(lane.to_string())
        .data(Blob::new(data));
    record
        .build()
        .map_err(|error: BuildError| error.to_string())
}

#[async_trait]
impl EventLog for KinesisEventLog {
    /// Also where it fails in part: what was kept is told.
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        let lane = |event: &CloudEvent| self.log.lanes().of_key(&event.partitionkey);
        let lanes: Vec<u64> = events.iter().map(lane).collect();
        let appended = self.log.append(events).await;
        let moved = match &appended {
            Ok(outcomes) => {
                let new = outcomes.iter().map(|outcome| *outcome == Appended::New);
                let new = lanes.iter().zip(new).filter(|(_, is_new)| *is_new);
                new.map(|(lane, _)| *lane).collect()
            }
            Err(LogError::Unavailable(_)) => lanes.into_iter().collect(),
            Err(LogError::TooMuch(_) | LogError::Full) => BTreeSet::new(),
        };
        if !moved.is_empty() {
            self.tell(moved).await;
        }
        appended
    }
}

#[cfg(test)]
mod tests;
