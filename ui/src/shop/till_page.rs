//! The till: what has to be settled first, the payment in each state that it can be in, and the way back.

use crate::backend::clock;
use crate::model::cart::code;
use crate::model::cart::prices::Agreement;
use crate::model::cart::stage::{self, Said, Stage, doubt_left};
use crate::model::{money, titles};
use crate::parts::icon::icon;
use crate::parts::totals::totals;
use crate::place::Address;
use crate::shop::basket::Basket;
use crate::shop::state::Shop;
use crate::shop::till::{self, Problem};
use chrono::{DateTime, Utc};
use domain::cart::{Checkout, PriceChange};
use domain::ids::{OrderId, Sku};
use domain::money::Money;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often the provider is asked what became of a payment.
const ASK_EVERY: Duration = Duration::from_secs(4);

/// The cart while it is paid, and after.
pub(crate) fn till_page(shop: Shop, stage: Memo<Stage>) -> impl IntoView {
    let asking = set_interval_with_handle(
        move || {
            if stage
                .try_get_untracked()
                .is_some_and(|stage| stage.awaits())
            {
                till::look_again(shop);
            }
        },
        ASK_EVERY,
    );
    on_cleanup(move || {
        if let Ok(asking) = asking {
            asking.clear();
        }
    });
    view! {
        <div class="stack shop-till" data-testid="shop-till" data-stage=move || stage.with(Stage::style)>
            {move || match stage.get() {
                Stage::Open | Stage::Stopped(_) => ().into_any(),
                Stage::Due(checkout) => due(shop, &checkout).into_any(),
                Stage::Failed { checkout, code } => failed(shop, &checkout, &code).into_any(),
                Stage::Paying { since, .. } => waiting(shop, false, since).into_any(),
                Stage::Unknown { since, .. } => waiting(shop, true, since).into_any(),
                Stage::Paid => view! { <h2>{shop.lang.get_untracked().cart().making_order}</h2> }.into_any(),
                Stage::Ordered(order) => bought_there(shop, &order).into_any(),
                Stage::Merged(_) => view! { <p class="soft">{shop.lang.get_untracked().cart().asking}</p> }.into_any(),
            }}
            {trouble(shop)}
        </div>
    }
}

fn due(shop: Shop, checkout: &Checkout) -> impl IntoView + use<> {
    let hers = shop.hers();
    view! {
        <h2>{hers.pay_title}</h2>
        {figures(shop)}
        {reserved(shop, checkout.reserved_until)}
        <p class="soft">{hers.pay_help}</p>
        {pay_button(shop, checkout.total, false)}
        {back(shop)}
    }
}

fn failed(shop: Shop, checkout: &Checkout, code: &str) -> impl IntoView + use<> {
    let words = shop.lang.get_untracked().cart();
    view! {
        <div class="notice notice-danger" role="alert" data-testid="shop-not-paid">
            {icon("warning")} <span><strong>{words.failed}</strong> " " {stage::failure(code, words)}</span>
        </div>
        {figures(shop)}
        {reserved(shop, checkout.reserved_until)}
        {pay_button(shop, checkout.total, true)}
        {back(shop)}
    }
}

fn pay_button(shop: Shop, total: Money, again: bool) -> impl IntoView {
    let hers = shop.hers();
    let label = if again {
        hers.pay_again.to_owned()
    } else {
        (hers.pay)(&money::format(total, shop.lang.get_untracked()))
    };
    let busy = move || shop.till.with(|till| till.busy);
    view! {
        <button class="button button-primary button-wide" data-testid="shop-pay" disabled=busy on:click=move |_| till::pay(shop)>{label}</button>
    }
}

fn back(shop: Shop) -> impl IntoView {
    let words = shop.lang.get_untracked().cart();
    let busy = move || shop.till.with(|till| till.busy);
    view! {
        <button class="button button-wide" data-testid="shop-give-up" disabled=busy on:click=move |_| till::give_up(shop)>{words.reopen}</button>
    }
}

fn waiting(shop: Shop, unknown: bool, since: DateTime<Utc>) -> impl IntoView {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let (title, help) = if unknown {
        (words.unknown, hers.unknown_help)
    } else {
        (words.paying, words.paying_help)
    };
    let left = seconds(move |now| doubt_left(since, now));
    let busy = move || shop.till.with(|till| till.busy);
    view! {
        <div class="state" role="status" data-testid="shop-waiting">
            <h2>{title}</h2>
            <p>{help}</p>
            <button class="button" data-testid="shop-ask" disabled=busy on:click=move |_| till::look_again(shop)>{words.ask_again}</button>
            {move || match left.get() {
                0 => view! { <button class="button" data-testid="shop-give-up" on:click=move |_| till::give_up(shop)>{words.give_up}</button> }.into_any(),
                left => view! { <p class="soft small figure">{(words.give_up_in)(&code::clock(left))}</p> }.into_any(),
            }}
        </div>
    }
}

/// It was bought on another screen, as when she gave it there.
fn bought_there(shop: Shop, order: &OrderId) -> impl IntoView + use<> {
    let (hers, words) = (shop.hers(), shop.lang.get_untracked().cart());
    let route = crate::shop::route::ShopRoute::Order(order.clone());
    let new = move |_| shop.with_basket(Basket::close);
    view! {
        <div class="state" role="status" data-testid="shop-bought-there">
            <h2>{hers.bought_there}</h2>
            <a class="button button-primary" href=route.path() on:click=crate::shop::frame::follow(shop, route)>{words.show_receipt}</a>
            <button class="button" data-testid="shop-new-cart" on:click=new>{hers.new_cart}</button>
        </div>
    }
}

fn figures(shop: Shop) -> impl IntoView {
    let lang = shop.lang.get_untracked();
    let sum = untrack(|| shop.sum());
    sum.map(|sum| totals(&sum.totals, lang))
}

fn reserved(shop: Shop, until: DateTime<Utc>) -> impl IntoView {
    let words = shop.lang.get_untracked().cart();
    let left = seconds(move |now| u32::try_from((until - now).num_seconds().max(0)).unwrap_or(0));
    let text = move || match left.get() {
        0 => words.reserved_over.to_owned(),
        left => (words.reserved)(&code::clock(left)),
    };
    view! { <p class="soft small figure">{text}</p> }
}

/// Something that is counted down, second by second.
pub(crate) fn seconds(of: impl Fn(DateTime<Utc>) -> u32 + Copy + 'static) -> RwSignal<u32> {
    let left = RwSignal::new(of(clock::now()));
    let tick = set_interval_with_handle(
        move || {
            left.try_set(of(clock::now()));
        },
        Duration::from_secs(1),
    );
    on_cleanup(move || {
        if let Ok(tick) = tick {
            tick.clear();
        }
    });
    left
}

/// What has to be settled before the checkout can begin.
pub(crate) fn settle_first(shop: Shop, stage: Memo<Stage>) -> impl IntoView {
    move || match stage.get() {
        Stage::Stopped(said) => stopped(shop, said).into_any(),
        _ => ().into_any(),
    }
}

fn stopped(shop: Shop, said: Said) -> AnyView {
    let lang = shop.lang.get_untracked();
    let words = lang.cart();
    match said {
        Said::Prices(agreement) => prices(shop, agreement).into_any(),
        Said::Total { was } => {
            let now = untrack(|| shop.sum());
            let now = now.map(|sum| money::format(sum.totals.total, lang)).unwrap_or_default();
            let text = (words.total_moved)(&money::format(was, lang), &now);
            view! { <p class="notice notice-warn" role="alert" data-testid="shop-total-moved">{text}</p> }.into_any()
        }
        Said::Short(left) => short(shop, &left).into_any(),
        Said::Refused(refusal) => {
            view! { <p class="notice notice-warn" role="alert" data-testid="shop-refused">{stage::refusal(&refusal, words)}</p> }.into_any()
        }
    }
}

fn prices(shop: Shop, agreement: Agreement) -> impl IntoView {
    let lang = shop.lang.get_untracked();
    let (words, hers) = (lang.cart(), shop.hers());
    let sold = agreement.changes.iter().all(|change| change.now.is_some());
    let one = |change: &PriceChange| {
        let was = change.was.map(|was| money::format(was, lang));
        let now = change.now.as_ref().map(|now| money::format(now.unit, lang));
        view! {
            <li class="line apart"><span dir="auto">{title(shop, &change.sku)}</span>
                <span class="figure">{was.map(|was| view! { <s class="soft">{was}</s> })} " " <strong>{now.unwrap_or_else(|| words.price_none.to_owned())}</strong></span></li>
        }
    };
    let changes = agreement.changes.iter().map(one).collect_view();
    let agree = move |_| {
        let mut agreed = agreement.clone();
        let lines: Vec<_> = agreed
            .changes
            .iter()
            .map(|change| change.line_id.clone())
            .collect();
        lines.iter().for_each(|line| agreed.set(line, true));
        till::agree(shop, agreed);
    };
    view! {
        <section class="card card-warn stack" role="alert" data-testid="shop-prices">
            <h2>{words.prices_title}</h2>
            <p>{hers.prices_help}</p>
            <ul role="list" class="stack">{changes}</ul>
            {sold.then(|| view! { <button class="button" data-testid="shop-agree" on:click=agree>{hers.agree}</button> })}
        </section>
    }
}

fn short(shop: Shop, left: &BTreeMap<Sku, u64>) -> impl IntoView + use<> {
    let words = shop.lang.get_untracked().cart();
    let one = |(sku, left): (&Sku, &u64)| view! { <li dir="auto">{(words.short_of)(&title(shop, sku), *left)}</li> };
    view! {
        <section class="card card-warn stack" role="alert" data-testid="shop-short">
            <h2>{words.short_title}</h2>
            <ul role="list" class="stack">{left.iter().map(one).collect_view()}</ul>
        </section>
    }
}

fn title(shop: Shop, sku: &Sku) -> String {
    let Some(view) = shop.item(sku) else {
        return sku.to_string();
    };
    let variant = titles::variant(&view);
    if variant.is_empty() {
        view.item.title
    } else {
        format!("{}, {variant}", view.item.title)
    }
}

/// Why the last step did not go through.
pub(crate) fn trouble(shop: Shop) -> impl IntoView {
    let hers = shop.hers();
    let text = move || {
        let trouble = shop.till.with(|till| till.trouble)?;
        Some(match trouble {
            Problem::Offline => hers.offline_pay,
            Problem::Elsewhere => hers.elsewhere,
            Problem::Other => hers.not_now,
        })
    };
    move || {
        text().map(|text| view! { <p class="notice notice-warn" role="alert" data-testid="shop-trouble">{text}</p> })
    }
}
