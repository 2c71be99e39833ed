//! What was done last, and the key that takes it back. It stays until something else is done: nobody is hurried.

use crate::parts::icon::icon;
use crate::screens::cart::desk::Desk;
use leptos::prelude::*;

/// The bar; its place is always there, so that nothing jumps and a screen reader hears what comes into it.
pub(crate) fn undo(desk: Desk) -> impl IntoView {
    let (shown, words) = (desk.tablet.words(), desk.tablet.cart_words());
    let inside = move || {
        let undo = desk.undo.get()?;
        let can = undo.change.is_some();
        let key = can.then(|| {
            view! {
                <button type="button" class="button" data-testid="cart-undo" on:click=move |_| desk.take_back()>{icon("undo")} {words.undo}</button>
            }
        });
        Some(view! {
            <div class="cart-undo">
                <span class="grow" dir="auto">{undo.text}</span>
                {key}
                <button type="button" class="button button-icon button-quiet" aria-label=shown.close on:click=move |_| desk.undo.set(None)>{icon("close")}</button>
            </div>
        })
    };
    view! { <div class="cart-undo-place" role="status" data-testid="cart-undo-place">{inside}</div> }
}
