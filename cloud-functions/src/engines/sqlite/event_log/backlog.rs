//! The reader's side: cursors, and giving up.

use super::{SqliteEventLog, delivery, letter, unreadable};
use crate::engines::sqlite::signed;
use crate::ports::backlog::{Backlog, LetterId};
use crate::ports::events::{DeadLetter, Delivery, LogError};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use tokio::sync::watch;

#[async_trait]
impl Backlog for SqliteEventLog {
    async fn read_after(&self, sequence: u64, limit: usize) -> Result<Vec<Delivery>, LogError> {
        let reading = self.readers.run(move |connection| {
            let mut read = connection.prepare_cached(include_str!("read_after.sql"))?;
            let rows = read.query_map(params![signed(sequence), signed(limit as u64)], |row| {
                delivery(row, 0, false)
            })?;
            rows.collect()
        });
        Ok(reading.await?)
    }

    async fn cursor(&self, consumer: &str) -> Result<u64, LogError> {
        let consumer = consumer.to_owned();
        let reading = self.readers.run(move |connection| {
            let mut cursor = connection.prepare_cached(include_str!("cursor.sql"))?;
            let found = cursor.query_row([consumer], |row| row.get::<_, i64>(0));
            Ok(found.optional()?.unwrap_or(0).cast_unsigned())
        });
        Ok(reading.await?)
    }

    async fn advance(&self, consumer: &str, sequence: u64) -> Result<(), LogError> {
        let consumer = consumer.to_owned();
        let writing = self
            .writer
            .run(move |connection| advance(connection, &consumer, sequence));
        Ok(writing.await?)
    }

    async fn give_up(&self, letter: &DeadLetter) -> Result<(), LogError> {
        let envelope = encode(&letter.delivery.event)?;
        let given_up_at = encode(&letter.given_up_at)?;
        let (id, attempts) = (LetterId::of(letter), letter.attempts);
        let reason = letter.reason.clone();
        let writing = self.writer.run(move |connection| {
            let mut keep = connection.prepare_cached(include_str!("give_up.sql"))?;
            let sequence = signed(id.sequence);
            keep.execute(params![
                id.consumer,
                sequence,
                envelope,
                attempts,
                reason,
                given_up_at
            ])?;
            advance(connection, &id.consumer, id.sequence)
        });
        Ok(writing.await?)
    }

    async fn replays(&self, consumer: &str, limit: usize) -> Result<Vec<DeadLetter>, LogError> {
        let consumer = consumer.to_owned();
        let reading = self.readers.run(move |connection| {
            let mut replays = connection.prepare_cached(include_str!("replays.sql"))?;
            let rows = replays.query_map(params![consumer, signed(limit as u64)], letter)?;
            rows.collect()
        });
        Ok(reading.await?)
    }

    async fn settle(&self, letter: &LetterId) -> Result<(), LogError> {
        let LetterId { consumer, sequence } = letter.clone();
        let writing = self.writer.run(move |connection| {
            let mut settle = connection.prepare_cached(include_str!("settle.sql"))?;
            settle.execute(params![consumer, signed(sequence)])?;
            Ok(())
        });
        Ok(writing.await?)
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrivals.subscribe()
    }
}

fn encode<T: Serialize>(value: &T) -> Result<String, LogError> {
    serde_json::to_string(value).map_err(|error| unreadable(&error))
}

fn advance(connection: &Connection, consumer: &str, sequence: u64) -> rusqlite::Result<()> {
    let mut advance = connection.prepare_cached(include_str!("advance.sql"))?;
    advance.execute(params![consumer, signed(sequence)])?;
    Ok(())
}
