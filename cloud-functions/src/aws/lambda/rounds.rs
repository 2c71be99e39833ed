//! Takes the events of the log's lanes to the function's consumer, when a record or a schedule says that there are some.
//!
//! A record is a poke: what it says is read from the log, after the consumer's cursor. So records may be lost, repeated
//! or mixed up; what counts is how far the cursor came.

use super::shape::Record;
use crate::host::pump::{Drained, Policy, Pump};
use crate::host::wiring::Wired;
use crate::ports::backlog::Backlog;
use crate::ports::events::Consumer;
use crate::services::Services;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What Lambda delivers again: the first record that was not taken, and all after it.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Taken {
    batch_item_failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

/// The lanes, and what pumps them. A pump remembers how often an event failed for as long as the instance lives.
pub(super) struct Rounds {
    consumer: &'static str,
    lanes: Vec<(Arc<dyn Backlog>, Mutex<Pump>)>,
}

impl Rounds {
    pub(super) fn new(consumer: fn(Services) -> Arc<dyn Consumer>, wired: &Wired) -> Self {
        let consumer = consumer(wired.services.clone());
        let pump = |lane: &Arc<dyn Backlog>| {
            let (consumer, clock) = (Arc::clone(&consumer), wired.services.clock.clone());
            let pump = Pump::new(Arc::clone(lane), consumer, clock, Policy::default());
            (Arc::clone(lane), Mutex::new(pump))
        };
        Self {
            lanes: wired.lanes.iter().map(pump).collect(),
            consumer: consumer.name(),
        }
    }

    /// Takes the lanes that records are about, for as long as there is time.
    pub(super) async fn take(&self, records: &[Record], until: DateTime<Utc>) -> Taken {
        let places = records.iter().filter_map(|record| record.event);
        let mut cursors = BTreeMap::new();
        for lane in places.map(|place| place.lane).collect::<BTreeSet<u64>>() {
            cursors.insert(lane, self.drain(lane, until).await.unwrap_or(0));
        }
        let behind = |record: &&Record| {
            let place = record.event;
            place.is_some_and(|place| cursors.get(&place.lane) < Some(&place.sequence))
        };
        // A stream goes back to the lowest that is named.
        let first = records.iter().find(behind);
        let failure = first.map(|record| Failure {
            item_identifier: record.identifier.clone(),
        });
        Taken {
            batch_item_failures: failure.into_iter().collect(),
        }
    }

    /// Takes all lanes, for as long as there is time.
    ///
    /// # Errors
    /// Which lanes are not at their end.
    pub(super) async fn catch_up(&self, until: DateTime<Utc>) -> Result<(), String> {
        let mut behind = Vec::new();
        for (lane, (_, pump)) in self.lanes.iter().enumerate() {
            if pump.lock().await.drain(until).await == Drained::Behind {
                behind.push(format!("lane {lane}"));
            }
        }
        match behind.is_empty() {
            true => Ok(()),
            false => Err(behind.join(", ")),
        }
    }

    /// Pumps a lane; answers how far the consumer has come in it. `None` where there is no such lane, or nobody can say.
    async fn drain(&self, lane: u64, until: DateTime<Utc>) -> Option<u64> {
        let (backlog, pump) = self.lanes.get(usize::try_from(lane).ok()?)?;
        pump.lock().await.drain(until).await;
        let cursor = backlog.cursor(self.consumer).await;
        let complaint = |error: &_| tracing::error!(lane, %error, "a cursor could not be read");
        cursor.inspect_err(complaint).ok()
    }
}
