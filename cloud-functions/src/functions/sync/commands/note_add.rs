//! `note.add`: adds a note on a customer of the device's store.

use super::notes::{gone_key, lookup, may_write, moved};
use super::{Decision, Desk};
use crate::ports::ledger::{Condition, Write};
use crate::table::TableError;
use domain::note::{Note, check_note};

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let note: Note = match serde_json::from_str(args) {
        Ok(note) => note,
        Err(error) => return Ok(Decision::rejected("note-invalid", error)),
    };
    if let Err(error) = check_note(&note.text) {
        return Ok(Decision::rejected("note-invalid", error));
    }
    let gone = gone_key(&note.id);
    // A device that was set back pushes what it kept, and somebody took the note away since.
    if desk.ledger.read(&gone).await?.is_some() {
        return Ok(Decision::superseded());
    }
    let customer = match may_write(desk, &note.customer, &note.author).await? {
        Ok(check) => check,
        Err(rejected) => return Ok(rejected),
    };
    match lookup(desk, &note.id).await? {
        None => {
            let never_gone = Write::Check {
                key: gone,
                condition: Condition::Absent,
            };
            let added = moved(desk, &note.id, Some(&note), Condition::Absent)?;
            Ok(Decision::applied(vec![added], vec![customer, never_gone]))
        }
        // The same note under another command: a device that was set up again pushes what it kept.
        Some(kept) if kept.value == note => Ok(Decision::applied(Vec::new(), Vec::new())),
        Some(kept) if is_same_changed(&kept.value, &note) => Ok(Decision::superseded()),
        Some(_) => Ok(Decision::rejected(
            "note-exists",
            "There is another note with this id",
        )),
    }
}

/// Whether a note is the one that was added, and somebody changed its text or its pin since: who wrote it, on whom and
/// when stays.
fn is_same_changed(kept: &Note, added: &Note) -> bool {
    kept.customer == added.customer
        && kept.author == added.author
        && kept.written_at == added.written_at
}
