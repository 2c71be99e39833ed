//! Notes something on a customer: kept durably here, sent when the cloud answers.

use super::access::Caller;
use crate::device::Shared;
use crate::refusal::{fault, invalid, not_found, of_replica};
use domain::api::device::{AddNote, Delivery, NoteView, Refusal};
use domain::api::sync::{command, kind};
use domain::ids::{CommandId, NoteId};
use domain::note::{Note, check_note};
use serde_json::value::to_raw_value;
use std::sync::atomic::Ordering;
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
        pinned: false,
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
    if !shared.contact.read().online {
        shared.queued_offline.store(true, Ordering::Release);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::device::{ListUnsent, OpenCustomer, ReadStatus, RefusalCode, Signal};
    use domain::ids::CustomerId;

    fn note(customer: &str) -> AddNote {
        AddNote {
            customer: CustomerId::parse(customer).unwrap(),
            text: "Likes wool".into(),
        }
    }

    #[tokio::test]
    async fn a_note_shows_at_once_and_waits_to_be_sent() {
        let tablet = Bench::with_ana().await;
        let mut listener = tablet.device.listen();
        let kept = tablet.ask(note("c-1")).await.unwrap();
        assert_eq!(
            (kept.state.clone(), kept.author_name.as_str()),
            (Delivery::Kept, "Ana")
        );
        let customer = kept.note.customer.clone();
        assert_eq!(
            listener.next().await,
            Some(Signal::Customer {
                customer: customer.clone()
            })
        );
        let card = tablet.ask(OpenCustomer { customer }).await.unwrap().value;
        assert_eq!(card.notes, [kept]);
        let unsent = tablet.ask(ListUnsent {}).await.unwrap();
        assert_eq!(
            (unsent.len(), unsent[0].kind.as_str()),
            (1, command::NOTE_ADD)
        );
        assert_eq!(tablet.ask(ReadStatus {}).await.unwrap().sync.unsent, 1);
    }

    #[tokio::test]
    async fn nobody_is_noted_on_who_is_not_here() {
        let tablet = Bench::with_ana().await;
        let refusal = tablet.ask(note("c-9")).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::NotFound);
        assert!(tablet.ask(ListUnsent {}).await.unwrap().is_empty());
    }
}
