//! A refused command, as the repair screen shows it: why, in plain words, and what can be done about it. Nothing here
//! decides whether it will be accepted the next time.

use crate::words::Words;
use domain::api::device::{Delivery, Theirs, UnsentCommand};
use domain::api::sync::command;

/// What was wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A new note.
    Add,
    /// Another text, or another place on the card.
    Change,
    /// No note any more.
    Remove,
    /// Something that this program does not know.
    Other,
}

/// Why the cloud refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody else changed the note first.
    Moved,
    /// The note is not there any more.
    Gone,
    /// The customer is not known.
    Customer,
    /// Whoever wrote it is not of the team.
    Author,
    /// It was written by a program that is too old.
    Old,
    /// It cannot be read or used as it is.
    Invalid,
    /// Anything else.
    Other,
}

/// What somebody can do about it, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Sends it over what the cloud has.
    SendMine,
    /// Takes the note away although it was changed.
    RemoveAnyway,
    /// A change of what is gone becomes a note of its own.
    KeepAsNew,
    /// Sends it once more as it is.
    SendAgain,
    /// Opens it for changes.
    Edit,
    /// Leaves what the cloud has; the command is set aside.
    KeepTheirs,
    /// Keeps it, but waits for nobody any more.
    SetAside,
}

/// A refused command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was wanted.
    pub wish: Wish,
    /// Why it was refused.
    pub why: Why,
    /// The cloud's own sentence about it.
    pub reason: String,
    /// The text of the note, where it has one.
    pub text: Option<String>,
    /// Whether the note was to stay on top.
    pub pinned: bool,
    /// The note as the cloud has it.
    pub theirs: Option<Theirs>,
}

impl Refused {
    /// Reads a command of the queue; `None` where it was not refused.
    #[must_use]
    pub fn of(command: &UnsentCommand) -> Option<Self> {
        let Delivery::Refused(reason) = &command.state else {
            return None;
        };
        let text = command.args.get("text").and_then(|text| text.as_str());
        let pinned = command
            .args
            .get("pinned")
            .and_then(|pinned| pinned.as_bool());
        Some(Self {
            wish: wish(&command.kind),
            why: why(command.code.as_deref()),
            reason: reason.clone(),
            text: text.map(str::to_owned),
            pinned: pinned.unwrap_or_default(),
            theirs: command.theirs.clone(),
        })
    }

    /// What can be done about it.
    #[must_use]
    pub const fn offers(&self) -> &'static [Offer] {
        use Offer::{Edit, KeepAsNew, KeepTheirs, RemoveAnyway, SendAgain, SendMine, SetAside};
        match (self.wish, self.why, self.theirs.is_some()) {
            (Wish::Change, Why::Moved, true) => &[SendMine, Edit, KeepTheirs],
            (Wish::Remove, Why::Moved, true) => &[RemoveAnyway, KeepTheirs],
            (Wish::Change, Why::Gone, _) => &[KeepAsNew, Edit, SetAside],
            (Wish::Add | Wish::Change, Why::Invalid, _) => &[Edit, SetAside],
            (Wish::Add | Wish::Change, ..) => &[SendAgain, Edit, SetAside],
            (Wish::Remove | Wish::Other, ..) => &[SendAgain, SetAside],
        }
    }
}

/// What a kind of command wants.
#[must_use]
pub fn wish(kind: &str) -> Wish {
    match kind {
        command::NOTE_ADD => Wish::Add,
        command::NOTE_CHANGE => Wish::Change,
        command::NOTE_REMOVE => Wish::Remove,
        _ => Wish::Other,
    }
}

/// What a code of the cloud means.
#[must_use]
pub fn why(code: Option<&str>) -> Why {
    match code {
        Some("note-moved") => Why::Moved,
        Some("note-gone") => Why::Gone,
        Some("customer-unknown") => Why::Customer,
        Some("author-unknown") => Why::Author,
        Some("version-too-old") => Why::Old,
        Some("note-invalid" | "unreadable" | "kind-unknown") => Why::Invalid,
        _ => Why::Other,
    }
}

/// What a command is called.
#[must_use]
pub const fn name(wish: Wish, words: &Words) -> &'static str {
    match wish {
        Wish::Add => words.command_note,
        Wish::Change => words.command_change,
        Wish::Remove => words.command_removal,
        Wish::Other => words.command_other,
    }
}

/// Why it was refused, to whoever wrote it.
#[must_use]
pub const fn sentence(why: Why, words: &Words) -> &'static str {
    match why {
        Why::Moved => words.why_moved,
        Why::Gone => words.why_gone,
        Why::Customer => words.why_customer,
        Why::Author => words.why_author,
        Why::Old => words.why_old,
        Why::Invalid => words.why_invalid,
        Why::Other => words.why_other,
    }
}

/// What an offer's button says.
#[must_use]
pub const fn label(offer: Offer, words: &Words) -> &'static str {
    match offer {
        Offer::SendMine => words.send_mine,
        Offer::RemoveAnyway => words.remove_anyway,
        Offer::KeepAsNew => words.keep_as_new,
        Offer::SendAgain => words.send_again,
        Offer::Edit => words.edit,
        Offer::KeepTheirs => words.keep_theirs,
        Offer::SetAside => words.set_aside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn command(kind: &str, code: &str, theirs: bool) -> UnsentCommand {
        let theirs = theirs.then(|| json!({"version": 3, "text": "Theirs", "pinned": false}));
        serde_json::from_value(json!({
            "id": "0190a0e0-0000-7000-8000-000000000001", "kind": kind, "issued_at": "2026-07-01T10:00:00Z",
            "state": {"refused": "the note was changed by somebody else"}, "code": code, "theirs": theirs,
            "args": {"id": "n-1", "text": "Mine", "pinned": true}}))
        .unwrap()
    }

    fn refused(kind: &str, code: &str, theirs: bool) -> Refused {
        Refused::of(&command(kind, code, theirs)).unwrap()
    }

    #[test]
    fn what_waits_was_not_refused() {
        let mut waits = command(command::NOTE_ADD, "", false);
        waits.state = Delivery::Kept;
        assert_eq!(Refused::of(&waits), None);
    }

    #[test]
    fn a_change_that_came_second_is_shown_beside_the_first() {
        let moved = refused(command::NOTE_CHANGE, "note-moved", true);
        assert_eq!((moved.text.as_deref(), moved.pinned), (Some("Mine"), true));
        assert_eq!(moved.theirs.as_ref().unwrap().text, "Theirs");
        let offers = [Offer::SendMine, Offer::Edit, Offer::KeepTheirs];
        assert_eq!(moved.offers(), offers);
        let removal = refused(command::NOTE_REMOVE, "note-moved", true);
        assert_eq!(removal.offers(), [Offer::RemoveAnyway, Offer::KeepTheirs]);
    }

    #[test]
    fn every_refusal_can_be_set_aside_or_left_to_theirs_and_is_worded() {
        let kinds = [
            command::NOTE_ADD,
            command::NOTE_CHANGE,
            command::NOTE_REMOVE,
            "cart.add",
        ];
        let codes = [
            "note-moved",
            "note-gone",
            "customer-unknown",
            "author-unknown",
            "version-too-old",
            "unreadable",
            "note-invalid",
            "kind-unknown",
            "of-tomorrow",
        ];
        let words = crate::words::Lang::En.words();
        for (kind, code, theirs) in kinds
            .iter()
            .flat_map(|kind| codes.iter().map(move |code| (kind, code)))
            .flat_map(|(kind, code)| [(kind, code, true), (kind, code, false)])
        {
            let refused = refused(kind, code, theirs);
            let last = refused.offers().last().copied();
            let leaves = matches!(last, Some(Offer::SetAside | Offer::KeepTheirs));
            assert!(leaves && refused.offers().len() > 1, "{kind} {code}");
            assert!(!sentence(refused.why, words).is_empty());
            let edits = refused.offers().contains(&Offer::Edit);
            let writes = matches!(refused.wish, Wish::Add | Wish::Change);
            assert_eq!(edits, writes, "{kind} {code}");
        }
    }
}
