//! The event log in the ledger: wherever the ledger lies, nothing else is needed to keep what happened.
//!
//! The log has one or more *lanes*; events of one partition key share a lane, and each lane has an order of its own. An
//! append writes the claims of its events, the events and the lane's head in one batch, so an event is in the log once,
//! and nobody reads one before all that were given a lower place in its lane. Whatever tells consumers that there is
//! something to read only pokes: they read their lane from here, after their cursor.
//!
//! | item | partition | sort |
//! |---|---|---|
//! | how many lanes there are | `Q#lanes` | `V` |
//! | last place that a lane gave; event; cursor of a consumer; the event it fails at | `Q#<lane>` | `HEAD`; `E#<place, 20 digits>`; `C#<consumer>`; `A#<consumer>` |
//! | letter that somebody wants replayed | `Q#<lane>` | `W#<consumer>#<place>` |
//! | dead letter | `Q#letters` | `<consumer>#<place>` |
//! | claim of source and id | `N#e#<hash>` | `V` |

mod append;
mod backlog;
mod event;
mod keys;
mod lanes;
mod letters;
mod marks;
mod queue;
#[cfg(test)]
mod tests;

pub use backlog::Lane;
pub use lanes::{Lanes, MAX_LANES};

use crate::ports::events::{Appended, CloudEvent, EventLog, LogError, check_append};
use crate::ports::ids::Ids;
use crate::ports::ledger::{Condition, Ledger, LedgerError};
use crate::table::{self, TableError};
use append::{Head, Writer};
use async_trait::async_trait;
use event::Encoded;
use queue::Queue;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::sync::Arc;
use tokio::sync::{OnceCell, watch};

/// How often a write is tried anew when others moved first, or its outcome is not known.
const MAX_TRIES: usize = 100;

/// An event log in a ledger. Clones are the same log.
#[derive(Clone)]
pub struct LedgerEventLog {
    inner: Arc<Inner>,
}

struct Inner {
    ledger: Arc<dyn Ledger>,
    lanes: Lanes,
    /// One of each lane.
    queues: Vec<Queue>,
    /// Set once the ledger was seen to have as many lanes.
    settled: OnceCell<()>,
}

/// How many lanes a ledger's log has.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Settled {
    lanes: u64,
}

impl LedgerEventLog {
    /// The log of a ledger. It has the same lanes for as long as it lives: whoever comes with another number is refused
    /// at first use. Reads and writes nothing yet.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>, lanes: Lanes, ids: &dyn Ids) -> Self {
        let queues = lanes.all().map(|lane| {
            let writer = Writer::new(Arc::clone(&ledger), lanes, lane, name(ids));
            Queue::new(writer)
        });
        let inner = Inner {
            queues: queues.collect(),
            ledger,
            lanes,
            settled: OnceCell::new(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// How many lanes there are.
    #[must_use]
    pub fn lanes(&self) -> Lanes {
        self.inner.lanes
    }

    /// What a pump of one lane needs; `None` where there are not as many.
    #[must_use]
    pub fn lane(&self, lane: u64) -> Option<Lane> {
        (lane < self.inner.lanes.count()).then(|| Lane::new(self.clone(), lane))
    }

    /// The log as one whole, where it has one lane, and else its first lane.
    #[must_use]
    pub fn first_lane(&self) -> Lane {
        Lane::new(self.clone(), 0)
    }

    /// The last place that a lane gave; 0 before the first.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub async fn last(&self, lane: u64) -> Result<u64, LogError> {
        let head = table::lookup::<Head>(self.ledger(), &keys::head(lane)).await?;
        Ok(head.map_or(0, |head| head.value.last))
    }

    fn ledger(&self) -> &dyn Ledger {
        self.inner.ledger.as_ref()
    }

    fn arrivals(&self, lane: u64) -> watch::Receiver<u64> {
        let queue = usize::try_from(lane).ok();
        let queue = queue.and_then(|lane| self.inner.queues.get(lane));
        // A lane that is not there never has arrivals.
        queue.map_or_else(
            || watch::Sender::default().subscribe(),
            |queue| queue.arrivals.subscribe(),
        )
    }

    /// Sees to it that nobody counts lanes differently.
    async fn settle(&self) -> Result<(), LogError> {
        let settled = self.inner.settled.get_or_try_init(|| self.settle_lanes());
        settled.await.copied()
    }

    async fn settle_lanes(&self) -> Result<(), LogError> {
        let own = Settled {
            lanes: self.inner.lanes.count(),
        };
        for _ in 0..MAX_TRIES {
            match table::lookup::<Settled>(self.ledger(), &keys::lanes()).await? {
                Some(row) if row.value == own => return Ok(()),
                Some(row) => {
                    return Err(LogError::Unavailable(format!(
                        "it was made with {} lanes, and this program was told {}",
                        row.value.lanes, own.lanes
                    )));
                }
                None => {}
            }
            let write = table::put(keys::lanes(), &own, Condition::Absent)?;
            again(self.ledger().write(vec![write]).await)?;
        }
        Err(busy())
    }
}

#[async_trait]
impl EventLog for LedgerEventLog {
    /// What needs more than one batch is kept in part where an error ends it; appending again adds the rest.
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        check_append(&events)?;
        let encoded: Result<Vec<Encoded>, _> = events.iter().map(Encoded::new).collect();
        let encoded = encoded?;
        self.settle().await?;
        let shares = self.inner.lanes.share(&events);
        let appended = self.append_shares(encoded, &shares).await;
        for (queue, share) in self.inner.queues.iter().zip(&shares) {
            if !share.is_empty() {
                queue.tell();
            }
        }
        appended
    }
}

impl LedgerEventLog {
    /// Appends to each lane the events whose places in `encoded` are in its share.
    async fn append_shares(
        &self,
        encoded: Vec<Encoded>,
        shares: &[Vec<usize>],
    ) -> Result<Vec<Appended>, LogError> {
        let queues = self.inner.queues.iter().zip(shares);
        let appends = queues
            .filter(|(_, share)| !share.is_empty())
            .map(async |(queue, share)| {
                let own = share.iter().filter_map(|place| encoded.get(*place));
                (share, queue.append(own.cloned().collect()).await)
            });
        let mut outcomes = vec![Appended::Duplicate; encoded.len()];
        let (mut kept, mut failed) = (false, None);
        for (share, appended) in futures_util::future::join_all(appends).await {
            match appended {
                Ok(appended) => {
                    kept = true;
                    for (place, outcome) in share.iter().zip(appended) {
                        if let Some(slot) = outcomes.get_mut(*place) {
                            *slot = outcome;
                        }
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            None => Ok(outcomes),
            Some(error) if kept => Err(partly(error)),
            Some(error) => Err(error),
        }
    }
}

/// The same error where some of the append is kept already.
fn partly(error: LogError) -> LogError {
    match error {
        LogError::Unavailable(_) => error,
        LogError::TooMuch(_) | LogError::Full => LogError::Unavailable(error.to_string()),
    }
}

/// What this process writes into its claims.
fn name(ids: &dyn Ids) -> String {
    let secret = ids.secret();
    secret.iter().take(8).fold(String::new(), |mut hex, byte| {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Whether a write was done, where it is to be tried again otherwise.
fn again(outcome: Result<(), LedgerError>) -> Result<bool, LogError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn busy() -> LogError {
    LogError::Unavailable("too many write at the same time".to_owned())
}

impl From<LedgerError> for LogError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::TooMuch(reason) => Self::TooMuch(reason),
            LedgerError::Full => Self::Full,
            LedgerError::Unavailable(reason) => Self::Unavailable(reason),
            LedgerError::Conflict { .. } | LedgerError::UnknownOutcome(_) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

impl From<TableError> for LogError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Ledger(error) => error.into(),
            TableError::Corrupt { .. } => Self::Unavailable(error.to_string()),
        }
    }
}
