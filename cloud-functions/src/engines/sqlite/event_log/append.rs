//! Appends: the claim of source and id, and the event, are one row.

use super::{SqliteEventLog, unreadable};
use crate::ports::events::{Appended, CloudEvent, EventLog, LogError, check_append};
use async_trait::async_trait;
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

/// How many bytes of the hash claim an event: two of 10^12 events share them with a chance below 10^-14.
const CLAIM_BYTES: usize = 16;

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

/// The source's length goes in first, so that no two pairs of source and id are the same bytes.
fn claim(event: &CloudEvent) -> [u8; CLAIM_BYTES] {
    let hash = Sha256::new()
        .chain_update(event.source.len().to_be_bytes())
        .chain_update(&event.source)
        .chain_update(&event.id)
        .finalize();
    let mut claim = [0; CLAIM_BYTES];
    claim.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    claim
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
