//! Takes a note away: kept durably here, decided in the cloud, where somebody else may have changed it meanwhile.

use super::access::Caller;
use super::change_note::find_note;
use super::keep::{Form, keep};
use crate::device::Shared;
use domain::api::device::{Done, Refusal, RemoveNote};
use domain::api::sync::command;
use domain::note::NoteRemoval;

/// The removal of a note as a command.
pub(super) const FORM: Form = Form {
    kind: command::NOTE_REMOVE,
    version: 1,
};

pub(super) fn remove_note(
    shared: &Shared,
    caller: &Caller,
    request: &RemoveNote,
) -> Result<Done, Refusal> {
    let author = caller.signed_in()?.session.face.id.clone();
    find_note(shared, &request.customer, &request.id)?;
    let removal = NoteRemoval {
        id: request.id.clone(),
        customer: request.customer.clone(),
        base: request.base,
        author,
    };
    keep(shared, FORM, &removal, shared.now(), &request.customer)?;
    Ok(Done {})
}
