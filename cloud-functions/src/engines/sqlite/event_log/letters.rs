//! Dead letters, as an operator sees them.

use super::{SqliteEventLog, letter};
use crate::engines::sqlite::signed;
use crate::ports::backlog::{DeadLetters, LetterId, MAX_LETTERS, Replay};
use crate::ports::events::{DeadLetter, LogError};
use async_trait::async_trait;
use rusqlite::params;

#[async_trait]
impl DeadLetters for SqliteEventLog {
    async fn list(
        &self,
        consumer: Option<&str>,
        after: Option<&LetterId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, LogError> {
        let only = consumer.map(str::to_owned);
        // No consumer's name is empty, so this comes before all letters.
        let start = LetterId {
            consumer: String::new(),
            sequence: 0,
        };
        let LetterId { consumer, sequence } = after.cloned().unwrap_or(start);
        let limit = signed(limit.min(MAX_LETTERS) as u64);
        let reading = self.readers.run(move |connection| {
            let mut list = connection.prepare_cached(include_str!("list.sql"))?;
            let rows = list.query_map(params![consumer, signed(sequence), only, limit], letter)?;
            rows.collect()
        });
        Ok(reading.await?)
    }

    async fn replay(&self, which: &Replay) -> Result<u64, LogError> {
        let (consumer, sequence) = match which {
            Replay::One(id) => (id.consumer.clone(), Some(signed(id.sequence))),
            Replay::All { consumer } => (consumer.clone(), None),
        };
        let writing = self.writer.run(move |connection| {
            let mut replay = connection.prepare_cached(include_str!("replay.sql"))?;
            replay.execute(params![consumer, sequence])
        });
        let found = writing.await?;
        self.tell();
        Ok(found as u64)
    }
}
