//! Appends: the claim of source and id, and the event, are one row.

use super::{SqliteEventLog, unreadable};
use crate::engines::claim::{CLAIM_BYTES, claim};
use crate::ports::events::{Appended, CloudEvent, EventLog, LogError, check_append};
use async_trait::async_trait;
use rusqlite::{Connection, params};

struct Row {
    claim: [u8; CLAIM_BYTES],
    envelope: String,
}

#[async_trait]
impl EventLog for SqliteEventLog {
    async fn append(&self, events: Vec<CloudEvent>) -> Result<Vec<Appended>, LogError> {
        check_append(&events)?;
        // Written out here, on the caller's time: the one writer only copies bytes.
        let rows: Result<Vec<Row>, _> = events.iter().map(encode).collect();
        let rows = rows.map_err(|error| unreadable(&error))?;
        let appended = self.writer.run(move |connection| insert(connection, &rows));
        let appended = appended.await?;
        self.tell();
        Ok(appended)
    }
}

fn encode(event: &CloudEvent) -> Result<Row, serde_json::Error> {
    Ok(Row {
        claim: claim(event),
        envelope: serde_json::to_string(event)?,
    })
}

fn insert(connection: &Connection, rows: &[Row]) -> rusqlite::Result<Vec<Appended>> {
    let mut append = connection.prepare_cached(include_str!("append.sql"))?;
    let appended = rows.iter().map(|row| {
        let inserted = append.execute(params![row.claim, row.envelope])?;
        Ok(match inserted {
            0 => Appended::Duplicate,
            _ => Appended::New,
        })
    });
    appended.collect()
}
