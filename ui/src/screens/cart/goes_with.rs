//! What is bought with what is in the cart: a touch opens the item, the key puts one piece in.

use crate::parts::icon::icon;
use crate::parts::item::{shelf_tile, shelf_title};
use crate::parts::rows::rows;
use crate::screens::cart::desk::Desk;
use domain::api::content::{Shelf, ShelfItem};
use domain::api::device::{Aged, CartChange, CartPage};
use domain::ids::Sku;
use leptos::prelude::*;

/// The shelves, while the cart can be changed. `open` shows an item.
pub(crate) fn goes_with(
    desk: Desk,
    page: Signal<Aged<CartPage>>,
    open: Callback<Sku>,
) -> impl IntoView {
    let shelves = Memo::new(move |_| page.with(|page| page.value.shelves.clone()));
    move || {
        let shelves = desk.is_open().then(|| shelves.get())?;
        Some(
            shelves
                .into_iter()
                .map(|one| shelf(desk, one, open))
                .collect_view(),
        )
    }
}

fn shelf(desk: Desk, shelf: Shelf, open: Callback<Sku>) -> impl IntoView {
    let title = shelf_title(&shelf, desk.tablet.words());
    let items = Signal::stored(shelf.items);
    let key = |item: &ShelfItem| item.view.item.sku.clone();
    view! {
        <section class="shelf" data-testid="cart-shelf">
            <h2 class="label" dir="auto">{title}</h2>
            <ul class="shelf-line" role="list">{rows(items, key, move |item| tile(desk, item, open))}</ul>
        </section>
    }
}

fn tile(desk: Desk, item: Signal<ShelfItem>, open: Callback<Sku>) -> impl IntoView {
    let (lang, words) = (desk.tablet.lang.get_untracked(), desk.tablet.words());
    let (sku, title) = item.with_untracked(|item| {
        let item = &item.view.item;
        (item.sku.clone(), item.title.clone())
    });
    let label = format!("{}: {title}", words.add_to_cart);
    let (opened, name) = (sku.clone(), sku.to_string());
    let put = move |_| {
        let added = (desk.tablet.cart_words().added)(&title);
        let sku = sku.clone();
        desk.change(CartChange::Add { sku, quantity: 1 }, Some(added));
    };
    view! {
        <li class="shelf-put">
            <button type="button" class="tile" data-testid="recommendation" data-sku=name on:click=move |_| open.run(opened.clone())>
                {move || item.with(|item| shelf_tile(item, lang, true))}
            </button>
            <button type="button" class="button button-icon" aria-label=label data-testid="cart-shelf-add" on:click=put>{icon("plus")}</button>
        </li>
    }
}
