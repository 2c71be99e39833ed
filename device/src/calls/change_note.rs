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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::device::{AddNote, Delivery, OpenCustomer, RemoveNote};

    #[tokio::test]
    async fn a_change_shows_at_once_and_the_next_goes_on_from_it() {
        let tablet = Bench::with_ana().await;
        let customer = CustomerId::parse("c-1").unwrap();
        let note = AddNote {
            customer: customer.clone(),
            text: "Likes wool".into(),
            pinned: false,
        };
        let mut view = tablet.ask(note).await.unwrap();
        for text in ["Likes silk", "Likes both"] {
            let changed = tablet.ask(ChangeNote {
                id: view.note.id.clone(),
                customer: customer.clone(),
                base: view.version,
                text: text.into(),
                pinned: true,
            });
            let changed = changed.await.unwrap();
            assert_eq!(
                (changed.note.text.as_str(), changed.note.pinned),
                (text, true)
            );
            assert_eq!(
                (changed.state.clone(), changed.version),
                (Delivery::Kept, view.version + 1)
            );
            view = changed;
        }
        let id = view.note.id;
        let base = view.version;
        let removal = RemoveNote {
            id,
            customer: customer.clone(),
            base,
        };
        tablet.ask(removal).await.unwrap();
        let card = tablet.ask(OpenCustomer { customer }).await.unwrap();
        assert_eq!(card.value.notes, []);
    }
}
