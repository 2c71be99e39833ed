//! `note.change`: changes the text or the pin of a note that nobody changed since. Who wrote it, and when, stays.

use super::notes::{lookup, may_write, moved};
use super::{Decision, Desk};
use crate::table::TableError;
use domain::note::{Note, NoteChange, check_note};

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let change: NoteChange = match serde_json::from_str(args) {
        Ok(change) => change,
        Err(error) => return Ok(Decision::rejected("note-invalid", error)),
    };
    if let Err(error) = check_note(&change.text) {
        return Ok(Decision::rejected("note-invalid", error));
    }
    let found = lookup(desk, &change.id).await?;
    let Some(kept) = found.filter(|kept| kept.value.customer == change.customer) else {
        return Ok(Decision::rejected(
            "note-gone",
            "Somebody took this note away",
        ));
    };
    let customer = match may_write(desk, &change.customer, &change.author).await? {
        Ok(check) => check,
        Err(rejected) => return Ok(rejected),
    };
    // The same change under another command, or two who wanted the same: it is as asked.
    if kept.value.text == change.text && kept.value.pinned == change.pinned {
        return Ok(Decision::applied(Vec::new(), Vec::new()));
    }
    if kept.revision != change.base {
        return Ok(Decision::rejected(
            "note-moved",
            "Somebody else changed this note first",
        ));
    }
    let condition = kept.unchanged();
    let note = Note {
        text: change.text,
        pinned: change.pinned,
        ..kept.value
    };
    let changed = moved(desk, &note.id, Some(&note), condition)?;
    Ok(Decision::applied(vec![changed], vec![customer]))
}
