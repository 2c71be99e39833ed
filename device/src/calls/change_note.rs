//! Changes a note: kept durably here, decided in the cloud, where somebody else may have been quicker.

use super::access::Caller;
use super::keep::{Form, check_text, keep};
use crate::device::Shared;
use crate::refusal::{not_found, of_replica};
use domain::api::device::{ChangeNote, MAX_ROWS, NoteView, Refusal};
use domain::api::sync::command;
use domain::ids::{CustomerId, NoteId};
use domain::note::NoteChange;

/// A change of a note as a command.
pub(super) const FORM: Form = Form {
    kind: command::NOTE_CHANGE,
    version: 1,
};

pub(super) fn change_note(
    shared: &Shared,
    caller: &Caller,
    request: &ChangeNote,
) -> Result<NoteView, Refusal> {
    let author = caller.signed_in()?.session.face.id.clone();
    check_text(&request.text)?;
    find_note(shared, &request.customer, &request.id)?;
    let change = NoteChange {
        id: request.id.clone(),
        customer: request.customer.clone(),
        base: request.base,
        text: request.text.clone(),
        pinned: request.pinned,
        author,
    };
    keep(shared, FORM, &change, shared.now(), &request.customer)?;
    find_note(shared, &request.customer, &request.id)
}

/// A note as the card shows it.
pub(super) fn find_note(
    shared: &Shared,
    customer: &CustomerId,
    id: &NoteId,
) -> Result<NoteView, Refusal> {
    let notes = shared.replica.notes(customer, MAX_ROWS);
    let found = notes.map_err(of_replica)?.into_iter();
    let mut found = found.filter(|view| view.note.id == *id);
    found.next().ok_or_else(|| not_found("note"))
}
