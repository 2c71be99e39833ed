//! A receipt: on the screen, on paper, and where goods come back.

use crate::asking;
use crate::backend::clock;
use crate::load::Load;
use crate::model::cart::{back, off, paper, reason};
use crate::model::money;
use crate::parts::icon::{directed, icon};
use crate::parts::loaded::loaded;
use crate::parts::qr::qr;
use crate::parts::totals::totals;
use crate::route::Route;
use crate::screens::associate::returns;
use crate::tablet::Tablet;
use domain::api::device::{Delivery, OpenOrder, OrderPage, Signal as DeviceSignal};
use domain::cart::LineTotal;
use leptos::prelude::*;

/// The page of an order.
pub(crate) fn receipt(tablet: Tablet, order: String) -> impl IntoView {
    let load: RwSignal<Load<OrderPage>> = RwSignal::new(Load::default());
    let call = OpenOrder { order };
    asking::ask(load, call.clone());
    let again = call.clone();
    asking::hear_here(move |signal| {
        let mine = load.with_untracked(|load| load.ready().map(|page| page.order.cart.clone()));
        match signal {
            DeviceSignal::Cart { cart } if mine.is_none() || mine.as_ref() == Some(cart) => {
                asking::ask(load, again.clone());
            }
            DeviceSignal::Everything => asking::ask(load, again.clone()),
            _ => {}
        }
    });
    crate::place::focus_content();
    let retry = Callback::new(move |()| asking::ask(load, call.clone()));
    view! {
        <article class="receipt-page" data-testid="receipt-page">
            <button type="button" class="button button-quiet no-print" data-testid="receipt-back" on:click=move |_| tablet.place.go(Route::Carts(None))>
                {directed("back")} {tablet.cart_words().all_carts}
            </button>
            {loaded(load, tablet.words(), retry, move |page| opened(tablet, load, page))}
        </article>
    }
}

fn opened(
    tablet: Tablet,
    load: RwSignal<Load<OrderPage>>,
    page: Signal<OrderPage>,
) -> impl IntoView {
    let words = tablet.cart_words();
    let returning = RwSignal::new(false);
    let all_back = Memo::new(move |_| page.with(back::all_back));
    let keys = move || {
        view! {
            <button type="button" class="button button-primary" data-testid="print" on:click=move |_| { let _ = window().print(); }>{icon("receipt")} {words.print}</button>
            <button type="button" class="button" data-testid="take-back" disabled=move || all_back.get() on:click=move |_| returning.set(true)>{icon("undo")} {words.take_back}</button>
        }
    };
    view! {
        <div class="receipt-keys no-print">{keys()}</div>
        {state(tablet, page)}
        {move || page.with(|page| sheet(tablet, page))}
        {move || returning.get().then(|| returns::returns(tablet, load, page, returning))}
    }
}

/// A sale that waits here is on paper already, and not in the cloud.
fn state(tablet: Tablet, page: Signal<OrderPage>) -> impl IntoView {
    let words = tablet.cart_words();
    let state = Memo::new(move |_| page.with(|page| page.state.clone()));
    move || {
        match state.get() {
        Delivery::Sent => ().into_any(),
        Delivery::Kept => view! { <p class="notice notice-warn no-print" data-testid="sale-kept">{icon("cloud-off")} {words.sale_kept}</p> }.into_any(),
        Delivery::Refused(why) => view! { <p class="notice notice-danger no-print" lang="en">{icon("warning")} {why}</p> }.into_any(),
    }
    }
}

/// What is printed.
fn sheet(tablet: Tablet, page: &OrderPage) -> impl IntoView + use<> {
    let (lang, words) = (tablet.lang.get_untracked(), tablet.cart_words());
    let number = paper::number(page);
    let till = paper::till(page).map(|till| (words.till)(&till));
    let served = page.associate_name.as_deref().map(words.sold_by);
    // The tablet stands in the store that sold it.
    let sold_at = paper::sold_at(page, clock::offset_at(page.order.placed_at));
    let all = &page.order.totals;
    view! {
        <div class="receipt" data-testid="receipt">
            <header class="receipt-head">
                <strong class="receipt-store" dir="auto">{page.store.name.clone()}</strong>
                <span dir="auto">{page.store.address.clone()}</span>
            </header>
            <p class="receipt-line figure"><span>{words.receipt}</span> <span dir="ltr" data-testid="receipt-no">{number.clone()}</span></p>
            <p class="receipt-line figure"><span>{till}</span> <span dir="ltr">{sold_at}</span></p>
            <p class="receipt-line"><span dir="auto">{page.customer_name.clone()}</span> <span dir="auto">{served}</span></p>
            <ul class="receipt-goods" role="list">{all.lines.iter().map(|line| sold(tablet, page, line)).collect_view()}</ul>
            {totals(all, lang)}
            {paid(tablet, page)}
            {given_back(tablet, page)}
            <div class="receipt-code">{qr(&number, &number)}</div>
        </div>
    }
}

fn sold(tablet: Tablet, page: &OrderPage, line: &LineTotal) -> impl IntoView + use<> {
    let (lang, words) = (tablet.lang.get_untracked(), tablet.cart_words());
    let each = (line.quantity > 1)
        .then(|| format!("{} × {}", line.quantity, money::format(line.unit, lang)));
    let offs = off::of_line(&page.order.totals, &line.line_id).map(|off| {
        let why = reason::sentence(&off.reason, words, lang);
        let amount = money::format(off.amount, lang);
        view! { <span class="receipt-line small"><span dir="auto">{off.title.clone()}", "{why}</span> <span class="figure">"−"{amount}</span></span> }
    });
    view! {
        <li data-testid="receipt-item">
            <span class="receipt-line"><span dir="auto">{paper::item(page, line)}</span> <span class="figure">{money::format(line.goods, lang)}</span></span>
            {each.map(|each| view! { <span class="small soft figure">{each}</span> })}
            {offs.collect_view()}
        </li>
    }
}

fn paid(tablet: Tablet, page: &OrderPage) -> impl IntoView + use<> {
    let (lang, words) = (tablet.lang.get_untracked(), tablet.cart_words());
    let capture = page.order.capture.as_ref()?;
    let card = paper::card(capture);
    Some(view! {
        <div class="receipt-paid">
            <p class="receipt-line"><span>{words.paid_with} " " <span dir="ltr">{card}</span></span> <span class="figure">{money::format(capture.amount, lang)}</span></p>
            <p class="receipt-line small soft"><span>{words.reference}</span> <span dir="ltr">{capture.reference.clone()}</span></p>
        </div>
    })
}

fn given_back(tablet: Tablet, page: &OrderPage) -> impl IntoView + use<> {
    let (lang, words) = (tablet.lang.get_untracked(), tablet.cart_words());
    let refunds = page.settlement.refunds.iter().map(|refund| {
        let pieces: u32 = refund.lines.iter().map(|line| line.quantity).sum();
        let pieces = (words.pieces)(pieces.into());
        let amount = money::format(refund.total, lang);
        view! { <p class="receipt-line" data-testid="receipt-refund"><span>{words.given_back}", "{pieces}</span> <span class="figure">"−"{amount}</span></p> }
    });
    refunds.collect_view()
}
