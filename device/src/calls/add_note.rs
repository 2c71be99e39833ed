//! Notes something on a customer: kept durably here, sent when the cloud answers.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::{fault, invalid, not_found, of_replica};
use domain::api::device::{AddNote, Delivery, NoteView, Refusal};
use domain::api::sync::{command, kind};
use domain::ids::{CommandId, NoteId};
use domain::note::{Note, check_note};
use serde_json::value::to_raw_value;
use sync::NewCommand;

/// The version of a note as a command.
const VERSION: u32 = 1;

pub(super) fn add_note(
    shared: &Shared,
    caller: &Caller,
    request: &AddNote,
) -> Result<NoteView, Refusal> {
    let author = &caller.signed_in()?.session.face;
    check_note(&request.text).map_err(|error| invalid("text", format!("is refused: {error}")))?;
    let customer = shared
        .replica
        .entity(kind::CUSTOMER, request.customer.as_str());
    if customer.map_err(of_replica)?.is_none() {
        return Err(not_found("customer"));
    }
    let written_at = shared.now();
    let note = Note {
        id: NoteId::parse(shared.ports.uuid(written_at).to_string()).map_err(fault)?,
        customer: request.customer.clone(),
        text: request.text.clone(),
        author: author.id.clone(),
        written_at,
    };
    queue(shared, &note)?;
    shared.push_wanted.notify_one();
    shared.signals.customer(note.customer.clone());
    shared.signals.status();
    Ok(NoteView {
        note,
        author_name: author.name.clone(),
        state: Delivery::Kept,
    })
}

fn queue(shared: &Shared, note: &Note) -> Result<(), Refusal> {
    let id = shared.ports.uuid(note.written_at).to_string();
    let command = NewCommand {
        id: &CommandId::parse(id).map_err(fault)?,
        kind: command::NOTE_ADD,
        version: VERSION,
        args: &to_raw_value(note).map_err(fault)?,
        issued_at: note.written_at,
    };
    shared.replica.queue(&command).map_err(of_replica)?;
    Ok(())
}
