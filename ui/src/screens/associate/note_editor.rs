//! A field for the text of a note, and whether it stays on top: for changing one, and for mending a refused one.

use crate::parts::icon::icon;
use crate::words::Words;
use domain::note::{MAX_NOTE_CHARS, check_note};
use leptos::html;
use leptos::prelude::*;

/// A note as it is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its text.
    pub(crate) text: String,
    /// Whether it stays on top of the card.
    pub(crate) pinned: bool,
}

/// The editor; it takes the focus. `done` gets what was written, `left` is called when nothing is to change.
pub(crate) fn note_editor(
    words: &'static Words,
    first: Written,
    save: &'static str,
    done: Callback<Written>,
    left: Callback<()>,
) -> impl IntoView {
    let text = RwSignal::new(first.text);
    let pinned = RwSignal::new(first.pinned);
    let fit = move || text.with(|text| check_note(text).is_ok());
    let keep = move || {
        if fit() {
            done.run(Written {
                text: text.get_untracked().trim().to_owned(),
                pinned: pinned.get_untracked(),
            });
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            keep();
        }
        "Escape" => {
            event.stop_propagation();
            left.run(());
        }
        _ => {}
    };
    let field: NodeRef<html::Textarea> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    view! {
        <form class="note-write" data-testid="note-editor" on:submit=move |event| { event.prevent_default(); keep(); }>
            <textarea class="input" rows="3" node_ref=field data-testid="note-edit-input" aria-label=words.write_note
                maxlength=MAX_NOTE_CHARS.to_string() dir="auto" prop:value=move || text.get()
                on:input:target=move |event| text.set(event.target().value()) on:keydown=key></textarea>
            <div class="note-actions">
                {pin_button(words, pinned)}
                <button class="button button-icon button-quiet" type="button" data-testid="note-edit-cancel" aria-label=words.cancel
                    title=words.cancel on:click=move |_| left.run(())>{icon("close")}</button>
                <span class="grow"></span>
                <button class="button" type="submit" data-testid="note-edit-save" disabled=move || !fit()>{save}</button>
            </div>
        </form>
    }
}

/// Whether a note stays on top.
pub(crate) fn pin_button(words: &'static Words, pinned: RwSignal<bool>) -> impl IntoView {
    view! {
        <button class="button button-icon" type="button" data-testid="note-pin" aria-label=words.pin title=words.pin
            aria-pressed=move || pinned.get().to_string()
            on:click=move |_| pinned.update(|pinned| *pinned = !*pinned)>{icon("pin")}</button>
    }
}
