//! What lies over everything else until it is answered. The browser keeps the focus inside and gives it back.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A dialog, open as long as it is shown. `left` is called when it is left by Escape or by a touch beside it.
pub(crate) fn modal(
    style: &'static str,
    label: &'static str,
    testid: &'static str,
    left: Callback<()>,
    inside: impl IntoView,
) -> impl IntoView {
    let node: NodeRef<html::Dialog> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            let _ = dialog.show_modal();
        }
    });
    // Closed before it goes: only then is the focus given back.
    on_cleanup(move || {
        if let Some(dialog) = node.get_untracked() {
            dialog.close();
        }
    });
    let beside = move |event: leptos::ev::MouseEvent| {
        // A touch on what lies inside has another target.
        let on_dialog = event.target()
            == node
                .get_untracked()
                .map(|dialog| dialog.unchecked_ref::<web_sys::EventTarget>().clone());
        if on_dialog {
            left.run(());
        }
    };
    view! {
        <dialog class=style node_ref=node aria-label=label data-testid=testid
            on:cancel=move |event: leptos::ev::Event| { event.prevent_default(); left.run(()); } on:click=beside>
            <div class="modal stack">{inside}</div>
        </dialog>
    }
}
