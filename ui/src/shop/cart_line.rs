//! A line of the cart: what it is, how many, what they come to.

use crate::model::cart::off;
use crate::model::{money, titles};
use crate::parts::art::art;
use crate::parts::icon::icon;
use crate::place::Address;
use crate::shop::basket::{Basket, PIECES_MAX};
use crate::shop::frame::follow;
use crate::shop::route::ShopRoute;
use crate::shop::state::Shop;
use domain::api::content::ItemView;
use domain::cart::Line;
use domain::money::Money;
use leptos::prelude::*;

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    /// The line.
    pub(crate) line: Line,
    view: Option<ItemView>,
    amount: Option<Money>,
    before: Option<Money>,
    off: Vec<String>,
}

impl Shown {
    /// Every line that has a piece.
    pub(crate) fn of(shop: Shop) -> Vec<Self> {
        let (lines, sum) = (shop.basket.with(Basket::lines), shop.sum());
        let one = |line: Line| {
            let view = shop
                .catalogue
                .with(|catalogue| catalogue.find(&line.sku).cloned());
            let totals = sum.as_ref().map(|sum| &sum.totals);
            let total =
                totals.and_then(|totals| totals.lines.iter().find(|t| t.line_id == line.id));
            let own = |totals| off::of_line(totals, &line.id).map(|off| off.title.clone());
            let off: Vec<String> = totals.into_iter().flat_map(own).collect();
            Self {
                view,
                amount: totals
                    .zip(total)
                    .map(|(totals, total)| off::left(totals, total)),
                before: total.filter(|_| !off.is_empty()).map(|total| total.goods),
                off,
                line,
            }
        };
        lines.into_iter().map(one).collect()
    }

    fn title(&self) -> String {
        let title = self.view.as_ref().map(|view| view.item.title.clone());
        title.unwrap_or_else(|| self.line.sku.to_string())
    }
}

/// The row. Its figures change inside it; it stays where it is.
pub(crate) fn row(shop: Shop, shown: Signal<Shown>) -> impl IntoView {
    let first = shown.get_untracked();
    let title = Memo::new(move |_| shown.with(Shown::title));
    let drawn =
        Memo::new(move |_| shown.with(|shown| shown.view.as_ref().map(|view| view.item.clone())));
    let variant =
        move || shown.with(|shown| shown.view.as_ref().map(titles::variant).unwrap_or_default());
    let route = ShopRoute::Item(first.line.sku.clone());
    view! {
        <li class="row shop-line" data-testid="shop-cart-line" data-sku=first.line.sku.to_string()>
            {move || drawn.get().map(|item| art(&item))}
            <a class="row-words" href=route.path() on:click=follow(shop, route)>
                <span class="shop-line-title" dir="auto">{title}</span>
                <span class="row-detail soft" dir="auto" data-testid="shop-line-variant">{variant}</span>
                {move || shown.with(|shown| shown.off.clone()).into_iter().map(|title| view! {
                    <span class="row-detail shop-off" dir="auto">{title}</span>
                }).collect_view()}
            </a>
            {stepper(shop, shown, title)}
            {amount(shop, shown)}
        </li>
    }
}

fn stepper(shop: Shop, shown: Signal<Shown>, title: Memo<String>) -> impl IntoView {
    let words = shop.lang.get_untracked().cart();
    let id = move || shown.with_untracked(|shown| shown.line.id.clone());
    let pieces = Memo::new(move |_| shown.with(|shown| shown.line.quantity()));
    let full = move || pieces.get() >= PIECES_MAX;
    view! {
        <span class="line shop-pieces" role="group" aria-label=move || (words.quantity_of)(&title.get())>
            <button class="button button-icon" data-testid="shop-fewer" aria-label=move || (words.fewer_of)(&title.get())
                on:click=move |_| shop.step(&id(), -1)>{icon("minus")}</button>
            <output class="figure" data-testid="shop-line-pieces">{pieces}</output>
            <button class="button button-icon" data-testid="shop-more" aria-label=move || (words.more_of)(&title.get()) disabled=full
                on:click=move |_| shop.step(&id(), 1)>{icon("plus")}</button>
            <button class="button button-icon button-quiet" data-testid="shop-remove" aria-label=move || (words.remove_of)(&title.get())
                on:click=move |_| shop.remove(&id())>{icon("trash")}</button>
        </span>
    }
}

fn amount(shop: Shop, shown: Signal<Shown>) -> impl IntoView {
    let lang = shop.lang.get_untracked();
    let amount = move || shown.with(|shown| shown.amount.map(|amount| money::format(amount, lang)));
    let before = move || {
        let before = shown.with(|shown| shown.before);
        before.map(|before| view! { <s class="price-was small">{money::format(before, lang)}</s> })
    };
    view! { <span class="shop-amount">{before} <span class="price">{amount}</span></span> }
}
