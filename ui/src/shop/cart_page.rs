//! The cart: what is in it, what it comes to, what happened to it elsewhere, and the way to the till.

use crate::model::cart::stage::Stage;
use crate::model::money;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::parts::totals::totals;
use crate::place::Address;
use crate::shop::basket::{Basket, Sum};
use crate::shop::cart_line::{Shown, row};
use crate::shop::frame::follow;
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::state::Shop;
use crate::shop::{cart_news, handoff, other_carts, till, till_page};
use leptos::prelude::*;

/// The cart. That it was looked at is told once.
pub(crate) fn cart_page(shop: Shop) -> impl IntoView {
    let words = shop.words();
    shop.tell(&Click::CartViewed(shop.priced()));
    let stage = Memo::new(move |_| {
        let said = shop.till.with(|till| till.said.clone());
        let cart = shop
            .basket
            .with(|basket| basket.confirmed().map(|view| view.cart.clone()));
        cart.map_or(Stage::Open, |cart| Stage::of(&cart, said.as_ref()))
    });
    let open = Memo::new(move |_| stage.with(Stage::is_open));
    let nothing = Memo::new(move |_| shop.basket.with(|basket| basket.lines().is_empty()));
    view! {
        <h1>{words.cart}</h1>
        {cart_news::cart_news(shop)}
        {move || match (open.get(), nothing.get()) {
            (true, true) => empty(shop).into_any(),
            (true, false) => filled(shop, stage).into_any(),
            (false, _) => till_page::till_page(shop, stage).into_any(),
        }}
        {other_carts::other_carts(shop)}
    }
}

fn empty(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    view! {
        {taken(shop)}
        {notice::empty("basket", words.cart_empty.to_owned(), words.cart_empty_help)}
        <p class="line shop-beside">
            <a class="button" href=ShopRoute::TakeOver.path() data-testid="shop-bring" on:click=follow(shop, ShopRoute::TakeOver)>
                {icon("qr")} {hers.bring_here}
            </a>
        </p>
    }
}

fn filled(shop: Shop, stage: Memo<Stage>) -> impl IntoView {
    let lines = Memo::new(move |_| Shown::of(shop));
    view! {
        <ul class="rows card shop-lines" role="list" data-testid="shop-cart-lines">
            {rows(lines.into(), |shown: &Shown| shown.line.id.clone(), move |shown| row(shop, shown))}
        </ul>
        {taken(shop)}
        {sum(shop)}
        {till_page::settle_first(shop, stage)}
        {actions(shop)}
    }
}

/// What she took away last can come back.
fn taken(shop: Shop) -> impl IntoView {
    let words = shop.lang.get_untracked().cart();
    move || {
        let line = shop.taken.get()?;
        let title = shop
            .item(&line.sku)
            .map_or_else(|| line.sku.to_string(), |view| view.item.title);
        Some(view! {
            <p class="notice apart" role="status" data-testid="shop-taken">
                <span dir="auto">{(words.removed)(&title)}</span>
                <button class="button" data-testid="shop-put-back" on:click=move |_| shop.put_back()>{icon("undo")} {words.undo}</button>
            </p>
        })
    }
}

fn sum(shop: Shop) -> impl IntoView {
    let (lang, hers) = (shop.lang.get_untracked(), shop.hers());
    let sum = Memo::new(move |_| shop.sum());
    let no_total = lang.cart().no_total;
    let figures = move |sum: &Sum| {
        let total = money::format(sum.totals.total, lang);
        view! {
            <div data-testid="shop-total" data-total=total data-settled=sum.settled.to_string()>{totals(&sum.totals, lang)}</div>
            {(!sum.settled).then(|| view! { <p class="soft small">{hers.estimate}</p> })}
        }
    };
    move || match sum.get() {
        Some(sum) => figures(&sum).into_any(),
        None => view! { <p class="soft">{no_total}</p> }.into_any(),
    }
}

fn actions(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let busy = move || shop.till.with(|till| till.busy);
    view! {
        <div class="shop-actions">
            <button class="button button-primary button-wide" data-testid="shop-checkout" disabled=busy on:click=move |_| till::check_out(shop)>
                {words.check_out}
            </button>
            {handoff::handoff_button(shop)}
            <a class="button button-quiet" href=ShopRoute::TakeOver.path() data-testid="shop-bring" on:click=follow(shop, ShopRoute::TakeOver)>
                {hers.bring_here}
            </a>
        </div>
        {till_page::trouble(shop)}
    }
}

/// Pieces in the cart.
pub(crate) fn pieces(shop: Shop) -> Memo<u32> {
    Memo::new(move |_| shop.basket.with(Basket::pieces))
}
