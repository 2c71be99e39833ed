//! A recognised shopper's home: her name, her standing, and shelves assembled for her.

use crate::model::money;
use crate::model::trail::Stop;
use crate::parts::notice;
use crate::screens::associate::{hits_tier, shelf};
use crate::screens::kiosk::Kiosk;
use crate::tablet::Tablet;
use domain::api::content::{Guest, Shelf};
use leptos::prelude::*;

/// Her home; nothing where she was forgotten meanwhile.
pub(crate) fn home(tablet: Tablet, kiosk: Kiosk) -> impl IntoView {
    let words = tablet.words();
    let guest = kiosk.guest.get_untracked()?;
    let nothing = guest
        .shelves
        .is_empty()
        .then(|| notice::empty("basket", words.no_items_here.to_owned(), words.browse_help));
    Some(view! {
        <div class="kiosk-home" data-testid="kiosk-home">
            {greeting(tablet, &guest)}
            {nothing}
            {shelves(tablet, kiosk, &guest.shelves)}
            <button class="button" on:click=move |_| kiosk.go(Stop::Browse)>{words.departments}</button>
            <p class="small soft">{words.guest_promise}</p>
        </div>
    })
}

fn greeting(tablet: Tablet, guest: &Guest) -> impl IntoView + use<> {
    let words = tablet.words();
    let points = money::count(guest.points, tablet.lang.get_untracked());
    view! {
        <header class="stack">
            <h1 class="display" dir="auto" data-testid="guest-hello">{(words.hello)(&guest.first_name)}</h1>
            <p class="soft">{if guest.returning { words.hello_returning } else { words.hello_new }}</p>
            <p class="chips">{hits_tier(guest.tier, words)} <span class="chip figure">{(words.points)(&points)}</span></p>
        </header>
    }
}

/// Shelves of items; a touch opens one.
pub(crate) fn shelves(tablet: Tablet, kiosk: Kiosk, shelves: &[Shelf]) -> impl IntoView + use<> {
    let open = Callback::new(move |sku| kiosk.go(Stop::Item(sku)));
    shelves
        .iter()
        .map(|one| shelf(tablet, one, open))
        .collect_view()
}
