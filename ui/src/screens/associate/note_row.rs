//! One note of a card: read, and changed or removed by who may.

use crate::asking;
use crate::backend;
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::place::{Address, is_plain};
use crate::route::Route;
use crate::screens::associate::note_editor::{Written, note_editor};
use crate::tablet::Tablet;
use domain::access::Role;
use domain::api::device::{
    Aged, ChangeNote, CustomerCard, Delivery, DeviceCall, NoteView, OpenCustomer, RemoveNote,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A note that is shown, and whether it is being changed.
#[derive(Clone, Copy)]
struct Row {
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    note: Signal<NoteView>,
    editing: RwSignal<bool>,
}

impl Row {
    /// Makes a call about the note; the card follows.
    fn act<C: DeviceCall + 'static>(self, call: C) {
        spawn_local(async move {
            match backend::call(&call).await {
                Ok(_) => {
                    self.editing.try_set(false);
                    if let Some(note) = self.note.try_get_untracked() {
                        let customer = note.note.customer;
                        asking::ask(self.load, OpenCustomer { customer });
                    }
                }
                Err(refusal) => {
                    let said = notice::sentence(&refusal, self.tablet.words());
                    self.tablet.tell(said.to_owned());
                }
            }
            self.tablet.refresh();
        });
    }

    fn change(self, written: Written) {
        let view = self.note.get_untracked();
        let (note, base) = (view.note, view.version);
        if note.text == written.text && note.pinned == written.pinned {
            self.editing.set(false);
            return;
        }
        self.act(ChangeNote {
            id: note.id,
            customer: note.customer,
            base,
            text: written.text,
            pinned: written.pinned,
        });
    }

    fn remove(self) {
        let view = self.note.get_untracked();
        self.act(RemoveNote {
            id: view.note.id,
            customer: view.note.customer,
            base: view.version,
        });
    }

    /// Her own notes, and a manager's everybody's.
    fn is_mine(self) -> bool {
        let author = self.note.with(|view| view.note.author.clone());
        self.tablet.status.with(|status| {
            let session = status.ready().and_then(|status| status.session.as_ref());
            session.is_some_and(|session| {
                session.face.id == author || session.face.role == Role::Manager
            })
        })
    }
}

/// The row.
pub(crate) fn note_row(
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    note: Signal<NoteView>,
) -> impl IntoView {
    let row = Row {
        tablet,
        load,
        note,
        editing: RwSignal::new(false),
    };
    let id = note.with_untracked(|view| view.note.id.to_string());
    let state = move || note.with(|view| style(&view.state));
    let pinned = move || note.with(|view| view.note.pinned).to_string();
    view! {
        <li class="note" data-testid="note" data-note=id data-state=state data-pinned=pinned>
            {move || if row.editing.get() { editor(row).into_any() } else { shown(row).into_any() }}
        </li>
    }
}

fn shown(row: Row) -> impl IntoView {
    let words = row.tablet.words();
    let note = row.note;
    let mine = Memo::new(move |_| row.is_mine());
    let edit = move || {
        mine.get().then(|| view! {
            <button class="button button-icon button-quiet" data-testid="note-edit" aria-label=words.edit_note title=words.edit_note
                on:click=move |_| row.editing.set(true)>{icon("edit")}</button>
        })
    };
    let pinned = move || {
        let pinned = note.with(|view| view.note.pinned);
        pinned
            .then(|| view! { <span class="note-pinned">{icon("pin")} {words.pinned}</span> " · " })
    };
    view! {
        <div class="note-line">
            <p class="note-text grow" dir="auto">{move || note.with(|view| view.note.text.clone())}</p>
            {edit}
        </div>
        <p class="small soft">
            {pinned} <span dir="auto">{move || note.with(|view| view.author_name.clone())}</span> " · "
            {move || { let at = note.with(|view| view.note.written_at); (words.age)(row.tablet.age(at)) }} " · "
            <span class="note-state" data-testid="note-state">{move || note.with(|view| state(row.tablet, &view.state))}</span>
        </p>
    }
}

/// How far it has come; a refused one leads to where it can be mended.
fn state(tablet: Tablet, state: &Delivery) -> AnyView {
    let words = tablet.words();
    let mend = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            tablet.place.go(Route::Repair);
        }
    };
    match state {
        Delivery::Kept => words.kept.into_any(),
        Delivery::Sent => words.sent.into_any(),
        Delivery::Refused(_) => view! {
            <a class="note-mend" href=Route::Repair.path() data-testid="note-mend" on:click=mend>{words.why_other} " " {words.look_at_them}</a>
        }
        .into_any(),
    }
}

fn editor(row: Row) -> impl IntoView {
    let words = row.tablet.words();
    let first = row.note.with_untracked(|view| Written {
        text: view.note.text.clone(),
        pinned: view.note.pinned,
    });
    let sure = RwSignal::new(false);
    let remove = move |_| {
        if sure.get_untracked() {
            row.remove();
        } else {
            sure.set(true);
        }
    };
    let label = move || {
        if sure.get() {
            words.remove_sure
        } else {
            words.remove_note
        }
    };
    let done = Callback::new(move |written| row.change(written));
    let left = Callback::new(move |()| row.editing.set(false));
    view! {
        {note_editor(words, first, words.save, done, left)}
        <button class="button button-danger note-remove" type="button" data-testid="note-remove" on:click=remove>{icon("trash")} {label}</button>
    }
}

/// The name that styles know a state by.
const fn style(state: &Delivery) -> &'static str {
    match state {
        Delivery::Kept => "kept",
        Delivery::Sent => "sent",
        Delivery::Refused(_) => "refused",
    }
}
