//! Selling without a network: what may be sold, and what was taken for it.

use crate::model::cart::offline::{Short, short};
use crate::model::money;
use crate::parts::icon::icon;
use crate::route::Route;
use crate::screens::cart::desk::Desk;
use domain::api::device::{Aged, CartPage, SellHere};
use domain::cart::PaymentMethod;
use leptos::html;
use leptos::prelude::*;

/// The longest reference of a terminal, in characters.
const SLIP_MAX: usize = 64;

/// The offer.
pub(crate) fn sell_here(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let lacks = Memo::new(move |_| page.with(|page| short(&page.value)));
    let something = move || {
        page.with(|page| !page.value.cart.goods().is_empty() && page.value.totals.is_some())
    };
    view! {
        <section class="stop stack" data-testid="sell-here">
            <h2 class="stop-title">{icon("cloud-off")} {words.sell_here}</h2>
            {move || if !something() {
                ().into_any()
            } else if lacks.with(Vec::is_empty) {
                ways(desk, page).into_any()
            } else {
                lacking(desk, lacks.get()).into_any()
            }}
        </section>
    }
}

fn lacking(desk: Desk, lacks: Vec<Short>) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let said = lacks
        .into_iter()
        .map(|short| (words.sell_short_of)(&short.title, short.wanted, short.allotted));
    view! {
        <p class="small">{words.sell_short}</p>
        <ul class="small" role="list" data-testid="sell-short">{said.map(|text| view! { <li dir="auto">{text}</li> }).collect_view()}</ul>
    }
}

fn ways(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let (lang, words) = (desk.tablet.lang.get_untracked(), desk.tablet.cart_words());
    let node: NodeRef<html::Input> = NodeRef::new();
    let due = move || {
        let total = page.with(|page| page.value.totals.as_ref().map(|totals| totals.total));
        total.map(|total| (words.due)(&money::format(total, lang)))
    };
    let by_terminal = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let slip = node
            .get_untracked()
            .map(|input| input.value().trim().to_owned());
        sell(
            desk,
            page,
            PaymentMethod::Terminal,
            slip.filter(|slip| !slip.is_empty()),
        );
    };
    view! {
        <p class="small">{words.sell_help}</p>
        <p class="pay-due figure">{due}</p>
        <button type="button" class="button button-wide pay-way" data-testid="sell-cash" disabled=move || desk.busy.get()
            on:click=move |_| sell(desk, page, PaymentMethod::Cash, None)>{icon("receipt")} {words.cash_taken}</button>
        <form class="stack" on:submit=by_terminal>
            <label class="field"><span class="label">{words.slip}</span>
                <input class="input figure" node_ref=node required=true dir="ltr" autocomplete="off" maxlength=SLIP_MAX.to_string() data-testid="sell-slip"/></label>
            <button class="button button-wide pay-way" data-testid="sell-terminal" disabled=move || desk.busy.get()>{icon("card")} {words.terminal_taken}</button>
        </form>
    }
}

/// The money was taken: the sale is kept here before anything else happens.
fn sell(
    desk: Desk,
    page: Signal<Aged<CartPage>>,
    method: PaymentMethod,
    reference: Option<String>,
) {
    let call = page.with_untracked(|page| {
        let totals = page.value.totals.as_ref()?;
        Some(SellHere {
            cart: page.value.cart.opening.id.clone(),
            version: page.value.cart.version,
            total: totals.total,
            method,
            reference,
        })
    });
    if let Some(call) = call {
        desk.ask(call, move |sold| {
            desk.tablet.serving.set(None);
            let order = sold.order.id.to_string();
            desk.tablet.place.go(Route::Order(order));
        });
    }
}
