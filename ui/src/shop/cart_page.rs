//! The cart, and the page after the order.

use crate::model::{money, titles};
use crate::parts::art::art;
use crate::parts::icon::icon;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::shop::cart::{Priced, total};
use crate::shop::frame::follow;
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::state::Shop;
use domain::ids::OrderId;
use leptos::prelude::*;

/// The cart. That it was looked at is told once.
pub(crate) fn cart_page(shop: Shop) -> impl IntoView {
    let words = shop.words();
    let lines = Memo::new(move |_| {
        shop.catalogue
            .with(|catalogue| shop.cart.get().priced(catalogue))
    });
    shop.tell(&Click::CartViewed(lines.get_untracked()));
    let sum = move || {
        lines
            .with(|lines| total(lines))
            .map(|sum| money::format(sum, shop.lang.get_untracked()))
    };
    let nothing = Memo::new(move |_| lines.with(Vec::is_empty));
    view! {
        <h1>{words.cart}</h1>
        {move || if nothing.get() {
            notice::empty("basket", words.cart_empty.to_owned(), words.cart_empty_help).into_any()
        } else {
            view! {
                <ul class="rows card" role="list">
                    {rows(lines.into(), |line| line.view.item.sku.clone(), move |line| row(shop, line))}
                </ul>
                <p class="line apart cart-total"><span>{words.total}</span> <span class="price" data-testid="shop-total">{sum}</span></p>
                <button class="button button-primary button-wide" data-testid="shop-checkout" on:click=move |_| shop.order()>
                    {words.check_out}
                </button>
            }.into_any()
        }}
    }
}

fn row(shop: Shop, line: Signal<Priced>) -> impl IntoView {
    let words = shop.words();
    let amount = move || {
        line.with(|line| {
            let price = line.view.price.as_ref()?;
            let amount = price.amount.checked_mul(i64::from(line.pieces)).ok()?;
            Some(money::format(amount, shop.lang.get_untracked()))
        })
    };
    view! {
        <li class="row" data-testid="shop-cart-line">
            {move || line.with(|line| art(&line.view.item))}
            <span class="row-words">
                <span class="row-title" dir="auto">{move || line.with(|line| line.view.item.title.clone())}</span>
                <span class="row-detail soft" dir="auto">{move || line.with(|line| titles::variant(&line.view))}</span>
            </span>
            <span class="line cart-pieces">
                <button class="button button-icon" aria-label=words.fewer
                    on:click=move |_| line.with_untracked(|line| shop.remove(&line.view))>{icon("minus")}</button>
                <span class="figure">{move || line.with(|line| line.pieces)}</span>
                <button class="button button-icon" aria-label=words.more
                    on:click=move |_| line.with_untracked(|line| shop.add(&line.view))>{icon("plus")}</button>
            </span>
            <span class="price cart-amount">{amount}</span>
        </li>
    }
}

/// After the order.
pub(crate) fn ordered_page(shop: Shop, order: &OrderId) -> impl IntoView + use<> {
    let words = shop.words();
    view! {
        <div class="state" role="status" data-testid="shop-ordered">
            <svg class="state-art" aria-hidden="true" focusable="false"><use href="#tote"></use></svg>
            <h1>{words.ordered}</h1>
            <p>{(words.ordered_help)(order.as_str())}</p>
            <a class="button button-primary" href="/shop/" on:click=follow(shop, ShopRoute::Home)>{words.keep_looking}</a>
        </div>
    }
}
