//! *For her*: recommendations, each with one plain reason.

use crate::model::reason;
use crate::parts::art::art;
use crate::parts::icon::icon;
use crate::parts::item::{price, stock};
use crate::parts::rows::rows;
use crate::place::{Address, is_plain};
use crate::route::Route;
use crate::screens::associate::pick_said::said;
use crate::screens::cart::add::{Into, add};
use crate::tablet::Tablet;
use domain::api::content::ShelfItem;
use domain::api::device::{Aged, CustomerCard};
use leptos::prelude::*;

/// Recommendations that the card shows.
const PICKS_MAX: usize = 6;

/// The column.
pub(crate) fn picks(tablet: Tablet, card: Signal<Aged<CustomerCard>>) -> impl IntoView {
    let words = tablet.words();
    let title =
        Memo::new(move |_| card.with(|card| (words.for_name)(card.value.customer.name.greeting())));
    let picks = Memo::new(move |_| {
        card.with(|card| {
            card.value
                .recommendations
                .iter()
                .take(PICKS_MAX)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="column" aria-label=title data-testid="card-picks">
            <h2 class="column-title" dir="auto">{title}</h2>
            {move || picks.with(Vec::is_empty).then(|| view! { <p class="soft">{words.nothing_to_suggest}</p> })}
            <ul class="picks" role="list">
                {rows(picks.into(), |pick| pick.view.item.sku.clone(), move |pick| row(tablet, card, pick))}
            </ul>
        </section>
    }
}

fn row(
    tablet: Tablet,
    card: Signal<Aged<CustomerCard>>,
    shown: Signal<ShelfItem>,
) -> impl IntoView {
    let sku = shown.with_untracked(|shown| shown.view.item.sku.clone());
    let route = Route::Items(Some(sku.clone()));
    let href = route.path();
    let open = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            click.prevent_default();
            tablet.place.go(route.clone());
        }
    };
    view! {
        <li class="pick-line">
            <a class="pick" href=href data-testid="recommendation" data-sku=sku.to_string() on:click=open>
                {move || shown.with(|shown| inside(tablet, shown))}
            </a>
            {add_to_hers(tablet, card, shown)}
            {said(tablet, card, shown)}
        </li>
    }
}

/// Puts it into her cart.
fn add_to_hers(
    tablet: Tablet,
    card: Signal<Aged<CustomerCard>>,
    shown: Signal<ShelfItem>,
) -> impl IntoView {
    let words = tablet.words();
    let busy = RwSignal::new(false);
    let label =
        move || shown.with(|shown| format!("{}: {}", words.add_to_cart, shown.view.item.title));
    let put = move |_| {
        let customer = card.with_untracked(|card| card.value.customer.id.clone());
        let sku = shown.with_untracked(|shown| shown.view.item.sku.clone());
        add(tablet, Into::Hers(Some(customer)), sku, busy);
    };
    view! {
        <button type="button" class="button button-icon pick-add" aria-label=label data-testid="pick-add" disabled=move || busy.get()
            on:click=put>{icon("plus")}</button>
    }
}

fn inside(tablet: Tablet, shown: &ShelfItem) -> impl IntoView + use<> {
    let lang = tablet.lang.get_untracked();
    let view = &shown.view;
    view! {
        {art(&view.item)}
        <span class="row-words">
            <span class="pick-title" dir="auto">{view.item.title.clone()}</span>
            <span class="pick-why soft small" dir="auto">{reason::sentence(shown, lang.words())}</span>
            <span class="pick-figures">{price(view.price.as_ref(), lang)} {stock(view.on_hand, lang.words())}</span>
        </span>
    }
}
