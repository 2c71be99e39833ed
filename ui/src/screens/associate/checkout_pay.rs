//! Paying: how, waiting for it, and what to do when it was not paid or nobody knows. A tap asks once: the attempt that it
//! begins follows from the cart, and nothing can be pressed while something is asked.

use crate::backend::clock;
use crate::model::cart::code;
use crate::model::cart::stage::{self, Stage};
use crate::model::money;
use crate::parts::icon::icon;
use crate::route::Route;
use crate::screens::cart::desk::Desk;
use crate::screens::cart::offered::ticking;
use chrono::{DateTime, Utc};
use domain::api::cart::PayAnswer;
use domain::api::device::{AskPayment, GiveUpCheckout, PayCart};
use domain::cart::{Checkout, PaymentMethod};
use leptos::prelude::*;
use std::time::Duration;

/// Between two questions where a payment stands.
const EVERY: Duration = Duration::from_secs(2);

/// Asks by itself where a payment stands, for as long as its answer is awaited.
pub(crate) fn follow(desk: Desk, stage: Memo<Stage>) {
    let timer = set_interval_with_handle(
        move || {
            if stage
                .try_get_untracked()
                .is_some_and(|stage| stage.awaits())
            {
                ask(desk);
            }
        },
        EVERY,
    );
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
}

fn ask(desk: Desk) {
    let cart = desk.cart.get_value();
    desk.ask(AskPayment { cart }, move |answer| answered(desk, answer));
}

fn answered(desk: Desk, answer: PayAnswer) {
    desk.said.set(stage::of_pay(&answer));
    match answer {
        PayAnswer::Ordered { order, .. } => {
            desk.tablet.serving.set(None);
            desk.tablet.place.go(Route::Order(order.id.to_string()));
        }
        PayAnswer::Asked { view, .. }
        | PayAnswer::NotPaid { view }
        | PayAnswer::Refused { view, .. } => {
            desk.put_view(*view);
        }
    }
}

fn pay(desk: Desk, method: PaymentMethod) {
    let cart = desk
        .load
        .with_untracked(|load| load.ready().map(|page| page.value.cart.clone()));
    let Some(cart) = cart else {
        return;
    };
    let attempt = stage::next_attempt(&cart);
    let cart = cart.opening.id;
    desk.ask(
        PayCart {
            cart,
            method,
            attempt,
        },
        move |answer| answered(desk, answer),
    );
}

fn give_up(desk: Desk) {
    let cart = desk.cart.get_value();
    desk.ask(GiveUpCheckout { cart }, move |page| {
        desk.said.set(None);
        desk.put(page);
    });
}

fn amount(desk: Desk, checkout: &Checkout) -> impl IntoView + use<> {
    let lang = desk.tablet.lang.get_untracked();
    let text = (lang.cart().due)(&money::format(checkout.total, lang));
    view! { <p class="pay-due figure" data-testid="pay-due">{text}</p> }
}

/// Nothing is asked yet: how is it paid?
pub(crate) fn due(desk: Desk, checkout: &Checkout) -> impl IntoView + use<> {
    view! {
        <section class="stack pay" data-testid="pay-how">
            {amount(desk, checkout)}
            {ways(desk, checkout)}
            {back(desk)}
        </section>
    }
}

fn ways(desk: Desk, checkout: &Checkout) -> impl IntoView + use<> {
    let words = desk.tablet.cart_words();
    let until = checkout.reserved_until;
    let now = ticking();
    let over = Memo::new(move |_| now.get() >= until);
    let left = move || {
        let left = (until - now.get()).num_seconds();
        code::clock(u32::try_from(left).unwrap_or_default())
    };
    let way = move |method: PaymentMethod,
                    name: &'static str,
                    drawn: &'static str,
                    label: &'static str| {
        view! {
            <button type="button" class="button button-wide pay-way" data-testid=name disabled=move || desk.busy.get() || over.get()
                on:click=move |_| pay(desk, method)>{icon(drawn)} {label}</button>
        }
    };
    view! {
        <h2 class="label">{words.pay_how}</h2>
        {way(PaymentMethod::Terminal, "pay-terminal", "card", words.by_terminal)}
        {way(PaymentMethod::Cash, "pay-cash", "receipt", words.by_cash)}
        {way(PaymentMethod::PayLink, "pay-link", "send", words.by_link)}
        <p class="small soft figure" class:warn=move || over.get()>{move || if over.get() {
            words.reserved_over.to_owned()
        } else {
            (words.reserved)(&left())
        }}</p>
    }
}

fn back(desk: Desk) -> impl IntoView {
    let words = desk.tablet.cart_words();
    view! {
        <button type="button" class="button button-quiet button-wide" data-testid="pay-reopen" disabled=move || desk.busy.get()
            on:click=move |_| give_up(desk)>{words.reopen}</button>
    }
}

/// The provider was asked; `unknown` where it did not say what became of it.
pub(crate) fn paying(
    desk: Desk,
    checkout: &Checkout,
    since: DateTime<Utc>,
    unknown: bool,
) -> impl IntoView + use<> {
    let words = desk.tablet.cart_words();
    let (title, help) = if unknown {
        (words.unknown, words.unknown_help)
    } else {
        (words.paying, words.paying_help)
    };
    let now = ticking();
    let left = Memo::new(move |_| stage::doubt_left(since, now.get().max(clock::now())));
    let label = move || match left.get() {
        0 => words.give_up.to_owned(),
        left => (words.give_up_in)(&code::clock(left)),
    };
    view! {
        <section class="stack pay" data-testid="pay-wait">
            {amount(desk, checkout)}
            <div class="notice" class:notice-warn=unknown>
                {icon(if unknown { "warning" } else { "clock" })}
                <div class="stack"><strong>{title}</strong> <span class="small">{help}</span></div>
            </div>
            // The screen asks by itself too: what is asked at this moment holds nothing up here.
            <button type="button" class="button button-wide" data-testid="pay-ask" on:click=move |_| ask(desk)>{icon("sync")} {words.ask_again}</button>
            <button type="button" class="button button-quiet button-wide figure" data-testid="pay-give-up" disabled=move || { left.get() > 0 }
                on:click=move |_| give_up(desk)>{label}</button>
        </section>
    }
}

/// It was not paid: again, in another way, or not at all.
pub(crate) fn failed(desk: Desk, checkout: &Checkout, code: &str) -> impl IntoView + use<> {
    let words = desk.tablet.cart_words();
    let why = stage::failure(code, words);
    view! {
        <section class="stack pay" data-testid="pay-failed">
            {amount(desk, checkout)}
            <div class="notice notice-danger">
                {icon("warning")}
                <div class="stack"><strong>{words.failed}</strong> <span class="small">{why}</span></div>
            </div>
            {ways(desk, checkout)}
            {back(desk)}
        </section>
    }
}

/// The money is taken; the order follows by itself.
pub(crate) fn paid(desk: Desk) -> impl IntoView {
    let words = desk.tablet.cart_words();
    view! {
        <div class="notice" data-testid="pay-paid">
            {icon("check-circle")}
            <div class="stack"><strong>{words.paid}</strong> <span class="small">{words.making_order}</span></div>
        </div>
    }
}
