//! A guest says who she is: the cart is hers from now on.

use crate::asking;
use crate::load::Load;
use crate::parts::icon::icon;
use crate::parts::loaded::loaded;
use crate::parts::modal::modal;
use crate::parts::rows::rows;
use crate::screens::associate::hits;
use crate::screens::cart::desk::Desk;
use domain::api::device::{Aged, AssignCart, CustomerHit, CustomerHits, SearchCustomers};
use domain::ids::CustomerId;
use leptos::prelude::*;

/// Rows that the sheet shows.
const HITS_MAX: usize = 12;

/// The sheet. A scanned card does the same.
pub(crate) fn whose(desk: Desk, shown: RwSignal<bool>) -> impl IntoView {
    let (say, words) = (desk.tablet.words(), desk.tablet.cart_words());
    let load: RwSignal<Load<Aged<CustomerHits>>> = RwSignal::new(Load::default());
    let query = RwSignal::new(String::new());
    let search = move || {
        let query = query.get_untracked();
        if !query.trim().is_empty() {
            asking::ask(
                load,
                SearchCustomers {
                    query,
                    limit: HITS_MAX,
                },
            );
        }
    };
    let retry = Callback::new(move |()| search());
    let inside = view! {
        <header class="line apart">
            <h2>{words.whose}</h2>
            <button type="button" class="button button-icon button-quiet" aria-label=say.close on:click=move |_| shown.set(false)>{icon("close")}</button>
        </header>
        <p class="soft">{words.whose_help}</p>
        <div class="search">
            {icon("search")}
            <input class="input" type="search" autofocus=true aria-label=say.search_people placeholder=say.search_people autocomplete="off"
                spellcheck="false" data-testid="whose-search"
                on:input:target=move |event| { query.set(event.target().value()); search(); }/>
        </div>
        {loaded(load, say, retry, move |found| {
            let hits = Signal::derive(move || found.with(|found| found.value.hits.clone()));
            view! { <ul class="rows" role="list">{rows(hits, |hit: &CustomerHit| hit.id.clone(), move |hit| row(desk, hit, shown))}</ul> }
        })}
    };
    modal(
        "sheet",
        words.whose,
        "whose",
        Callback::new(move |()| shown.set(false)),
        inside,
    )
}

fn row(desk: Desk, hit: Signal<CustomerHit>, shown: RwSignal<bool>) -> impl IntoView {
    let customer = hit.with_untracked(|hit| hit.id.clone());
    let id = customer.to_string();
    let take = move |_| {
        assign(desk, customer.clone());
        shown.set(false);
    };
    view! {
        <li>
            <button type="button" class="row hit" data-testid="whose-hit" data-customer=id disabled=move || desk.busy.get() on:click=take>
                {move || hit.with(|hit| hits::inside(desk.tablet, hit))}
            </button>
        </li>
    }
}

/// Gives the open cart to her.
pub(crate) fn assign(desk: Desk, customer: CustomerId) {
    let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
    let cart = desk.cart.get_value();
    desk.ask(AssignCart { cart, customer }, move |page| {
        let name = page.value.customer_name.clone().unwrap_or_default();
        desk.put(page);
        tablet.tell((words.assigned)(&name));
    });
}
