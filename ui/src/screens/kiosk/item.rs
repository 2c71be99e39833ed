//! An item at the kiosk: the same page as an associate's, for a shopper's hand.

use crate::load::Load;
use crate::model::trail::Stop;
use crate::parts::icon::icon;
use crate::screens::associate::{about, asked, shelf, variants};
use crate::screens::kiosk::{Kiosk, cart};
use crate::tablet::Tablet;
use domain::api::device::{Aged, ItemPage, OpenItem};
use domain::ids::Sku;
use leptos::prelude::*;

/// The page.
pub(crate) fn item(tablet: Tablet, kiosk: Kiosk, sku: Sku) -> impl IntoView {
    let load: RwSignal<Load<Aged<ItemPage>>> = RwSignal::new(Load::default());
    view! {
        <article class="item-page" data-testid="item-page">
            {asked(tablet, load, OpenItem { sku }, move |page| move || page.with(|page| body(tablet, kiosk, &page.value)))}
        </article>
    }
}

fn body(tablet: Tablet, kiosk: Kiosk, page: &ItemPage) -> impl IntoView + use<> {
    let words = tablet.words();
    let open = Callback::new(move |sku| kiosk.go(Stop::Item(sku)));
    let others = page.variants.len() > 1;
    let busy = RwSignal::new(false);
    let sku = page.view.item.sku.clone();
    view! {
        {about(tablet, &page.view)}
        <button type="button" class="button button-primary" data-testid="add-to-cart" disabled=move || busy.get()
            on:click=move |_| cart::put(tablet, kiosk, sku.clone(), busy)>{icon("cart")} {words.add_to_cart}</button>
        {others.then(|| view! { <h2 class="label">{words.variants}</h2> {variants(tablet, page, open)} })}
        {page.shelves.iter().map(|one| shelf(tablet, one, open)).collect_view()}
    }
}
