//! Finds a receipt by its number: to print it again, or to take goods back.

use crate::parts::icon::icon;
use crate::route::Route;
use crate::tablet::Tablet;
use leptos::html;
use leptos::prelude::*;

/// The field.
pub(crate) fn find_receipt(tablet: Tablet) -> impl IntoView {
    let words = tablet.cart_words();
    let node: NodeRef<html::Input> = NodeRef::new();
    let find = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = node
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        let typed = typed.trim().to_owned();
        if !typed.is_empty() {
            tablet.place.go(Route::Order(typed));
        }
    };
    view! {
        <form class="find-receipt" on:submit=find>
            <div class="search grow">
                {icon("receipt")}
                <input class="input figure" node_ref=node dir="ltr" aria-label=words.find_receipt placeholder=words.find_receipt
                    autocomplete="off" spellcheck="false" maxlength="128" data-testid="receipt-number"/>
            </div>
            <button class="button" data-testid="receipt-find">{words.find}</button>
        </form>
    }
}
