//! Her other carts, to be put into this one; and those that were, to be separated again.

use crate::parts::cart_tile::cart_tile;
use crate::parts::icon::icon;
use crate::parts::rows::rows;
use crate::screens::associate::carts::follow;
use crate::screens::cart::desk::Desk;
use domain::api::device::{Aged, CartPage, CartTile, ListCarts, MergeCarts, UndoMerge};
use domain::ids::{CommandId, CustomerId};
use leptos::prelude::*;

/// Both lists; nothing for a guest, and while it is being paid.
pub(crate) fn others(desk: Desk, page: Signal<Aged<CartPage>>) -> impl IntoView {
    let customer = Memo::new(move |_| page.with(|page| page.value.cart.opening.customer.clone()));
    let merges = Memo::new(move |_| {
        page.with(|page| {
            let absorbed = page.value.cart.absorbed.iter();
            absorbed.map(|one| one.merge.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        {move || desk.is_open().then(|| customer.get().map(|customer| open_elsewhere(desk, customer)))}
        {move || desk.is_open().then(|| merges.get().into_iter().map(|merge| separate(desk, merge)).collect_view())}
    }
}

fn open_elsewhere(desk: Desk, customer: CustomerId) -> impl IntoView {
    let (tablet, words) = (desk.tablet, desk.tablet.cart_words());
    let load = follow(ListCarts {
        customer: Some(customer),
    });
    let this = desk.cart.get_value();
    let tiles = Memo::new(move |_| {
        let all = load.with(|load| load.ready().map(|tiles| tiles.value.clone()));
        let others = all.unwrap_or_default().into_iter();
        others
            .filter(|tile| tile.cart != this && tile.pieces > 0)
            .collect::<Vec<_>>()
    });
    let row = move |tile: Signal<CartTile>| {
        let source = tile.with_untracked(|tile| tile.cart.clone());
        let put = move |_| {
            let cart = desk.cart.get_value();
            let call = MergeCarts {
                cart,
                source: source.clone(),
            };
            desk.ask(call, move |page| {
                desk.put_own(page);
                tablet.tell(words.put_in_done.to_owned());
            });
        };
        view! {
            <li class="row cart-tile">
                {move || tile.with(|tile| cart_tile(tablet, tile, true))}
                <button type="button" class="button" data-testid="cart-merge" disabled=move || desk.busy.get() on:click=put>{words.put_in}</button>
            </li>
        }
    };
    let none = move || tiles.with(Vec::is_empty);
    view! {
        <section class="cart-others" hidden=none data-testid="cart-others">
            <h2 class="label">{words.other_carts}</h2>
            <ul class="rows" role="list">{rows(tiles.into(), |tile: &CartTile| tile.cart.clone(), row)}</ul>
        </section>
    }
}

fn separate(desk: Desk, merge: CommandId) -> impl IntoView {
    let words = desk.tablet.cart_words();
    let undo = move |_| {
        let cart = desk.cart.get_value();
        let merge = merge.clone();
        desk.ask(UndoMerge { cart, merge }, move |page| desk.put_own(page));
    };
    view! {
        <p class="line cart-absorbed">
            <span class="soft">{words.news_absorbed}</span>
            <button type="button" class="button" data-testid="cart-separate" disabled=move || desk.busy.get() on:click=undo>{icon("undo")} {words.separate}</button>
        </p>
    }
}
