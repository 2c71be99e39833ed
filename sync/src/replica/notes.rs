//! Notes on a card: those that the cloud confirmed, and over them those that are still on their way.

use super::Replica;
use super::outbox::delivery;
use super::store::{MAX_LIST, lookup, read};
use crate::error::ReplicaError;
use domain::api::device::{Delivery, NoteView};
use domain::api::sync::kind;
use domain::ids::CustomerId;
use domain::note::Note;
use domain::store::Associate;
use rusqlite::{Connection, OptionalExtension};

impl Replica {
    /// The notes on a customer, newest first, at most `limit` and [`MAX_LIST`]. A note shows at once when it is queued, and once: the
    /// cloud's own replaces it when it arrives.
    pub fn notes(
        &self,
        customer: &CustomerId,
        limit: usize,
    ) -> Result<Vec<NoteView>, ReplicaError> {
        self.read(|connection| {
            // One transaction: a page that arrives in between would show a note twice or not at all.
            let transaction = connection.unchecked_transaction()?;
            let mut notes: Vec<(Note, Delivery)> =
                super::customers::list_history(&transaction, customer, kind::NOTE, limit)?
                    .into_iter()
                    .map(|note| (note, Delivery::Sent))
                    .collect();
            for (note, delivery) in list_queued_notes(&transaction, customer, limit)? {
                let is_twice = notes.iter().any(|(known, _)| known.id == note.id);
                if !is_twice
                    && lookup::<Note>(&transaction, kind::NOTE, note.id.as_str())?.is_none()
                {
                    notes.push((note, delivery));
                }
            }
            notes.sort_by(|(a, _), (b, _)| {
                (b.written_at, b.id.as_str()).cmp(&(a.written_at, a.id.as_str()))
            });
            notes.truncate(limit);
            notes
                .into_iter()
                .map(|(note, delivery)| view(&transaction, note, delivery))
                .collect()
        })
    }
}

fn list_queued_notes(
    connection: &Connection,
    customer: &CustomerId,
    limit: usize,
) -> Result<Vec<(Note, Delivery)>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_queued_notes.sql"))?;
    let mut rows = statement.query((customer.as_str(), limit.min(MAX_LIST)))?;
    let mut notes = Vec::new();
    while let Some(row) = rows.next()? {
        let state: u8 = row.get(1)?;
        let note = read(row.get_ref(3)?.as_str().unwrap_or_default());
        let delivery = delivery(state, row.get(2)?);
        notes.extend(note.map(|note| (note, delivery)));
    }
    Ok(notes)
}

fn view(connection: &Connection, note: Note, state: Delivery) -> Result<NoteView, ReplicaError> {
    let author = lookup::<Associate>(connection, kind::ASSOCIATE, note.author.as_str())?;
    let version = connection
        .prepare_cached(include_str!("sql/read_version.sql"))?
        .query_row((kind::NOTE, note.id.as_str()), |row| row.get(0))
        .optional()?;
    Ok(NoteView {
        // What waits to be written will be the first.
        version: version.unwrap_or(1),
        author_name: author.map_or_else(|| note.author.to_string(), |author| author.name),
        note,
        state,
    })
}
