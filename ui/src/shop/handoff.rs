//! Her cart goes to another screen: a QR and a code to type, each good once and for two minutes.

use crate::backend::clock;
use crate::model::cart::{channel, code};
use crate::parts::icon::icon;
use crate::parts::modal::modal;
use crate::parts::qr::qr;
use crate::shop::courier;
use crate::shop::line::{Trouble, post, session};
use crate::shop::state::Shop;
use crate::shop::till_page::seconds;
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::cart::{CartView, LeaseRequest};
use domain::cart::{Channel, Shown};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How far an offer is.
#[derive(Debug, Clone, PartialEq)]
enum Offer {
    Asking,
    Here(Shown, DateTime<Utc>),
    Failed(&'static str),
}

/// The button that offers the cart, and what it opens.
pub(crate) fn handoff_button(shop: Shop) -> impl IntoView {
    let hers = shop.hers();
    let offer = RwSignal::new(None::<Offer>);
    let open = Memo::new(move |_| offer.with(Option::is_some));
    let went = Memo::new(move |_| went(shop).filter(|_| open.get()));
    Effect::new(move |_| {
        if let Some(to) = went.get() {
            offer.set(None);
            let place = channel::place(to, shop.lang.get_untracked().cart());
            shop.say(&(shop.hers().went)(place));
        }
    });
    view! {
        <button class="button" data-testid="shop-in-store" on:click=move |_| ask(shop, offer)>{icon("qr")} {hers.in_store}</button>
        {move || open.get().then(|| dialog(shop, offer))}
    }
}

/// Where the cart is, if this browser does not hold it any more.
fn went(shop: Shop) -> Option<Channel> {
    let device = session().map(|session| session.device().clone())?;
    shop.basket.with(|basket| {
        let hold = basket.confirmed()?.cart.lease.hold.clone()?;
        (hold.device != device).then_some(hold.channel)
    })
}

fn ask(shop: Shop, offer: RwSignal<Option<Offer>>) {
    offer.set(Some(Offer::Asking));
    spawn_local(async move {
        let answer = match try_ask(shop).await {
            Ok(shown) => {
                let until = clock::now() + TimeDelta::seconds(shown.expires_in.into());
                Offer::Here(shown, until)
            }
            Err(trouble) => Offer::Failed(match trouble.slug() {
                "" | "unavailable" => shop.hers().no_answer,
                "cart-held" => shop.hers().elsewhere,
                _ => shop.hers().not_now,
            }),
        };
        // Closed meanwhile: nobody wants it.
        offer.try_update(|offer| {
            if offer.is_some() {
                *offer = Some(answer);
            }
        });
    });
}

async fn try_ask(shop: Shop) -> Result<Shown, Trouble> {
    if !courier::settle(shop).await {
        return Err(Trouble::Offline);
    }
    let cart = shop.basket.with_untracked(|basket| basket.id().cloned());
    let cart = cart.ok_or(Trouble::Offline)?;
    let held: CartView = post(
        shop,
        &format!("/v1/carts/{cart}/lease"),
        &LeaseRequest::Claim,
    )
    .await?;
    shop.with_basket(|basket| basket.saw(held));
    post(shop, &format!("/v1/carts/{cart}/handoff"), &()).await
}

fn dialog(shop: Shop, offer: RwSignal<Option<Offer>>) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    let inside = view! {
        <h2>{hers.in_store}</h2>
        {move || match offer.get() {
            Some(Offer::Here(shown, until)) => here(shop, &shown, until, offer).into_any(),
            Some(Offer::Failed(why)) => view! { <p class="notice notice-warn" role="alert" data-testid="shop-no-offer">{why}</p> }.into_any(),
            Some(Offer::Asking) | None => view! { <p class="soft" role="status">{shop.lang.get_untracked().cart().asking}</p> }.into_any(),
        }}
        <button class="button" data-testid="shop-close-offer" on:click=move |_| offer.set(None)>{words.close}</button>
    };
    modal(
        "dialog",
        hers.in_store,
        "shop-offer",
        Callback::new(move |()| offer.set(None)),
        inside,
    )
}

fn here(
    shop: Shop,
    shown: &Shown,
    until: DateTime<Utc>,
    offer: RwSignal<Option<Offer>>,
) -> impl IntoView + use<> {
    let (words, hers) = (shop.lang.get_untracked().cart(), shop.hers());
    let origin = window().location().origin().unwrap_or_default();
    let address = format!("{origin}/h/{}", shown.secret);
    let left = seconds(move |now| u32::try_from((until - now).num_seconds().max(0)).unwrap_or(0));
    let good = Memo::new(move |_| left.get() > 0);
    let typed = code::grouped(&shown.code);
    view! {
        {move || if good.get() {
            view! {
                <p class="soft">{hers.in_store_help}</p>
                <div class="shop-qr">{qr(&address, words.qr_label)}</div>
                <p class="shop-code"><span class="soft small">{words.hand_type}</span> <strong class="figure" dir="ltr" data-testid="shop-code">{typed.clone()}</strong></p>
                <p class="soft small figure" role="timer">{move || (words.ends_in)(&code::clock(left.get()))}</p>
            }.into_any()
        } else {
            view! {
                <p role="status">{words.code_ended}</p>
                <button class="button button-primary" data-testid="shop-new-code" on:click=move |_| ask(shop, offer)>{words.new_code}</button>
            }.into_any()
        }}
    }
}
