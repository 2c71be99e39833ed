//! Appends to one lane: claims, events and the lane's head in one batch of the ledger.
//!
//! The head carries the condition: of two batches that begin at the same place one is written, so places have no gaps
//! and are seen in their order. A batch whose outcome is unknown is looked for by its claims, which tell who made them.

use super::event::Encoded;
use super::lanes::no_place_left;
use super::{Lanes, MAX_TRIES, busy, keys};
use crate::ports::events::{Appended, LogError};
use crate::ports::ledger::{
    Condition, Key, Ledger, LedgerError, MAX_BATCH_BYTES, MAX_WRITES, Write,
};
use crate::table::{self, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most events in one batch: each has a claim, and all have one head.
pub(super) const MAX_EVENTS: usize = (MAX_WRITES - 1) / 2;
/// Bytes of a batch that are kept for the head and an event's claim.
const CLAIM_ROOM: usize = 256;

/// How far a lane goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    /// The last place given; 0 at first.
    pub(super) last: u64,
}

/// Who has an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    /// Its place in the log.
    at: u64,
    /// The call that claimed it: the writer's name, and which of its calls it was.
    by: String,
}

/// The one who writes to a lane in this process.
pub(super) struct Writer {
    ledger: Arc<dyn Ledger>,
    lanes: Lanes,
    lane: u64,
    /// Drawn for this writer alone.
    name: String,
    /// How many batches it was given.
    calls: u64,
    /// The head as it was after the last write.
    head: Option<Row<Head>>,
    /// Whether others were seen to write too: then it pays to look first.
    contended: bool,
}

/// What lies there already.
struct Seen {
    head: Row<Head>,
    /// In the order of the events.
    claims: Vec<Option<Claim>>,
}

/// The call that writes.
struct Own<'a> {
    /// What it writes into its claims.
    by: &'a str,
    /// Whether an earlier try of it may have been written.
    doubt: bool,
}

/// What is to be written.
#[derive(Debug)]
struct Plan {
    outcomes: Vec<Appended>,
    head: Head,
    /// The head first. Empty where nothing is new.
    batch: Vec<Write>,
}

impl Writer {
    pub(super) fn new(ledger: Arc<dyn Ledger>, lanes: Lanes, lane: u64, name: String) -> Self {
        Self {
            ledger,
            lanes,
            lane,
            name,
            calls: 0,
            head: None,
            contended: false,
        }
    }

    /// Writes what is new of one batch of events, or nothing.
    pub(super) async fn place(&mut self, events: &[Encoded]) -> Result<Vec<Appended>, LogError> {
        self.calls += 1;
        let by = format!("{}-{}", self.name, self.calls);
        // Whether an earlier try may have been written, or may still be.
        let mut doubt = false;
        let mut look = self.contended;
        for _ in 0..MAX_TRIES {
            let seen = match self.head.clone().filter(|_| !look) {
                Some(head) => Seen::nothing(head, events),
                None => self.look(events).await?,
            };
            let (revision, condition) = (seen.head.revision, seen.head.unchanged());
            let own = Own { by: &by, doubt };
            let plan = self.plan(events, &seen, condition, &own)?;
            if plan.batch.is_empty() {
                self.head = Some(seen.head);
                return Ok(plan.outcomes);
            }
            match self.ledger.write(plan.batch).await {
                Ok(()) => {
                    self.head = Some(Row {
                        value: plan.head,
                        revision: revision + 1,
                    });
                    return Ok(plan.outcomes);
                }
                Err(LedgerError::Conflict { index }) => self.contended |= index == 0,
                Err(LedgerError::UnknownOutcome(_)) => doubt = true,
                Err(LedgerError::Full) if doubt => return Err(super::partly(LogError::Full)),
                Err(error) => return Err(error.into()),
            }
            look = true;
        }
        Err(busy())
    }

    async fn look(&mut self, events: &[Encoded]) -> Result<Seen, LogError> {
        let claims = events.iter().map(|event| event.claim.clone());
        let keys: Vec<Key> = [keys::head(self.lane)].into_iter().chain(claims).collect();
        let mut found = self.ledger.read_all(&keys).await?.into_iter();
        let head = found.next().flatten();
        let head = head.as_ref().map(table::row::<Head>).transpose()?;
        let head = head.unwrap_or(Row {
            value: Head::default(),
            revision: 0,
        });
        let claims = found.map(|stored| {
            let row = stored.as_ref().map(table::row::<Claim>).transpose()?;
            Ok::<_, LogError>(row.map(|row| row.value))
        });
        let claims = claims.collect::<Result<_, _>>()?;
        if self.head.as_ref() == Some(&head) {
            self.contended = false;
        }
        Ok(Seen { head, claims })
    }

    fn plan(
        &self,
        events: &[Encoded],
        seen: &Seen,
        condition: Condition,
        call: &Own<'_>,
    ) -> Result<Plan, LogError> {
        let mut last = seen.head.value.last;
        let (mut own, mut writes) = (BTreeSet::new(), Vec::new());
        let mut outcomes = Vec::with_capacity(events.len());
        for (event, claim) in events.iter().zip(&seen.claims) {
            let first = own.insert(&event.claim);
            let outcome = match claim {
                _ if !first => Appended::Duplicate,
                // An earlier try of this call was written after all.
                Some(claim) if call.doubt && claim.by == call.by => Appended::New,
                Some(_) => Appended::Duplicate,
                None => {
                    last = self.lanes.next(self.lane, last).ok_or_else(no_place_left)?;
                    writes.extend(self.writes(event, last, call.by)?);
                    Appended::New
                }
            };
            outcomes.push(outcome);
        }
        let head = Head { last };
        if !writes.is_empty() {
            writes.insert(0, table::put(keys::head(self.lane), &head, condition)?);
        }
        Ok(Plan {
            outcomes,
            head,
            batch: writes,
        })
    }

    fn writes(&self, event: &Encoded, at: u64, by: &str) -> Result<[Write; 2], LogError> {
        let claim = Claim {
            at,
            by: by.to_owned(),
        };
        let key = keys::event(self.lane, at);
        Ok([
            table::put(event.claim.clone(), &claim, Condition::Absent)?,
            Write::put(key, &*event.body, Condition::Absent),
        ])
    }
}

impl Seen {
    /// What is to be expected of events that nobody appended before.
    fn nothing(head: Row<Head>, events: &[Encoded]) -> Self {
        Self {
            head,
            claims: vec![None; events.len()],
        }
    }
}

/// The events that fit into one batch, one at least, and those after them.
pub(super) fn split_batch(events: &[Encoded]) -> (&[Encoded], &[Encoded]) {
    let mut bytes = CLAIM_ROOM;
    let fit = events.iter().take(MAX_EVENTS).take_while(|event| {
        bytes += event.body.len() + CLAIM_ROOM;
        bytes <= MAX_BATCH_BYTES
    });
    let count = fit.count().max(1).min(events.len());
    events.split_at(count)
}
