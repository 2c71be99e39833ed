//! What was said of a line: shown below its title, written in place.

use crate::model::cart::line::CartLine;
use crate::parts::icon::icon;
use crate::screens::cart::desk::Desk;
use domain::cart::{Action, MAX_LINE_NOTE_CHARS};
use leptos::html;
use leptos::prelude::*;

/// The note, where there is one.
pub(crate) fn noted(one: Signal<CartLine>) -> impl IntoView {
    let note = Memo::new(move |_| one.with(|one| one.line.note.clone()));
    move || {
        let text = note.get();
        (!text.is_empty()).then(|| view! { <span class="cart-line-note small" dir="auto" data-testid="cart-line-note">{icon("note")} {text}</span> })
    }
}

/// Writes it. An empty text takes it away.
pub(crate) fn editor(
    desk: Desk,
    one: Signal<CartLine>,
    editing: RwSignal<bool>,
) -> impl IntoView + use<> {
    let (shown, words) = (desk.tablet.words(), desk.tablet.cart_words());
    let (line_id, before) = one.with_untracked(|one| (one.id().clone(), one.line.note.clone()));
    let node: NodeRef<html::Input> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(input) = node.get() {
            let _ = input.focus();
        }
    });
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = node
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        let text = text.trim().to_owned();
        let line_id = line_id.clone();
        desk.act(
            Action::NoteLine { line_id, text },
            Some(words.changed.to_owned()),
        );
        editing.set(false);
    };
    view! {
        <form class="cart-line-editor" on:submit=keep on:keydown=move |event| if event.key() == "Escape" { editing.set(false); }>
            <input class="input grow" node_ref=node value=before aria-label=words.line_note placeholder=words.line_note_help
                maxlength=MAX_LINE_NOTE_CHARS.to_string() dir="auto" autocomplete="off" data-testid="cart-note-input"/>
            <button class="button" data-testid="cart-note-save">{shown.save}</button>
            <button type="button" class="button button-quiet" on:click=move |_| editing.set(false)>{shown.cancel}</button>
        </form>
    }
}
