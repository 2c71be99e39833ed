//! A cart on the tablet: its lines, and beside them what it costs and what can be done with it.

use crate::parts::icon::{directed, icon};
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::route::Route;
use crate::screens::associate::{cart_others, cart_whose, checkout};
use crate::screens::cart::add;
use crate::screens::cart::desk::Desk;
use crate::screens::cart::{goes_with::goes_with, lines::lines, news::news, undo::undo};
use crate::tablet::Tablet;
use domain::api::device::{Aged, CartPage};
use domain::cart::Status;
use domain::ids::CartId;
use leptos::prelude::*;

/// The page.
pub(crate) fn cart_page(tablet: Tablet, cart: CartId) -> impl IntoView {
    let desk = Desk::open(tablet, cart);
    crate::place::focus_content();
    let retry = Callback::new(move |()| desk.read());
    view! {
        <article class="cart-page" data-testid="cart-page">
            {loaded(desk.load, tablet.words(), retry, move |page| opened(desk, page))}
        </article>
    }
}

fn opened(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    work_on_it(desk, page);
    let empty = Memo::new(move |_| page.with(|page| page.value.cart.lines.is_empty()));
    let words = desk.tablet.cart_words();
    let open = Callback::new(move |sku| desk.tablet.place.go(Route::Items(Some(sku))));
    view! {
        {head(desk, page)}
        <div class="cart-columns">
            <section class="cart-main" aria-label=words.carts>
                {news(desk, page)}
                {move || empty.get().then(|| notice::empty("basket", words.empty.to_owned(), words.empty_help))}
                {lines(desk, page)}
                {undo(desk)}
                {goes_with(desk, page, open)}
                {cart_others::others(desk, page)}
            </section>
            <aside class="cart-side">{checkout::checkout(desk, page)}</aside>
        </div>
    }
}

/// What is scanned from now on goes into this cart, for as long as it is open.
fn work_on_it(desk: Desk, page: Signal<Aged<CartPage>>) {
    let tablet = desk.tablet;
    Effect::new(move |_| {
        page.with(|page| match page.value.cart.status {
            Status::Open | Status::Checkout(_) => add::serve(tablet, &page.value),
            Status::Ordered { .. } | Status::Merged(_) => tablet.serving.set(None),
        });
    });
}

fn head(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
    let name = Memo::new(move |_| page.with(|page| page.value.customer_name.clone()));
    let customer = Memo::new(move |_| page.with(|page| page.value.cart.opening.customer.clone()));
    let unsent = Memo::new(move |_| page.with(|page| page.value.unsent));
    let title = move || match name.get() {
        Some(name) => (words.cart_of)(&name),
        None => words.guest_cart.to_owned(),
    };
    let hers = move || {
        customer.get().map(|customer| view! {
        <button type="button" class="button" data-testid="cart-customer"
            on:click=move |_| tablet.place.go(Route::People(Some(customer.clone())))>{icon("person")} {words.to_customer}</button>
    })
    };
    let whose = RwSignal::new(false);
    let guest = move || {
        (customer.with(Option::is_none) && desk.is_open()).then(|| {
            view! {
                <button type="button" class="button" data-testid="cart-whose" on:click=move |_| whose.set(true)>{icon("person")} {words.whose}</button>
            }
        })
    };
    view! {
        <header class="cart-head">
            <button type="button" class="button button-quiet" data-testid="cart-back" on:click=move |_| tablet.place.go(Route::Carts(None))>
                {directed("back")} {words.all_carts}
            </button>
            <h1 class="grow" dir="auto" data-testid="cart-title">{title}</h1>
            <span class="small warn" role="status" data-testid="cart-unsent">{move || (unsent.get() > 0).then(|| (words.unsent)(unsent.get()))}</span>
            {hers} {guest}
        </header>
        {move || whose.get().then(|| cart_whose::whose(desk, whose))}
    }
}
