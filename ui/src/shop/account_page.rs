//! Who she is to the shop: her points, her card, and the way out; for a guest the way in.

use crate::backend::memory;
use crate::model::money;
use crate::parts::icon::{directed, icon};
use crate::parts::qr::qr;
use crate::place::Address;
use crate::shop::frame::follow;
use crate::shop::line::get;
use crate::shop::route::ShopRoute;
use crate::shop::state::Shop;
use crate::shop::{basket::Basket, courier, sign_in};
use domain::api::shopper::Me;
use domain::loyalty::Tier;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Under which name her card is kept: it is to be shown where there is no network.
const ME: &str = "aisle-me";

/// The page.
pub(crate) fn account_page(shop: Shop) -> impl IntoView {
    let known = Memo::new(move |_| shop.customer.with(Option::is_some));
    view! {
        <div class="shop-narrow stack">
            {move || if known.get() { known_page(shop).into_any() } else { sign_in::sign_in(shop).into_any() }}
        </div>
    }
}

fn known_page(shop: Shop) -> impl IntoView {
    let kept = memory::recall(ME).and_then(|text| serde_json::from_str::<Me>(&text).ok());
    let me = RwSignal::new(kept);
    spawn_local(async move {
        if let Ok(now) = get::<Me>(shop, "/v1/shopper/me").await {
            if let Ok(text) = serde_json::to_string(&now) {
                memory::keep(ME, &text);
            }
            me.try_set(Some(now));
        }
    });
    view! {
        {move || me.get().map(|me| card(shop, &me))}
        <a class="button button-wide" href=ShopRoute::Orders.path() on:click=follow(shop, ShopRoute::Orders)>
            {icon("receipt")} {shop.hers().your_orders} {directed("chevron")}
        </a>
        {way_out(shop)}
    }
}

fn card(shop: Shop, me: &Me) -> impl IntoView + use<> {
    let (words, hers, lang) = (shop.words(), shop.hers(), shop.lang.get_untracked());
    let name = me.first_name.clone().unwrap_or_default();
    let (tier, style) = match me.tier {
        Tier::Member => (words.member, "member"),
        Tier::Silver => (words.silver, "silver"),
        Tier::Gold => (words.gold, "gold"),
    };
    let points = (words.points)(&money::count(me.points, lang));
    view! {
        <h1 data-testid="shop-user" dir="auto">{(hers.hello)(&name)}</h1>
        <p class="chips">
            <span class="chip tier" data-tier=style data-testid="shop-tier">{tier}</span>
            <span class="chip figure" data-testid="shop-points">{icon("star")} {points}</span>
            <span class="chip">{icon("store")} <span dir="auto">{me.store_name.clone()}</span></span>
        </p>
        {me.card.clone().map(|number| view! {
            <section class="card shop-card" data-testid="shop-card">
                <h2>{hers.your_card}</h2>
                <div class="shop-qr">{qr(&number, hers.your_card)}</div>
                <strong class="figure" dir="ltr">{number}</strong>
                <p class="soft small">{hers.card_help}</p>
            </section>
        })}
    }
}

fn way_out(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    let warned = RwSignal::new(false);
    let leave = move |_| {
        spawn_local(async move {
            // What waits is hers: it goes to the cloud first, or she decides.
            if !courier::settle(shop).await && !warned.get_untracked() {
                warned.set(true);
                return;
            }
            memory::forget(ME);
            shop.wipe();
            shop.place.go(ShopRoute::Home);
            shop.say(shop.hers().signed_out);
        });
    };
    let unsent = move || shop.basket.with(Basket::unsent) > 0;
    view! {
        <p class="soft small">{hers.sign_out_help}</p>
        {move || (warned.get() && unsent()).then(|| view! { <p class="notice notice-warn" role="alert" data-testid="shop-unsent-stays">{hers.unsent_stays}</p> })}
        <button class="button" data-testid="shop-sign-out" on:click=leave>{words.sign_out}</button>
    }
}
