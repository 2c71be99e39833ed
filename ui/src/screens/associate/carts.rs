//! The room of carts: all that are open in this store, and the one that lies open.

use crate::asking;
use crate::backend;
use crate::load::Load;
use crate::parts::cart_tile::cart_tile;
use crate::parts::icon::icon;
use crate::parts::loaded::loaded;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::route::Route;
use crate::screens::associate::{cart_page, find_receipt};
use crate::screens::cart::add;
use crate::screens::cart::take_over::take_over;
use crate::tablet::Tablet;
use domain::api::device::{Aged, BeginCart, CartTile, ListCarts, Signal as DeviceSignal};
use domain::ids::CartId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What a list of carts was answered with.
pub(crate) type Tiles = RwSignal<Load<Aged<Vec<CartTile>>>>;

/// The room.
pub(crate) fn carts(tablet: Tablet) -> impl IntoView {
    let opened = Memo::new(move |_| match tablet.place.route() {
        Route::Carts(cart) => cart,
        _ => None,
    });
    move || match opened.get() {
        Some(cart) => cart_page::cart_page(tablet, cart).into_any(),
        None => list(tablet).into_any(),
    }
}

/// Asks for carts, and again whenever one moved, for as long as the screen at hand is shown.
pub(crate) fn follow(call: ListCarts) -> Tiles {
    let load: Tiles = RwSignal::new(Load::default());
    asking::ask(load, call.clone());
    asking::hear_here(move |signal| match signal {
        DeviceSignal::Cart { .. } | DeviceSignal::Everything => asking::ask(load, call.clone()),
        _ => {}
    });
    load
}

fn list(tablet: Tablet) -> impl IntoView {
    let words = tablet.cart_words();
    let load = follow(ListCarts::default());
    let taking = RwSignal::new(false);
    let retry = Callback::new(move |()| asking::ask(load, ListCarts::default()));
    view! {
        <div class="carts" data-testid="carts">
            <header class="carts-head">
                <h1>{words.open_carts}</h1>
                <button type="button" class="button" data-testid="take-over-open" on:click=move |_| taking.set(true)>{icon("qr")} {words.take_over}</button>
                {begin(tablet)}
            </header>
            {loaded(load, tablet.words(), retry, move |tiles| tiles_of(tablet, tiles))}
            {find_receipt::find_receipt(tablet)}
        </div>
        {move || taking.get().then(|| take_over(tablet, taking))}
    }
}

/// Begins a cart for somebody unknown.
fn begin(tablet: Tablet) -> impl IntoView {
    let busy = RwSignal::new(false);
    let begin = move |_| {
        busy.set(true);
        spawn_local(async move {
            let call = BeginCart {
                customer: None,
                anew: true,
            };
            let outcome = backend::call(&call).await;
            busy.try_set(false);
            match outcome {
                Ok(page) => tablet
                    .place
                    .go(Route::Carts(Some(page.value.cart.opening.id))),
                Err(refusal) => tablet.tell(add::sentence(tablet, &refusal).to_owned()),
            }
        });
    };
    view! {
        <button type="button" class="button button-primary" data-testid="cart-new" disabled=move || busy.get() on:click=begin>
            {icon("plus")} {tablet.cart_words().new_cart}
        </button>
    }
}

fn tiles_of(tablet: Tablet, tiles: Signal<Aged<Vec<CartTile>>>) -> impl IntoView {
    let words = tablet.cart_words();
    let tiles = Memo::new(move |_| tiles.with(|tiles| tiles.value.clone()));
    view! {
        {move || tiles.with(Vec::is_empty).then(|| notice::empty("basket", words.no_carts.to_owned(), words.no_carts_help))}
        <ul class="rows carts-rows" role="list">
            {rows(tiles.into(), |tile: &CartTile| tile.cart.clone(), move |tile| view! { <li>{opens(tablet, tile, false)}</li> })}
        </ul>
    }
}

/// A tile that opens its cart.
pub(crate) fn opens(tablet: Tablet, tile: Signal<CartTile>, by_place: bool) -> impl IntoView {
    let cart: CartId = tile.with_untracked(|tile| tile.cart.clone());
    let id = cart.to_string();
    view! {
        <button type="button" class="row cart-tile" data-testid="cart-tile" data-cart=id
            on:click=move |_| tablet.place.go(Route::Carts(Some(cart.clone())))>
            {move || tile.with(|tile| cart_tile(tablet, tile, by_place))}
        </button>
    }
}
