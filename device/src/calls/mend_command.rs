//! Sends a refused command again, changed: the refused one is replaced, both or neither.

use super::access::Caller;
use super::keep::{Form, check_customer, check_text, kept, new_id};
use super::{add_note, cart, change_note, remove_note};
use crate::device::Shared;
use crate::refusal::{fault, invalid, not_found, of_replica};
use domain::api::device::{Delivery, Done, MendCommand, Refusal, UnsentCommand};
use domain::api::sync::command;
use domain::ids::{AssociateId, CustomerId};
use domain::note::{Note, NoteChange, NoteRemoval};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use sync::{MAX_LIST, NewCommand};

/// What the kinds of commands about carts begin with.
const CART_KINDS: &str = "cart.";
/// What the cloud says of a change whose note is not there any more.
const NOTE_GONE: &str = "note-gone";

/// A command in the place of a refused one.
struct Mended {
    form: Form,
    args: Box<RawValue>,
    about: CustomerId,
}

pub(super) fn mend_command(
    shared: &Shared,
    caller: &Caller,
    request: &MendCommand,
) -> Result<Done, Refusal> {
    let author = &caller.signed_in()?.session.face.id;
    let refused = find(shared, request)?;
    if refused.kind.starts_with(CART_KINDS) {
        return mend_cart(shared, caller, &refused);
    }
    let mended = match refused.kind.as_str() {
        command::NOTE_ADD => add(&refused, request)?,
        command::NOTE_CHANGE if refused.code.as_deref() == Some(NOTE_GONE) => {
            add_anew(shared, &refused, request, author)?
        }
        command::NOTE_CHANGE => change(&refused, request, author)?,
        command::NOTE_REMOVE => remove(&refused, request, author)?,
        _ => {
            return Err(invalid(
                "id",
                "is a command that this program cannot change",
            ));
        }
    };
    check_customer(shared, &mended.about)?;
    let issued_at = shared.now();
    let command = NewCommand {
        id: &new_id(shared, issued_at)?,
        kind: mended.form.kind,
        version: mended.form.version,
        args: &mended.args,
        issued_at,
    };
    let queued = shared.replica.mend(&request.id, &command);
    queued.map_err(of_replica)?;
    kept(shared, &mended.about);
    Ok(Done {})
}

/// What was done to a cart is done again, on the cart as it is now.
fn mend_cart(shared: &Shared, caller: &Caller, refused: &UnsentCommand) -> Result<Done, Refusal> {
    let issued_at = shared.now();
    let id = new_id(shared, issued_at)?;
    let (args, cart) = cart::mended(shared, caller, refused, &id)?;
    let command = NewCommand {
        id: &id,
        kind: &refused.kind,
        version: cart::VERSION,
        args: &args,
        issued_at,
    };
    shared
        .replica
        .mend(&refused.id, &command)
        .map_err(of_replica)?;
    cart::kept(shared, &cart);
    Ok(Done {})
}

fn find(shared: &Shared, request: &MendCommand) -> Result<UnsentCommand, Refusal> {
    let unsent = shared.replica.unsent(MAX_LIST).map_err(of_replica)?;
    let mut refused = unsent.into_iter().filter(|command| {
        command.id == request.id && matches!(command.state, Delivery::Refused(_))
    });
    refused.next().ok_or_else(|| not_found("refused command"))
}

fn add(refused: &UnsentCommand, request: &MendCommand) -> Result<Mended, Refusal> {
    let mut note: Note = read(refused)?;
    note.text = text(request, note.text)?;
    note.pinned = request.pinned.unwrap_or(note.pinned);
    mended(add_note::FORM, &note, &note.customer)
}

/// The note is gone: what she wanted it to say becomes a new one.
fn add_anew(
    shared: &Shared,
    refused: &UnsentCommand,
    request: &MendCommand,
    author: &AssociateId,
) -> Result<Mended, Refusal> {
    let change: NoteChange = read(refused)?;
    let written_at = shared.now();
    let note = Note {
        id: add_note::new_note_id(shared, written_at)?,
        customer: change.customer,
        text: text(request, change.text)?,
        author: author.clone(),
        written_at,
        pinned: request.pinned.unwrap_or(change.pinned),
    };
    mended(add_note::FORM, &note, &note.customer)
}

fn change(
    refused: &UnsentCommand,
    request: &MendCommand,
    author: &AssociateId,
) -> Result<Mended, Refusal> {
    let mut change: NoteChange = read(refused)?;
    change.text = text(request, change.text)?;
    change.pinned = request.pinned.unwrap_or(change.pinned);
    change.base = request.base.unwrap_or(change.base);
    change.author = author.clone();
    mended(change_note::FORM, &change, &change.customer)
}

fn remove(
    refused: &UnsentCommand,
    request: &MendCommand,
    author: &AssociateId,
) -> Result<Mended, Refusal> {
    let mut removal: NoteRemoval = read(refused)?;
    removal.base = request.base.unwrap_or(removal.base);
    removal.author = author.clone();
    mended(remove_note::FORM, &removal, &removal.customer)
}

fn mended<T: Serialize>(form: Form, args: &T, about: &CustomerId) -> Result<Mended, Refusal> {
    Ok(Mended {
        form,
        args: to_raw_value(args).map_err(fault)?,
        about: about.clone(),
    })
}

/// The text of the note from now on.
fn text(request: &MendCommand, before: String) -> Result<String, Refusal> {
    let text = request.text.clone().unwrap_or(before);
    check_text(&text)?;
    Ok(text)
}

fn read<T: DeserializeOwned>(refused: &UnsentCommand) -> Result<T, Refusal> {
    serde_json::from_value(refused.args.clone())
        .map_err(|_| invalid("id", "is a command that this program cannot change"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;
    use domain::api::device::{
        AddNote, ChangeNote, ExportUnsent, ListUnsent, ReadStatus, RefusalCode, SetAside,
    };
    use domain::api::sync::{CommandResult, CommandStatus, PushResponse};
    use std::collections::BTreeMap;

    /// A tablet whose one command was refused.
    async fn refused(code: &str, change: bool) -> (Bench, UnsentCommand) {
        let tablet = Bench::with_ana().await;
        let customer = CustomerId::parse("c-1").unwrap();
        let (text, pinned) = ("Likes wool".to_owned(), false);
        let note = AddNote {
            customer: customer.clone(),
            text,
            pinned,
        };
        let view = tablet.ask(note).await.unwrap();
        let mut results = vec![result(1, CommandStatus::Rejected, code)];
        if change {
            let (id, base, text) = (view.note.id, view.version, "Likes silk".to_owned());
            tablet
                .ask(ChangeNote {
                    id,
                    customer,
                    base,
                    text,
                    pinned: true,
                })
                .await
                .unwrap();
            results = vec![
                result(1, CommandStatus::Applied, ""),
                result(2, CommandStatus::Rejected, code),
            ];
        }
        let last_cseq = results.len() as u64;
        let answer = PushResponse { last_cseq, results };
        tablet.device.shared().replica.settle(&answer).unwrap();
        let unsent = tablet.ask(ListUnsent {}).await.unwrap();
        let command = unsent
            .into_iter()
            .find(|command| command.state != Delivery::Kept);
        (tablet, command.unwrap())
    }

    fn result(cseq: u64, status: CommandStatus, code: &str) -> CommandResult {
        CommandResult {
            cseq,
            status,
            code: Some(code.into()),
            message: None,
            seqs: BTreeMap::new(),
        }
    }

    fn mend(id: &UnsentCommand, text: &str) -> MendCommand {
        MendCommand {
            id: id.id.clone(),
            text: Some(text.into()),
            pinned: None,
            base: Some(9),
        }
    }

    async fn waiting(tablet: &Bench) -> UnsentCommand {
        let unsent = tablet.ask(ListUnsent {}).await.unwrap();
        assert_eq!(unsent.len(), 1, "{unsent:?}");
        unsent.into_iter().next().unwrap()
    }

    #[tokio::test]
    async fn a_refused_note_is_sent_again_with_other_words() {
        let (tablet, command) = refused("note-invalid", false).await;
        assert_eq!(command.about.as_deref(), Some("Zoë Łukasz"));
        tablet.ask(mend(&command, "Loves wool")).await.unwrap();
        let mended = waiting(&tablet).await;
        assert_ne!(mended.id, command.id);
        assert_eq!(
            (mended.state, mended.args["id"].clone()),
            (Delivery::Kept, command.args["id"].clone())
        );
        assert_eq!(mended.args["text"], "Loves wool");
        let again = tablet.ask(mend(&command, "x")).await.unwrap_err();
        assert_eq!(again.code, RefusalCode::NotFound, "it is gone");
    }

    #[tokio::test]
    async fn a_change_goes_on_from_what_is_there_now() {
        let (tablet, command) = refused("note-moved", true).await;
        tablet.ask(mend(&command, "Likes both")).await.unwrap();
        let mended = waiting(&tablet).await;
        assert_eq!(
            (mended.kind.as_str(), mended.args["base"].as_u64()),
            (command::NOTE_CHANGE, Some(9))
        );
        assert_eq!(mended.args["pinned"], true, "as she wanted it");
    }

    #[tokio::test]
    async fn a_change_of_a_note_that_is_gone_becomes_a_new_note() {
        let (tablet, command) = refused(NOTE_GONE, true).await;
        tablet.ask(mend(&command, "Likes both")).await.unwrap();
        let mended = waiting(&tablet).await;
        assert_eq!(
            (mended.kind.as_str(), mended.args["text"].as_str()),
            (command::NOTE_ADD, Some("Likes both"))
        );
        assert_ne!(mended.args["id"], command.args["id"]);
    }

    #[tokio::test]
    async fn words_that_make_no_note_leave_everything_as_it_is() {
        let (tablet, command) = refused("note-invalid", false).await;
        let refusal = tablet.ask(mend(&command, " ")).await.unwrap_err();
        assert!(refusal.message.contains("text"), "{refusal}");
        assert_eq!(waiting(&tablet).await, command);
    }

    #[tokio::test]
    async fn what_is_set_aside_is_kept_and_waits_for_nobody() {
        let (tablet, command) = refused("note-invalid", false).await;
        let attention = async || {
            tablet
                .ask(ReadStatus {})
                .await
                .unwrap()
                .sync
                .needs_attention
        };
        assert_eq!(attention().await, 1);
        let id = command.id.clone();
        tablet.ask(SetAside { id: id.clone() }).await.unwrap();
        assert_eq!(attention().await, 0);
        assert!(waiting(&tablet).await.set_aside);
        let exported = tablet.ask(ExportUnsent {}).await.unwrap();
        assert!(exported.json.contains(id.as_str()) && exported.json.contains("Likes wool"));
        assert_eq!(exported.file_name, "aisle-unsent-20260517-100000.json");
    }
}
