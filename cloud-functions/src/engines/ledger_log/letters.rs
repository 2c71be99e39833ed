//! Dead letters: all in one partition for who looks at them, what is wanted again in its lane for who takes it.

use super::{LedgerEventLog, MAX_TRIES, again, busy, keys};
use crate::ports::backlog::{DeadLetters, LetterId, MAX_LETTERS, Replay};
use crate::ports::events::{DeadLetter, LogError};
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, MAX_WRITES, Stored, Write};
use crate::table;
use async_trait::async_trait;

/// The most characters of a reason that are kept.
const MAX_REASON: usize = 2_000;
/// Letters that are marked in one batch: each is looked at, and has a mark.
const MARKED: usize = MAX_WRITES / 2;
/// Behind all letters: no consumer's name begins with it.
const LAST: &str = "\u{7f}";

/// The write that keeps a letter.
pub(super) fn put(letter: &DeadLetter) -> Result<Write, LogError> {
    let mut kept = letter.clone();
    kept.delivery.replayed = false;
    if let Some((end, _)) = kept.reason.char_indices().nth(MAX_REASON) {
        kept.reason.truncate(end);
    }
    let key = keys::letter(&kept.consumer, kept.delivery.sequence);
    Ok(table::put(key, &kept, Condition::Any)?)
}

/// The letters of a consumer that are wanted again in a lane, in order.
pub(super) async fn wanted(
    ledger: &dyn Ledger,
    lane: u64,
    consumer: &str,
    limit: usize,
) -> Result<Vec<DeadLetter>, LogError> {
    let (start, end) = keys::wanted_range(consumer);
    let partition = keys::lane(lane);
    let limit = limit.min(MAX_LETTERS);
    let marks = ledger.range(&partition, &start..&end, limit).await?;
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let sorts = marks
        .iter()
        .filter_map(|mark| mark.key.sort.strip_prefix("W#"));
    let keys: Vec<Key> = sorts.map(|sort| Key::new(keys::LETTERS, sort)).collect();
    let letters = ledger.read_all(&keys).await?;
    // One that is not there was settled since.
    letters.iter().flatten().map(letter).collect()
}

/// Removes a letter and that it is wanted.
pub(super) async fn settle(
    ledger: &dyn Ledger,
    lane: u64,
    letter: &LetterId,
) -> Result<(), LogError> {
    let LetterId { consumer, sequence } = letter;
    let keys = [
        keys::letter(consumer, *sequence),
        keys::wanted(lane, consumer, *sequence),
    ];
    let delete = |key| Write::Delete {
        key,
        condition: Condition::Any,
    };
    for _ in 0..MAX_TRIES {
        if again(ledger.write(keys.clone().map(delete).to_vec()).await)? {
            return Ok(());
        }
    }
    Err(busy())
}

fn letter(stored: &Stored) -> Result<DeadLetter, LogError> {
    Ok(table::row(stored)?.value)
}

#[async_trait]
impl DeadLetters for LedgerEventLog {
    async fn list(
        &self,
        consumer: Option<&str>,
        after: Option<&LetterId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, LogError> {
        let all = || (String::new(), LAST.to_owned());
        let (mut start, end) = consumer.map_or_else(all, keys::letters_of);
        if let Some(after) = after {
            let behind = after.sequence.saturating_add(1);
            start = start.max(keys::letter_sort(&after.consumer, behind));
        }
        let limit = limit.min(MAX_LETTERS);
        let page = self.ledger().range(keys::LETTERS, &start..&end, limit);
        page.await?.iter().map(letter).collect()
    }

    async fn replay(&self, which: &Replay) -> Result<u64, LogError> {
        let found = match which {
            Replay::One(id) => self.want_one(id).await,
            Replay::All { consumer } => self.want_all(consumer).await,
        };
        for queue in &self.inner.queues {
            queue.tell();
        }
        found
    }
}

impl LedgerEventLog {
    async fn want_one(&self, id: &LetterId) -> Result<u64, LogError> {
        let key = keys::letter(&id.consumer, id.sequence);
        for _ in 0..MAX_TRIES {
            let Some(stored) = self.ledger().read(&key).await? else {
                return Ok(0);
            };
            if self.mark(&[stored]).await? {
                return Ok(1);
            }
        }
        Err(busy())
    }

    /// Page by page; a letter that is given up meanwhile may be among them.
    async fn want_all(&self, consumer: &str) -> Result<u64, LogError> {
        let (mut start, end) = keys::letters_of(consumer);
        let (mut found, mut tries) = (0, 0);
        while tries < MAX_TRIES {
            let page = self.ledger().range(keys::LETTERS, &start..&end, MARKED);
            let page = page.await?;
            let Some(last) = page.last() else {
                return Ok(found);
            };
            if self.mark(&page).await? {
                found += page.len() as u64;
                tries = 0;
                let LetterId { consumer, sequence } = LetterId::of(&letter(last)?);
                start = keys::letter_sort(&consumer, sequence.saturating_add(1));
            } else {
                tries += 1;
            }
        }
        Err(busy())
    }

    /// Marks letters as wanted, where they are still there; false where they have to be read anew.
    async fn mark(&self, letters: &[Stored]) -> Result<bool, LogError> {
        let mut batch = Vec::with_capacity(2 * letters.len());
        for stored in letters {
            let LetterId { consumer, sequence } = LetterId::of(&letter(stored)?);
            let mark = keys::wanted(self.lanes().of_place(sequence), &consumer, sequence);
            batch.push(Write::Check {
                key: stored.key.clone(),
                condition: Condition::Revision(stored.revision),
            });
            batch.push(Write::put(mark, "{}", Condition::Any));
        }
        let written: Result<(), LedgerError> = self.ledger().write(batch).await;
        again(written)
    }
}
