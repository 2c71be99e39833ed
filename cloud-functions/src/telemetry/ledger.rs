//! A span around each call of a ledger that has a cause, and figures of how it went.

use super::figures::{CONFLICTS, UNAVAILABLE, UNKNOWN};
use crate::ports::ledger::{Key, Ledger, LedgerError, Stored, Write};
use async_trait::async_trait;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use tracing::{Instrument as _, Span};

/// A ledger that is observed.
pub(super) struct Observed(Arc<dyn Ledger>);

impl Observed {
    pub(super) fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self(ledger)
    }
}

#[async_trait]
impl Ledger for Observed {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        let span = span("read", || [key.partition.as_str()], 1);
        ended(
            "read",
            &span,
            self.0.read(key).instrument(span.clone()).await,
        )
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        let partitions = || keys.iter().map(|key| key.partition.as_str());
        let span = span("read_all", partitions, keys.len());
        let read = self.0.read_all(keys).instrument(span.clone()).await;
        ended("read_all", &span, read)
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        let span = span("range", || [partition], limit);
        let read = self.0.range(partition, range, limit);
        ended("range", &span, read.instrument(span.clone()).await)
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        let partitions = || batch.iter().map(|write| write.key().partition.as_str());
        let span = span("write", partitions, batch.len());
        ended(
            "write",
            &span,
            self.0.write(batch).instrument(span.clone()).await,
        )
    }

    fn generation(&self) -> Option<u64> {
        self.0.generation()
    }
}

/// A span of a call that belongs to something; what a process does by itself is not worth one.
fn span<'a, I: IntoIterator<Item = &'a str>>(
    operation: &'static str,
    partitions: impl FnOnce() -> I,
    size: usize,
) -> Span {
    if Span::current().is_disabled() {
        return Span::none();
    }
    tracing::debug_span!(
        target: telemetry::SPANS,
        "ledger",
        otel.name = format!("ledger {operation}"),
        otel.kind = "client",
        db.operation.name = operation,
        db.operation.batch.size = size,
        db.collection.name = tables(partitions()),
        error.type = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
    )
}

/// The tables that keys are of: the letter before the first `#`, never what comes after it.
fn tables<'a>(partitions: impl IntoIterator<Item = &'a str>) -> String {
    let tables: BTreeSet<&str> = partitions.into_iter().map(table).collect();
    tables.into_iter().collect::<Vec<_>>().join(",")
}

fn table(partition: &str) -> &str {
    match partition.split_once('#') {
        Some((table, _)) if table.len() == 1 && table.bytes().all(|b| b.is_ascii_uppercase()) => {
            table
        }
        _ => "other",
    }
}

fn ended<T>(
    operation: &'static str,
    span: &Span,
    answer: Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let Err(error) = &answer else { return answer };
    let kind = match error {
        LedgerError::Conflict { .. } => {
            CONFLICTS.add(1, &[]);
            // A race that is lost is run again: no error.
            span.record("error.type", "conflict");
            return answer;
        }
        LedgerError::UnknownOutcome(_) => {
            UNKNOWN.add(1, &[]);
            "unknown_outcome"
        }
        LedgerError::Unavailable(_) => {
            UNAVAILABLE.add(1, &[("operation", operation)]);
            "unavailable"
        }
        LedgerError::Full => {
            UNAVAILABLE.add(1, &[("operation", operation)]);
            "full"
        }
        LedgerError::TooMuch(_) => "too_much",
    };
    span.record("error.type", kind);
    span.record("otel.status_code", "ERROR");
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::memory::MemoryLedger;
    use crate::ports::ledger::Condition;

    #[test]
    fn keys_are_named_by_their_table_alone() {
        let keys = [
            "E#customer#c-1",
            "S#store/1",
            "E#x",
            "HEALTH",
            "ana#x",
            "Z9#",
            "#",
        ];
        assert_eq!(tables(keys), "E,S,other");
    }

    #[tokio::test]
    async fn conflicts_are_counted_and_told() {
        let ledger = Observed::new(Arc::new(MemoryLedger::default()));
        let put = |condition| Write::put(Key::new("E#a", "V"), "{}", condition);
        ledger.write(vec![put(Condition::Absent)]).await.unwrap();
        let before = CONFLICTS.total();
        let refused = ledger.write(vec![put(Condition::Absent)]).await;
        assert_eq!(refused, Err(LedgerError::Conflict { index: 0 }));
        assert!(CONFLICTS.total() > before);
    }
}
