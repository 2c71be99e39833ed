//! What others do to her cart, as it happens: the cloud is asked as long as somebody looks.

use crate::shop::basket::Basket;
use crate::shop::courier;
use crate::shop::line::{Trouble, get};
use crate::shop::state::Shop;
use domain::api::shopper::CartNews;
use domain::ids::CartId;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// How long the cloud may think about it.
const WAIT_MS: u32 = 20_000;
/// How long nothing is asked after nobody answered, and after it was refused.
const PAUSE: Duration = Duration::from_secs(3);
const LONG_PAUSE: Duration = Duration::from_secs(30);

/// Listens from now on, whenever there is a cart and somebody sees the page.
pub(crate) fn listen(shop: Shop) {
    let visible = RwSignal::new(!document().hidden());
    let _ = window_event_listener_untyped("visibilitychange", move |_| {
        visible.set(!document().hidden());
    });
    let _ = window_event_listener(ev::online, move |_| courier::go(shop));
    let cart = Memo::new(move |_| {
        let known = shop
            .basket
            .with(|basket| basket.confirmed().map(|view| view.cart.opening.id.clone()));
        known.filter(|_| visible.get())
    });
    let generation = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let cart = cart.get();
        let this = generation.try_update(|generation| {
            *generation = generation.wrapping_add(1);
            *generation
        });
        if let (Some(cart), Some(this)) = (cart, this) {
            courier::go(shop);
            let current = move || generation.get_untracked() == this;
            next(shop, cart, None, current);
        }
    });
}

/// Asks once, and again.
fn next(
    shop: Shop,
    cart: CartId,
    tag: Option<String>,
    current: impl Fn() -> bool + Copy + 'static,
) {
    spawn_local(async move {
        let after = tag
            .as_deref()
            .map(crate::percent::encode)
            .unwrap_or_default();
        let wait_ms = if tag.is_some() { WAIT_MS } else { 0 };
        let path = format!("/v1/carts/{cart}/news?after={after}&wait_ms={wait_ms}");
        let heard = get::<CartNews>(shop, &path).await;
        if !current() {
            return;
        }
        let (tag, pause) = match heard {
            Ok(news) => {
                if let Some(view) = news.view {
                    shop.with_basket(|basket: &mut Basket| basket.saw(view));
                    courier::go(shop);
                }
                (Some(news.tag), Duration::ZERO)
            }
            Err(Trouble::Offline) => (tag, PAUSE),
            Err(Trouble::Refused(_)) => (None, LONG_PAUSE),
        };
        set_timeout(
            move || {
                if current() {
                    next(shop, cart, tag, current);
                }
            },
            pause,
        );
    });
}
