//! Letters that nobody delivers: the last ones lie in the ledger, for a demo and for one machine.
//!
//! `X#letters` / `<newest first>#<number>`; at most [`MAX_KEPT`].

use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, Write};
use crate::ports::letters::{Letter, LetterError, Letters};
use crate::table;
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The most letters that are kept.
pub const MAX_KEPT: usize = 50;
/// Letters that are looked at for being too many: a burst leaves some for the next.
const LOOK: usize = 2 * MAX_KEPT;
const PARTITION: &str = "X#letters";
const LAST: &str = "\u{7f}";

/// Keeps letters in a ledger.
pub struct LedgerLetters {
    ledger: Arc<dyn Ledger>,
    /// Tells letters of one instant apart.
    written: AtomicU64,
}

impl LedgerLetters {
    /// In this ledger.
    #[must_use]
    pub fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self {
            ledger,
            written: AtomicU64::new(0),
        }
    }

    async fn keep(&self, letter: &Letter) -> Result<(), table::TableError> {
        let millis = u64::try_from(letter.at.timestamp_millis()).unwrap_or(0);
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let sort = format!("{:020}#{:020}", u64::MAX - millis, u64::MAX - number);
        let mut writes = vec![table::put(
            Key::new(PARTITION, sort),
            letter,
            Condition::Any,
        )?];
        let page = self.ledger.range(PARTITION, ""..LAST, LOOK).await?;
        let old = page.into_iter().skip(MAX_KEPT - 1).take(MAX_KEPT);
        writes.extend(old.map(|stored| Write::Delete {
            key: stored.key,
            condition: Condition::Any,
        }));
        Ok(self.ledger.write(writes).await?)
    }
}

#[async_trait]
impl Letters for LedgerLetters {
    async fn send(&self, letter: &Letter) -> Result<(), LetterError> {
        let kept = self.keep(letter).await;
        kept.map_err(|error| LetterError::Unavailable(error.to_string()))
    }
}

/// The letters that lie there, the latest first.
pub async fn list(ledger: &dyn Ledger) -> Result<Vec<Letter>, table::TableError> {
    let page: Result<_, LedgerError> = ledger.range(PARTITION, ""..LAST, MAX_KEPT).await;
    let letter = |stored| Ok(table::row::<Letter>(stored)?.value);
    page?.iter().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::memory::MemoryLedger;

    #[tokio::test]
    async fn the_latest_are_kept_and_no_more() {
        let ledger: Arc<dyn Ledger> = Arc::new(MemoryLedger::default());
        let letters = LedgerLetters::new(ledger.clone());
        for n in 0..60 {
            let letter = Letter {
                to: "ana@example.org".to_owned(),
                text: format!("{n}"),
                at: "2026-06-01T12:00:00Z".parse().unwrap(),
            };
            letters.send(&letter).await.unwrap();
        }
        let kept = list(&*ledger).await.unwrap();
        let texts: Vec<_> = kept.iter().map(|letter| letter.text.as_str()).collect();
        assert_eq!((texts.len(), texts[0], texts[49]), (MAX_KEPT, "59", "10"));
    }
}
