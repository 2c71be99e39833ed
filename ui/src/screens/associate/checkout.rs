//! Beside the lines: what the cart costs, and how far its checkout is. Each stage shows what it waits for and the ways
//! on; the cart itself says which it is, so that it goes on after a restart, and on another tablet.

use crate::backend::clock;
use crate::model::cart::channel;
use crate::model::cart::stage::{self, Stage};
use crate::parts::icon::icon;
use crate::parts::totals::totals;
use crate::route::Route;
use crate::screens::associate::{checkout_pay, checkout_stops, sell_here};
use crate::screens::cart::desk::Desk;
use crate::screens::cart::hand_over::{Telling, hand_over};
use crate::screens::cart::take_over::take_over;
use domain::api::device::{Aged, BeginCheckout, CartPage, LeaseView};
use domain::cart::Totals;
use leptos::prelude::*;

/// The panel.
pub(crate) fn checkout(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let stage = Memo::new(move |_| desk.stage().unwrap_or(Stage::Open));
    checkout_pay::follow(desk, stage);
    let style = move || stage.with(Stage::style);
    view! {
        <div class="checkout stack" data-testid="checkout" data-stage=style>
            {sums(desk, page)}
            <div aria-live="polite">{move || at(desk, page, stage.get())}</div>
            {move || stage.with(Stage::is_open).then(|| keys(desk, page, stage.with(Stage::asks_to_agree)))}
        </div>
    }
}

fn at(desk: Desk, page: Signal<Aged<CartPage>>, stage: Stage) -> AnyView {
    match stage {
        Stage::Open => ().into_any(),
        Stage::Stopped(said) => checkout_stops::stopped(desk, page, said).into_any(),
        Stage::Due(checkout) => checkout_pay::due(desk, &checkout).into_any(),
        Stage::Paying { checkout, since } => {
            checkout_pay::paying(desk, &checkout, since, false).into_any()
        }
        Stage::Unknown { checkout, since } => {
            checkout_pay::paying(desk, &checkout, since, true).into_any()
        }
        Stage::Failed { checkout, code } => checkout_pay::failed(desk, &checkout, &code).into_any(),
        Stage::Paid => checkout_pay::paid(desk).into_any(),
        Stage::Ordered(order) => ended(desk, desk.tablet.cart_words().bought, order.to_string()),
        Stage::Merged(into) => {
            let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
            let open = move |_| tablet.place.go(Route::Carts(Some(into.clone())));
            view! {
                <p class="notice">{words.merged_away}</p>
                <button type="button" class="button button-wide" data-testid="cart-merged" on:click=open>{words.open_that}</button>
            }
            .into_any()
        }
    }
}

/// It is bought: the way to its receipt.
fn ended(desk: Desk, said: &'static str, order: String) -> AnyView {
    let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
    let open = move |_| tablet.place.go(Route::Order(order.clone()));
    view! {
        <p class="notice">{icon("check-circle")} {said}</p>
        <button type="button" class="button button-primary button-wide" data-testid="cart-receipt" on:click=open>{icon("receipt")} {words.show_receipt}</button>
    }
    .into_any()
}

fn sums(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let (lang, words) = (desk.tablet.lang.get_untracked(), desk.tablet.cart_words());
    let sums: Memo<Option<Totals>> =
        Memo::new(move |_| page.with(|page| page.value.totals.clone()));
    let pieces =
        Memo::new(move |_| page.with(|page| page.value.cart.goods().values().sum::<u64>()));
    view! {
        <section aria-label=lang.words().total data-testid="cart-totals">
            <p class="label figure" data-testid="cart-pieces">{move || (words.pieces)(pieces.get())}</p>
            {move || match sums.get() {
                Some(sums) => totals(&sums, lang).into_any(),
                None => view! { <p class="warn">{words.no_total}</p> }.into_any(),
            }}
        </section>
    }
}

/// While it can be changed: to the till, or to another screen. Where something is to be agreed to first, that alone is
/// what leads on.
fn keys(desk: Desk, page: Signal<Aged<CartPage>>, agreeing: bool) -> impl IntoView {
    let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
    let (handing, taking) = (RwSignal::new(false), RwSignal::new(false));
    let lease = Memo::new(move |_| page.with(|page| page.value.lease.clone()));
    let elsewhere = move || matches!(lease.get(), LeaseView::Elsewhere { .. });
    let sellable = Memo::new(move |_| {
        page.with(|page| !page.value.cart.goods().is_empty() && page.value.totals.is_some())
    });
    let away = Memo::new(move |_| !tablet.is_online() || desk.cut_off.get());
    let begin = move |_| begin(desk, page);
    let telling = Telling {
        title: words.hand_over,
        help: None,
        capsules: true,
    };
    view! {
        {move || lease.with(|lease| held(desk, lease))}
        {move || away.get().then(|| sell_here::sell_here(desk, page))}
        {(!agreeing).then(|| view! {
            <button type="button" class="button button-primary button-wide" data-testid="check-out"
                disabled=move || !sellable.get() || desk.busy.get() || elsewhere() || away.get() on:click=begin>
                {move || if desk.busy.get() { words.asking } else { words.check_out }}
            </button>
        })}
        {move || if elsewhere() {
            view! { <button type="button" class="button button-wide" data-testid="cart-take-over" on:click=move |_| taking.set(true)>{icon("qr")} {words.take_over}</button> }.into_any()
        } else {
            view! { <button type="button" class="button button-wide" data-testid="cart-hand-over" disabled=move || desk.busy.get() on:click=move |_| handing.set(true)>{icon("qr")} {words.hand_over}</button> }.into_any()
        }}
        {move || handing.get().then(|| hand_over(desk, telling, handing))}
        {move || taking.get().then(|| take_over(tablet, taking))}
    }
}

/// Somebody else may check out.
fn held(desk: Desk, lease: &LeaseView) -> impl IntoView + use<> {
    let LeaseView::Elsewhere { channel, until } = lease else {
        return None;
    };
    let words = desk.tablet.cart_words();
    let place = channel::place(*channel, words);
    let until = clock::time_of_day(*until);
    Some(view! {
        <div class="notice notice-warn" data-testid="cart-held">
            {icon("lock")}
            <div class="stack"><strong>{(words.held_elsewhere)(place, &until)}</strong> <span class="small">{words.held_help}</span></div>
        </div>
    })
}

/// Freezes the cart as it is on the screen.
fn begin(desk: Desk, page: Signal<Aged<CartPage>>) {
    let call = page.with_untracked(|page| {
        let totals = page.value.totals.as_ref()?;
        Some(BeginCheckout {
            cart: page.value.cart.opening.id.clone(),
            version: page.value.cart.version,
            total: totals.total,
        })
    });
    let Some(call) = call else {
        return;
    };
    let shown = call.total;
    desk.said.set(None);
    desk.undo.set(None);
    desk.ask(call, move |answer| {
        use domain::api::cart::CheckoutAnswer as Answer;
        desk.said.set(stage::of_checkout(&answer, shown));
        match answer {
            Answer::Begun { view } | Answer::TotalMoved { view } | Answer::Refused { view, .. } => {
                desk.put_view(*view);
            }
            Answer::PricesChanged { .. } | Answer::OutOfStock { .. } => desk.read(),
        }
    });
}
