//! Notes on a customer, and a field for the next one. What is written is kept at once, network or not.

use crate::asking;
use crate::backend;
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::screens::associate::note_editor::pin_button;
use crate::screens::associate::note_row::note_row;
use crate::tablet::Tablet;
use domain::api::device::{AddNote, Aged, CustomerCard, OpenCustomer};
use domain::ids::CustomerId;
use domain::note::{MAX_NOTE_CHARS, check_note};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Room from which on the field counts.
const COUNT_FROM: usize = 200;

/// A note that is being written.
#[derive(Clone, Copy)]
struct Draft {
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    text: RwSignal<String>,
    pinned: RwSignal<bool>,
    busy: RwSignal<bool>,
    complaint: RwSignal<Option<String>>,
}

impl Draft {
    fn is_fit(self) -> bool {
        self.text.with(|text| check_note(text).is_ok())
    }

    fn left(self) -> usize {
        MAX_NOTE_CHARS.saturating_sub(self.text.with(|text| text.chars().count()))
    }

    /// Keeps the note; the text stays in the field until the device has it.
    fn keep(self, customer: CustomerId) {
        let text = self.text.get_untracked().trim().to_owned();
        if self.busy.get_untracked() || check_note(&text).is_err() {
            return;
        }
        self.busy.set(true);
        let note = AddNote {
            customer: customer.clone(),
            text,
            pinned: self.pinned.get_untracked(),
        };
        spawn_local(async move {
            let outcome = backend::call(&note).await;
            self.busy.try_set(false);
            match outcome {
                Ok(_) => {
                    self.text.try_set(String::new());
                    self.pinned.try_set(false);
                    self.complaint.try_set(None);
                    asking::ask(self.load, OpenCustomer { customer });
                    self.tablet.refresh();
                }
                Err(refusal) => {
                    let words = self.tablet.words();
                    self.complaint
                        .try_set(Some(notice::sentence(&refusal, words).to_owned()));
                }
            }
        });
    }
}

/// The notes.
pub(crate) fn notes(
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    card: Signal<Aged<CustomerCard>>,
) -> impl IntoView {
    let words = tablet.words();
    let notes = Memo::new(move |_| card.with(|card| card.value.notes.clone()));
    view! {
        <h3 class="label">{words.notes}</h3>
        {write(tablet, load, card)}
        {move || notes.with(Vec::is_empty).then(|| view! { <p class="soft">{words.no_notes}</p> })}
        <ul class="notes" role="list" aria-live="polite">
            {rows(notes.into(), |view| view.note.id.clone(), move |view| note_row(tablet, load, view))}
        </ul>
    }
}

fn write(
    tablet: Tablet,
    load: RwSignal<Load<Aged<CustomerCard>>>,
    card: Signal<Aged<CustomerCard>>,
) -> impl IntoView {
    let words = tablet.words();
    let draft = Draft {
        tablet,
        load,
        text: RwSignal::new(String::new()),
        pinned: RwSignal::new(false),
        busy: RwSignal::new(false),
        complaint: RwSignal::new(None),
    };
    let keep = move || draft.keep(card.with_untracked(|card| card.value.customer.id.clone()));
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            keep();
        }
    };
    let left = move || (draft.left() < COUNT_FROM).then(|| (words.letters_left)(draft.left()));
    view! {
        <form class="note-write" on:submit=move |event| { event.prevent_default(); keep(); }>
            <textarea class="input" rows="2" data-testid="note-input" aria-label=words.write_note placeholder=words.write_note
                maxlength=MAX_NOTE_CHARS.to_string() dir="auto" prop:value=move || draft.text.get()
                on:input:target=move |event| draft.text.set(event.target().value()) on:keydown=key></textarea>
            <div class="line apart">
                {pin_button(words, draft.pinned)}
                <span class="small soft grow" role="status">{left}</span>
                <button class="button" type="submit" data-testid="note-save" disabled=move || !draft.is_fit() || draft.busy.get()>
                    {icon("note")} {words.keep_note}
                </button>
            </div>
            <p class="small danger" role="alert">{move || draft.complaint.get()}</p>
        </form>
    }
}
