//! Notes on a card: those that the cloud confirmed, and over them what is still on its way.

use super::Replica;
use super::rebase::{Noted, Shown, fold};
use super::store::{MAX_LIST, lookup, read};
use crate::error::ReplicaError;
use domain::api::device::NoteView;
use domain::api::sync::kind;
use domain::ids::CustomerId;
use domain::note::Note;
use domain::store::Associate;
use rusqlite::Connection;

impl Replica {
    /// The notes on a customer, pinned ones first, then the newest; at most `limit` and [`MAX_LIST`]. What was noted,
    /// changed or removed here shows at once, and once: the cloud's own replaces it when it arrives.
    pub fn notes(
        &self,
        customer: &CustomerId,
        limit: usize,
    ) -> Result<Vec<NoteView>, ReplicaError> {
        self.read(|connection| {
            // One transaction: a page that arrives in between would show a note twice or not at all.
            let transaction = connection.unchecked_transaction()?;
            let rows = list_notes(&transaction, customer)?;
            let queue = list_noted(&transaction, customer)?;
            let shown = fold(rows, &queue).into_iter().take(limit);
            shown.map(|shown| view(&transaction, shown)).collect()
        })
    }
}

fn list_notes(
    connection: &Connection,
    customer: &CustomerId,
) -> Result<Vec<(Note, u64)>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_history.sql"))?;
    let mut rows = statement.query((customer.as_str(), kind::NOTE, MAX_LIST))?;
    let mut notes = Vec::new();
    while let Some(row) = rows.next()? {
        let note: Option<Note> = read(row.get_ref(0)?.as_str().unwrap_or_default());
        let version = row.get(1)?;
        notes.extend(note.map(|note| (note, version)));
    }
    Ok(notes)
}

fn list_noted(connection: &Connection, customer: &CustomerId) -> Result<Vec<Noted>, ReplicaError> {
    let mut statement = connection.prepare_cached(include_str!("sql/list_noted.sql"))?;
    let noted = statement.query_map((customer.as_str(), MAX_LIST), Noted::of_row)?;
    Ok(noted.collect::<Result<_, _>>()?)
}

fn view(connection: &Connection, shown: Shown) -> Result<NoteView, ReplicaError> {
    let Shown {
        note,
        version,
        state,
    } = shown;
    let author = lookup::<Associate>(connection, kind::ASSOCIATE, note.author.as_str())?;
    Ok(NoteView {
        version,
        author_name: author.map_or_else(|| note.author.to_string(), |author| author.name),
        note,
        state,
    })
}
