//! After the order: thanks, and the receipt, also after the page was loaded again.

use crate::backend::memory;
use crate::place::Address;
use crate::shop::frame::follow;
use crate::shop::receipt::receipt;
use crate::shop::route::ShopRoute;
use crate::shop::state::Shop;
use domain::cart::{CartOrder, Settlement};
use domain::ids::OrderId;
use leptos::prelude::*;

/// Under which name the last order is kept.
pub(crate) const LAST: &str = "aisle-last-order";

/// Keeps an order: a guest has it nowhere else.
pub(crate) fn keep(order: &CartOrder) {
    if let Ok(text) = serde_json::to_string(order) {
        memory::keep(LAST, &text);
    }
}

/// The order that was made here last.
pub(crate) fn last() -> Option<CartOrder> {
    memory::recall(LAST).and_then(|text| serde_json::from_str(&text).ok())
}

/// The page.
pub(crate) fn ordered_page(shop: Shop, order: &OrderId) -> impl IntoView + use<> {
    let (words, hers) = (shop.words(), shop.hers());
    let kept = last().filter(|kept| kept.id == *order);
    view! {
        <div class="stack shop-narrow" data-testid="shop-ordered">
            <h1 role="status">{hers.thanks}</h1>
            {kept.map(|order| receipt(shop, &order, &Settlement::default()))}
            <a class="button button-primary shop-print" href="/shop/" on:click=follow(shop, ShopRoute::Home)>{words.keep_looking}</a>
            <a class="button button-quiet shop-print" href=ShopRoute::Orders.path() on:click=follow(shop, ShopRoute::Orders)>{hers.your_orders}</a>
        </div>
    }
}
