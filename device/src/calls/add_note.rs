//! Notes something on a customer: kept durably here, sent when the cloud answers.

use super::access::Caller;
use super::keep::{Form, check_customer, check_text, keep};
use crate::device::Shared;
use crate::refusal::fault;
use chrono::{DateTime, Utc};
use domain::api::device::{AddNote, Delivery, NoteView, Refusal};
use domain::api::sync::command;
use domain::ids::NoteId;
use domain::note::Note;

/// A note as a command.
pub(super) const FORM: Form = Form {
    kind: command::NOTE_ADD,
    version: 2,
};
/// The version that a note gets in the cloud.
const FIRST: u64 = 1;

pub(super) fn add_note(
    shared: &Shared,
    caller: &Caller,
    request: &AddNote,
) -> Result<NoteView, Refusal> {
    let author = &caller.signed_in()?.session.face;
    check_text(&request.text)?;
    check_customer(shared, &request.customer)?;
    let written_at = shared.now();
    let note = Note {
        id: new_note_id(shared, written_at)?,
        customer: request.customer.clone(),
        text: request.text.clone(),
        author: author.id.clone(),
        written_at,
        pinned: request.pinned,
    };
    keep(shared, FORM, &note, written_at, &note.customer)?;
    Ok(NoteView {
        note,
        version: FIRST,
        author_name: author.name.clone(),
        state: Delivery::Kept,
    })
}

/// An id for a note that is written now.
pub(super) fn new_note_id(shared: &Shared, at: DateTime<Utc>) -> Result<NoteId, Refusal> {
    NoteId::parse(shared.ports.uuid(at).to_string()).map_err(fault)
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
            pinned: false,
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
