//! Decisions on recommendations, kept for a while so that somebody can ask why.
//!
//! They are written behind the answers, in batches that are paced, to a bounded number of places of the ledger: a new one
//! takes the place of an old one. Where more is decided than a ledger should be asked to keep, the newest wait and the
//! oldest of those go: what was just shown is what somebody asks about. They hold what somebody looked at and bought, and nothing that says who she is.

use crate::feed::PublishError;
use crate::learning::BaseAt;
use crate::ports::ledger::{Condition, Key, Ledger, MAX_BODY_BYTES, Write};
use crate::services::Services;
use crate::table;
use crate::telemetry::figures::DECISIONS_DROPPED;
use chrono::{DateTime, Utc};
use domain::digest::sha256;
use domain::ids::{DecisionId, StoreId};
use recommend::Decision;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Places in the ledger.
const PLACES: u16 = 16_384;
/// The most decisions that wait to be written.
const MAX_WAITING: usize = 4_096;
/// Decisions of one write.
const AT_ONCE: usize = 40;
/// Between two writes: a busy process writes 160 decisions a second, and a store asks for a few.
const PAUSE: Duration = Duration::from_millis(250);

/// A decision, and with what it is decided anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    pub id: DecisionId,
    /// When, by the cloud's clock.
    pub at: DateTime<Utc>,
    /// For whom in which store: only its managers may read it.
    pub store: StoreId,
    /// What the model began with.
    pub base: BaseAt,
    /// The last lesson that it had taken.
    pub seq: u64,
    /// What was asked, of which model, and what was answered.
    pub decision: Decision,
}

/// What waits to be written.
#[derive(Debug, Default)]
pub struct Decisions {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    kept: VecDeque<Arc<Kept>>,
    is_writing: bool,
    /// Decisions that had to go since the last write.
    lost: u64,
}

impl Decisions {
    /// Keeps a decision; it is written soon.
    pub fn keep(&self, services: &Services, kept: Arc<Kept>) {
        let mut waiting = self.lock();
        // What goes is dropped after the lock is.
        let oldest = (waiting.kept.len() >= MAX_WAITING).then(|| waiting.kept.pop_front());
        waiting.lost += u64::from(oldest.is_some());
        waiting.kept.push_back(kept);
        let is_writing = std::mem::replace(&mut waiting.is_writing, true);
        drop(waiting);
        if !is_writing {
            let services = services.clone();
            tokio::spawn(async move { services.memory.decisions.write(&services).await });
        }
    }

    /// A decision, as long as it is kept.
    pub async fn lookup(
        &self,
        services: &Services,
        id: &DecisionId,
    ) -> Result<Option<Kept>, PublishError> {
        let waiting = self.lock().kept.iter().find(|kept| kept.id == *id).cloned();
        if let Some(kept) = waiting {
            return Ok(Some(Kept::clone(&kept)));
        }
        let row = table::lookup::<Kept>(&*services.ledger, &place(id)).await?;
        Ok(row.map(|row| row.value).filter(|kept| kept.id == *id))
    }

    /// Writes until nothing waits, the newest first.
    async fn write(&self, services: &Services) {
        loop {
            let (batch, lost) = {
                let mut waiting = self.lock();
                if waiting.kept.is_empty() {
                    waiting.is_writing = false;
                    return;
                }
                let newest = waiting.kept.iter().rev().take(AT_ONCE);
                let batch: Vec<Arc<Kept>> = newest.cloned().collect();
                (batch, std::mem::take(&mut waiting.lost))
            };
            if lost > 0 {
                DECISIONS_DROPPED.add(lost, &[("reason", "too_many")]);
                tracing::warn!(lost, "decisions are not kept: too many wait to be written");
            }
            if let Err(error) = write(&*services.ledger, &batch).await {
                DECISIONS_DROPPED.add(batch.len() as u64, &[("reason", "ledger")]);
                tracing::warn!(%error, decisions = batch.len(), "decisions are not kept");
            }
            // Only now: until they are in the ledger they are looked up here.
            let is_written =
                |kept: &Arc<Kept>| batch.iter().any(|written| Arc::ptr_eq(written, kept));
            self.lock().kept.retain(|kept| !is_written(kept));
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write(ledger: &dyn Ledger, batch: &[Arc<Kept>]) -> Result<(), PublishError> {
    let mut writes = BTreeMap::new();
    for kept in batch {
        let write = table::put(place(&kept.id), &**kept, Condition::Any)?;
        let fits = matches!(&write, Write::Put { body, .. } if body.len() <= MAX_BODY_BYTES);
        if fits {
            writes.insert(write.key().clone(), write);
        }
    }
    ledger.write(writes.into_values().collect()).await?;
    Ok(())
}

/// Where a decision lies, for as long as no other takes its place.
fn place(id: &DecisionId) -> Key {
    let [high, low, ..] = sha256("decision", &[id.as_str().as_bytes()]);
    let place = u16::from_be_bytes([high, low]) % PLACES;
    Key::new(format!("R#decision#{place:05}"), "V")
}
