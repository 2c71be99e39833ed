//! A lane, as the pump of a consumer reads it.

use super::{LedgerEventLog, keys, letters, marks};
use crate::ports::backlog::{Backlog, DeadLetters, LetterId, Replay};
use crate::ports::events::{Appended, CloudEvent, DeadLetter, Delivery, EventLog, LogError};
use crate::ports::ledger::{Condition, MAX_PAGE, Stored, Write};
use crate::table::TableError;
use async_trait::async_trait;
use tokio::sync::watch;

/// One lane of a log: what is read is this lane's, what is appended goes wherever it belongs. Of a log with one lane it
/// is the whole.
#[derive(Clone)]
pub struct Lane {
    log: LedgerEventLog,
    lane: u64,
}

impl Lane {
    pub(super) fn new(log: LedgerEventLog, lane: u64) -> Self {
        Self { log, lane }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.lane
    }

    /// Counts that a consumer failed at an event, for a host that does not live from one attempt to the next; answers
    /// how often in a row. May count one attempt twice.
    ///
    /// # Errors
    /// The log's.
    pub async fn count_attempt(&self, consumer: &str, sequence: u64) -> Result<u32, LogError> {
        marks::count_attempt(self.log.ledger(), self.lane, consumer, sequence).await
    }

    /// The events of a page that follow `sequence` without a gap. A page is no snapshot: an item that was written while
    /// it was read may be missing in the middle, and what is behind it has to wait for it.
    fn deliveries(&self, sequence: u64, page: &[Stored]) -> Result<Vec<Delivery>, LogError> {
        let (mut last, mut deliveries) = (sequence, Vec::with_capacity(page.len()));
        for stored in page {
            let Some(next) = self.log.lanes().next(self.lane, last) else {
                break;
            };
            if stored.key.sort != keys::event_sort(next) {
                break;
            }
            deliveries.push(Delivery {
                sequence: next,
                replayed: false,
                event: event(stored)?,
            });
            last = next;
        }
        Ok(deliveries)
    }
}

fn event(stored: &Stored) -> Result<CloudEvent, TableError> {
    serde_json::from_str(&stored.body).map_err(|error| TableError::Corrupt {
        key: format!("{} / {}", stored.key.partition, stored.key.sort),
        reason: error.to_string(),
    })
}

#[async_trait]
impl Backlog for Lane {
    async fn read_after(&self, sequence: u64, limit: usize) -> Result<Vec<Delivery>, LogError> {
        self.log.settle().await?;
        let Some(first) = self.log.lanes().next(self.lane, sequence) else {
            return Ok(Vec::new());
        };
        let (start, end) = (keys::event_sort(first), keys::events_end());
        let partition = keys::lane(self.lane);
        let limit = limit.min(MAX_PAGE);
        let page = self.log.ledger().range(&partition, &start..&end, limit);
        self.deliveries(sequence, &page.await?)
    }

    async fn cursor(&self, consumer: &str) -> Result<u64, LogError> {
        marks::cursor(self.log.ledger(), self.lane, consumer).await
    }

    async fn advance(&self, consumer: &str, sequence: u64) -> Result<(), LogError> {
        marks::advance(self.log.ledger(), self.lane, consumer, sequence, &[]).await
    }

    async fn give_up(&self, letter: &DeadLetter) -> Result<(), LogError> {
        let LetterId { consumer, sequence } = LetterId::of(letter);
        let beside = [
            letters::put(letter)?,
            Write::Delete {
                key: keys::wanted(self.lane, &consumer, sequence),
                condition: Condition::Any,
            },
        ];
        let ledger = self.log.ledger();
        marks::advance(ledger, self.lane, &consumer, sequence, &beside).await
    }

    async fn replays(&self, consumer: &str, limit: usize) -> Result<Vec<DeadLetter>, LogError> {
        letters::wanted(self.log.ledger(), self.lane, consumer, limit).await
    }

    async fn settle(&self, letter: &LetterId) -> Result<(), LogError> {
        letters::settle(self.log.ledger(), self.lane, letter).await
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.log.arrivals(self.lane)
    }
}

#[async_trait]
impl EventLog for Lane {
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        self.log.append(events).await
    }
}

#[async_trait]
impl DeadLetters for Lane {
    async fn list(
        &self,
        consumer: Option<&str>,
        after: Option<&LetterId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, LogError> {
        self.log.list(consumer, after, limit).await
    }

    async fn replay(&self, which: &Replay) -> Result<u64, LogError> {
        self.log.replay(which).await
    }
}
