//! Her open carts on her card, wherever she filled them; and a way into the one of this store.

use crate::asking;
use crate::backend;
use crate::parts::icon::icon;
use crate::parts::rows::rows;
use crate::route::Route;
use crate::screens::associate::carts::{follow, opens};
use crate::screens::cart::add;
use crate::screens::cart::take_over::take_over;
use crate::tablet::Tablet;
use domain::api::device::{BeginCart, CartTile, LeaseView, ListCarts};
use domain::ids::CustomerId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The list.
pub(crate) fn card_carts(tablet: Tablet, customer: CustomerId) -> impl IntoView {
    let words = tablet.cart_words();
    let call = ListCarts {
        customer: Some(customer.clone()),
    };
    let load = follow(call.clone());
    let taking = RwSignal::new(false);
    let tiles = Memo::new(move |_| {
        let all = load.with(|load| load.ready().map(|tiles| tiles.value.clone()));
        let filled = all.unwrap_or_default().into_iter();
        filled.filter(|tile| tile.pieces > 0).collect::<Vec<_>>()
    });
    let held = Memo::new(move |_| {
        let elsewhere = |tile: &CartTile| matches!(tile.lease, LeaseView::Elsewhere { .. });
        tiles.with(|tiles| tiles.iter().any(elsewhere))
    });
    let failed = move || load.with(|load| load.ready().is_none() && load.refusal().is_some());
    view! {
        <div class="card-carts" data-testid="card-carts">
            <ul class="rows" role="list">
                {rows(tiles.into(), |tile: &CartTile| tile.cart.clone(), move |tile| view! { <li>{opens(tablet, tile, true)}</li> })}
            </ul>
            <div class="card-carts-keys">
                {begin(tablet, customer)}
                {move || held.get().then(|| view! {
                    <button type="button" class="button" data-testid="card-take-over" on:click=move |_| taking.set(true)>{icon("qr")} {words.take_over}</button>
                })}
                {move || failed().then(|| { let call = call.clone(); view! {
                    <button type="button" class="button" on:click=move |_| asking::ask(load, call.clone())>{tablet.words().try_again}</button>
                }})}
            </div>
        </div>
        {move || taking.get().then(|| take_over(tablet, taking))}
    }
}

fn begin(tablet: Tablet, customer: CustomerId) -> impl IntoView {
    let busy = RwSignal::new(false);
    let open = move |_| {
        busy.set(true);
        let call = BeginCart {
            customer: Some(customer.clone()),
            anew: false,
        };
        spawn_local(async move {
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
        <button type="button" class="button" data-testid="card-cart-open" disabled=move || busy.get() on:click=open>
            {icon("cart")} {tablet.cart_words().open_this}
        </button>
    }
}
