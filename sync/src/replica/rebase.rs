//! What the associate did, folded over what the cloud confirmed: she sees her own writes at once, and each once.

use super::outbox::{CONFIRMED, QUEUED, delivery};
use domain::api::device::Delivery;
use domain::api::sync::command;
use domain::note::{Note, NoteChange, NoteRemoval};
use std::collections::HashMap;

/// The version that a new note gets in the cloud.
const FIRST: u64 = 1;

/// A command about a note, or of another kind that is folded, from the queue.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    pub(super) kind: String,
    pub(super) state: u8,
    pub(super) reason: Option<String>,
    pub(super) args: String,
    /// Of a confirmed one: whether its change is still to come.
    pub(super) coming: bool,
}

/// A note as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) note: Note,
    /// The version that it has, or will have when all that waits here is done.
    pub(super) version: u64,
    /// How far it, or the last change of it, has come.
    pub(super) state: Delivery,
}

/// Folds the queue, in its order, over the rows. Pinned notes come first, then the newest.
pub(super) fn fold(rows: Vec<(Note, u64)>, queue: &[Noted]) -> Vec<Shown> {
    let mut notes = Notes::default();
    for (note, version) in rows {
        let state = Delivery::Sent;
        notes.put(Shown {
            note,
            version,
            state,
        });
    }
    for noted in queue {
        match noted.kind.as_str() {
            command::NOTE_ADD => notes.add(noted),
            command::NOTE_CHANGE => notes.change(noted),
            command::NOTE_REMOVE => notes.remove(noted),
            _ => {}
        }
    }
    notes.in_order()
}

impl Noted {
    /// As `list_noted.sql` and `list_picked.sql` select it.
    pub(super) fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            kind: row.get(0)?,
            state: row.get(1)?,
            reason: row.get(2)?,
            args: row.get(3)?,
            coming: row.get(4)?,
        })
    }

    /// Whether what it says is to be seen: it waits, or it is done and its change is not here yet.
    pub(super) const fn is_ahead(&self) -> bool {
        self.state == QUEUED || (self.state == CONFIRMED && self.coming)
    }

    fn delivery(&self) -> Delivery {
        delivery(self.state, self.reason.clone())
    }

    /// Its arguments. What this program cannot read was queued by another one, and is shown once it is decided.
    pub(super) fn args<'a, T: serde::Deserialize<'a>>(&'a self) -> Option<T> {
        serde_json::from_str(&self.args).ok()
    }
}

/// Notes by their ids.
#[derive(Default)]
struct Notes(HashMap<String, Shown>);

impl Notes {
    fn put(&mut self, shown: Shown) {
        self.0.insert(shown.note.id.to_string(), shown);
    }

    /// A note that is here already came through the feed before its answer did.
    fn add(&mut self, noted: &Noted) {
        if let Some(note) = noted.args::<Note>()
            && !self.0.contains_key(note.id.as_str())
        {
            self.put(Shown {
                note,
                version: FIRST,
                state: noted.delivery(),
            });
        }
    }

    fn change(&mut self, noted: &Noted) {
        let Some(change) = noted.args::<NoteChange>() else {
            return;
        };
        let Some(shown) = self.0.get_mut(change.id.as_str()) else {
            return;
        };
        if noted.is_ahead() {
            // Where the note has moved beyond the base, the change is in it already or will be refused.
            shown.version = shown.version.max(change.base.saturating_add(1));
            shown.note.text = change.text;
            shown.note.pinned = change.pinned;
            shown.state = noted.delivery();
        } else if noted.state != CONFIRMED {
            shown.state = noted.delivery();
        }
    }

    fn remove(&mut self, noted: &Noted) {
        let Some(removal) = noted.args::<NoteRemoval>() else {
            return;
        };
        if noted.is_ahead() {
            self.0.remove(removal.id.as_str());
        } else if noted.state != CONFIRMED
            && let Some(shown) = self.0.get_mut(removal.id.as_str())
        {
            shown.state = noted.delivery();
        }
    }

    fn in_order(self) -> Vec<Shown> {
        let mut shown: Vec<Shown> = self.0.into_values().collect();
        shown.sort_by(|a, b| {
            let key = |shown: &Shown| (shown.note.pinned, shown.note.written_at);
            (key(b), b.note.id.as_str()).cmp(&(key(a), a.note.id.as_str()))
        });
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn note(id: &str, text: &str, written_at: &str) -> Note {
        serde_json::from_value(
            json!({"id": id, "customer": "c", "text": text, "author": "a", "written_at": written_at}),
        )
        .unwrap()
    }

    fn noted(kind: &str, state: u8, args: &Value) -> Noted {
        Noted {
            kind: kind.to_owned(),
            state,
            reason: (state == 2).then(|| "no".to_owned()),
            args: args.to_string(),
            coming: state == CONFIRMED,
        }
    }

    fn change(state: u8, base: u64, text: &str, pinned: bool) -> Noted {
        let args = json!({"id": "n", "customer": "c", "base": base, "text": text, "pinned": pinned, "author": "a"});
        noted("note.change", state, &args)
    }

    fn removal(state: u8) -> Noted {
        let args = json!({"id": "n", "customer": "c", "base": 1, "author": "a"});
        noted("note.remove", state, &args)
    }

    fn row() -> Vec<(Note, u64)> {
        vec![(note("n", "old", "2026-05-17T09:00:00Z"), 3)]
    }

    fn one(rows: Vec<(Note, u64)>, queue: &[Noted]) -> (String, u64, Delivery) {
        let shown = fold(rows, queue);
        assert_eq!(shown.len(), 1, "{shown:?}");
        let Shown {
            note,
            version,
            state,
        } = shown[0].clone();
        (note.text, version, state)
    }

    #[test]
    fn changes_are_seen_at_once_and_build_on_each_other() {
        let queue = [change(0, 3, "new", false), change(0, 4, "newer", true)];
        assert_eq!(one(row(), &queue), ("newer".to_owned(), 5, Delivery::Kept));
        assert!(fold(row(), &queue)[0].note.pinned);
        let add = serde_json::to_value(note("n", "mine", "2026-05-17T09:00:00Z")).unwrap();
        let queue = [noted("note.add", 0, &add), change(0, 1, "changed", false)];
        assert_eq!(
            one(Vec::new(), &queue),
            ("changed".to_owned(), 2, Delivery::Kept)
        );
    }

    #[test]
    fn a_change_that_came_before_its_answer_counts_once() {
        let applied = vec![(note("n", "new", "2026-05-17T09:00:00Z"), 4)];
        assert_eq!(
            one(applied, &[change(0, 3, "new", false)]),
            ("new".to_owned(), 4, Delivery::Kept)
        );
    }

    #[test]
    fn what_was_refused_shows_what_the_cloud_has_and_says_so() {
        let refused = Delivery::Refused("no".to_owned());
        assert_eq!(
            one(row(), &[change(2, 2, "new", true)]),
            ("old".to_owned(), 3, refused.clone())
        );
        assert_eq!(one(row(), &[removal(2)]), ("old".to_owned(), 3, refused));
        assert_eq!(
            one(
                row(),
                &[change(2, 2, "x", true), change(0, 3, "new", false)]
            ),
            ("new".to_owned(), 4, Delivery::Kept)
        );
    }

    #[test]
    fn what_was_overtaken_shows_what_the_cloud_has() {
        let mut overtaken = change(CONFIRMED, 2, "new", false);
        overtaken.coming = false;
        assert_eq!(
            one(row(), &[overtaken]),
            ("old".to_owned(), 3, Delivery::Sent)
        );
    }

    #[test]
    fn what_is_removed_is_gone_at_once() {
        assert!(fold(row(), &[removal(0)]).is_empty());
        assert!(fold(row(), &[removal(CONFIRMED)]).is_empty());
        assert!(fold(row(), &[removal(0), change(0, 3, "late", false)]).is_empty());
    }

    #[test]
    fn pinned_notes_come_first_then_the_newest() {
        let mut rows = vec![
            (note("a", "1", "2026-05-17T09:00:00Z"), 1),
            (note("b", "2", "2026-05-18T09:00:00Z"), 1),
            (note("c", "3", "2026-05-16T09:00:00Z"), 1),
        ];
        rows[2].0.pinned = true;
        let order: Vec<_> = fold(rows, &[])
            .into_iter()
            .map(|shown| shown.note.text)
            .collect();
        assert_eq!(order, ["3", "2", "1"]);
    }
}
