//! *Now*: what she does on the web, newest on top, and the cart she filled there.

use crate::model::moments::{Moment, What, moments};
use crate::model::{consent, titles};
use crate::parts::art::art;
use crate::parts::icon::icon;
use crate::screens::associate::card_carts;
use crate::tablet::Tablet;
use domain::api::device::{Aged, CustomerCard};
use leptos::prelude::*;

/// The column.
pub(crate) fn now(tablet: Tablet, card: Signal<Aged<CustomerCard>>) -> impl IntoView {
    let words = tablet.words();
    let customer = card.with_untracked(|card| card.value.customer.id.clone());
    let active = Memo::new(move |_| card.with(|card| card.value.active));
    let seen =
        Memo::new(move |_| card.with(|card| moments(&card.value.profile, &card.value.items)));
    let hidden =
        Memo::new(move |_| card.with(|card| consent::hides_browsing(&card.value.customer)));
    let nothing = move || {
        if hidden.get() {
            words.browsing_hidden
        } else {
            words.no_browsing
        }
    };
    view! {
        <section class="column" aria-label=words.now data-testid="card-now">
            <h2 class="column-title">
                {words.now}
                {move || active.get().then(|| view! {
                    <span class="chip chip-accent" data-testid="card-live"><i class="live-dot"></i> {words.browsing_now}</span>
                })}
            </h2>
            {card_carts::card_carts(tablet, customer)}
            {cart(tablet, card)}
            {move || seen.with(Vec::is_empty).then(|| view! { <p class="soft">{nothing()}</p> })}
            <ol class="moments" role="list" aria-live="polite" aria-relevant="additions">
                <For each=move || seen.get() key=|moment| (moment.at, label(moment)) children=move |moment| row(tablet, &moment)/>
            </ol>
        </section>
    }
}

fn label(moment: &Moment) -> String {
    match &moment.what {
        What::Looked { title, .. } => title.clone(),
        What::Searched(query) => format!("?{query}"),
    }
}

fn row(tablet: Tablet, moment: &Moment) -> impl IntoView + use<> {
    let words = tablet.words();
    let at = moment.at;
    let (drawn, said) = match &moment.what {
        What::Looked { title, view } => (
            view.as_ref().map(|view| art(&view.item).into_any()),
            title.clone(),
        ),
        What::Searched(query) => (None, (words.searched)(query)),
    };
    let drawn = drawn
        .unwrap_or_else(|| view! { <span class="moment-icon">{icon("search")}</span> }.into_any());
    view! {
        <li class="moment" data-testid="moment">
            {drawn}
            <span class="moment-words" dir="auto">{said}</span>
            <span class="age">{move || (words.age)(tablet.age(at))}</span>
        </li>
    }
}

fn cart(tablet: Tablet, card: Signal<Aged<CustomerCard>>) -> impl IntoView {
    let words = tablet.words();
    let lines = Memo::new(move |_| {
        card.with(|card| {
            let named = |line: &domain::profile::CartLine| {
                (line.quantity, titles::title(&card.value.items, &line.sku))
            };
            card.value
                .profile
                .cart
                .iter()
                .map(named)
                .collect::<Vec<_>>()
        })
    });
    move || {
        let lines = lines.get();
        (!lines.is_empty()).then(|| {
            let rows = lines.into_iter().map(|(quantity, title)| view! {
                <li><span class="figure">{quantity}"×"</span> <span dir="auto">{title}</span></li>
            });
            view! {
                <div class="card card-quiet online-cart" data-testid="card-cart">
                    <h3 class="label">{words.online_cart}</h3>
                    <ul role="list">{rows.collect_view()}</ul>
                </div>
            }
        })
    }
}
