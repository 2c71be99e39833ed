//! Her open carts on other channels, and those that she put aside here: to be opened, or put into this one.

use crate::model::cart::channel;
use crate::model::money;
use crate::parts::icon::icon;
use crate::shop::line::{Trouble, get, post};
use crate::shop::stamp::new_command;
use crate::shop::state::Shop;
use crate::shop::{basket::Basket, courier};
use domain::api::cart::{CartView, MergeRequest};
use domain::api::shopper::MyCarts;
use domain::cart::{Cart, Channel, Status};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The list; nothing where there is no other cart.
pub(crate) fn other_carts(shop: Shop) -> impl IntoView {
    let mine = RwSignal::new(Vec::<CartView>::new());
    let asked = Memo::new(move |_| {
        // A merge that is undone makes one cart more.
        let here = shop
            .basket
            .with(|basket| (basket.id().cloned(), basket.merged().is_some()));
        (shop.customer.get(), here)
    });
    Effect::new(move |_| {
        if asked.get().0.is_some() {
            spawn_local(async move {
                if let Ok(found) = get::<MyCarts>(shop, "/v1/shopper/carts").await {
                    mine.try_set(found.carts);
                }
            });
        } else {
            mine.set(Vec::new());
        }
    });
    let shown = Memo::new(move |_| {
        let parked = shop.basket.with(|basket| basket.parked().to_vec());
        let here = shop.basket.with(|basket| basket.id().cloned());
        let mut all = mine.get();
        for one in parked {
            if !all
                .iter()
                .any(|known| known.cart.opening.id == one.cart.opening.id)
            {
                all.push(one);
            }
        }
        all.retain(|view| {
            let other = Some(&view.cart.opening.id) != here.as_ref();
            other && view.cart.status == Status::Open && view.cart.counted().next().is_some()
        });
        all
    });
    let hers = shop.hers();
    move || {
        let shown = shown.get();
        (!shown.is_empty()).then(|| view! {
            <section class="stack" data-testid="shop-other-carts">
                <h2>{hers.other_carts}</h2>
                <ul class="rows card" role="list">{shown.into_iter().map(|view| one(shop, view)).collect_view()}</ul>
            </section>
        })
    }
}

fn one(shop: Shop, view: CartView) -> impl IntoView {
    let lang = shop.lang.get_untracked();
    let (words, hers) = (lang.cart(), shop.hers());
    let last = last_channel(&view.cart);
    let pieces = view
        .cart
        .counted()
        .map(|line| u64::from(line.quantity()))
        .sum();
    let total = view
        .totals
        .as_ref()
        .map(|totals| money::format(totals.total, lang));
    let (open, join) = (view.clone(), view);
    view! {
        <li class="row shop-other" data-testid="shop-other-cart">
            {icon(channel::drawn(last))}
            <span class="row-words">
                <span>{channel::place(last, words)}</span>
                <span class="row-detail soft">{(words.pieces)(pieces)} {total.map(|total| format!(" · {total}"))}</span>
            </span>
            <span class="line">
                <button class="button" data-testid="shop-use-cart" on:click=move |_| turn(shop, open.clone())>{hers.use_this}</button>
                <button class="button button-quiet" data-testid="shop-put-in" on:click=move |_| put_in(shop, join.clone())>{hers.put_together}</button>
            </span>
        </li>
    }
}

/// Where somebody was at it last.
fn last_channel(cart: &Cart) -> Channel {
    let held = cart.lease.hold.as_ref().map(|hold| hold.channel);
    held.or_else(|| cart.lines.last().map(|line| line.by.channel))
        .unwrap_or(Channel::Online)
}

fn turn(shop: Shop, view: CartView) {
    spawn_local(async move {
        let settled = courier::settle(shop).await;
        if !settled || !shop.with_basket(|basket| basket.turn_to(view)) {
            shop.say(shop.hers().no_answer);
        }
        shop.taken.set(None);
    });
}

fn put_in(shop: Shop, other: CartView) {
    spawn_local(async move {
        match try_put_in(shop, &other).await {
            Ok(()) => {}
            Err(Trouble::Offline) => shop.say(shop.hers().no_answer),
            Err(Trouble::Refused(_)) => shop.say(shop.hers().not_now),
        }
    });
}

async fn try_put_in(shop: Shop, other: &CartView) -> Result<(), Trouble> {
    if !courier::settle(shop).await {
        return Err(Trouble::Offline);
    }
    let here = shop.basket.with_untracked(|basket| basket.id().cloned());
    let (Some(here), Some(id)) = (here, new_command()) else {
        shop.with_basket(|basket: &mut Basket| basket.turn_to(other.clone()));
        return Ok(());
    };
    let source = other.cart.opening.id.clone();
    let request = MergeRequest {
        id: id.clone(),
        source: source.clone(),
    };
    let view: CartView = post(shop, &format!("/v1/carts/{here}/merge"), &request).await?;
    shop.with_basket(|basket| basket.absorbed(view, id, source));
    Ok(())
}
