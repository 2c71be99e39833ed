//! What she bought, here and in the store, with each receipt and what came back.

use crate::model::cart::channel;
use crate::model::money;
use crate::parts::icon::{directed, icon};
use crate::parts::notice;
use crate::place::Address;
use crate::shop::frame::follow;
use crate::shop::line::{Trouble, get};
use crate::shop::ordered;
use crate::shop::receipt::{receipt, short};
use crate::shop::route::ShopRoute;
use crate::shop::state::Shop;
use domain::api::shopper::{MyOrder, MyOrders};
use domain::cart::Settlement;
use domain::ids::OrderId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is known of her orders.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    Asking,
    Here(Vec<MyOrder>),
    Nobody,
}

fn read(shop: Shop) -> RwSignal<Known> {
    let known = RwSignal::new(Known::Asking);
    spawn_local(async move {
        let heard = get::<MyOrders>(shop, "/v1/shopper/orders").await;
        let mut orders = match heard {
            Ok(mine) => mine.orders,
            Err(Trouble::Refused(_)) => Vec::new(),
            Err(Trouble::Offline) if ordered::last().is_none() => {
                known.try_set(Known::Nobody);
                return;
            }
            Err(Trouble::Offline) => Vec::new(),
        };
        let last = ordered::last().filter(|last| orders.iter().all(|one| one.order.id != last.id));
        if let Some(order) = last {
            let settlement = Settlement::default();
            orders.insert(0, MyOrder { order, settlement });
        }
        known.try_set(Known::Here(orders));
    });
    known
}

/// All of them.
pub(crate) fn orders_page(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    let known = read(shop);
    let guest = move || shop.customer.get().is_none();
    view! {
        <h1>{hers.your_orders}</h1>
        {move || guest().then(|| view! {
            <p class="notice apart"><span>{hers.orders_guest}</span>
                <a class="button" href=ShopRoute::Account.path() on:click=follow(shop, ShopRoute::Account)>{words.sign_in}</a></p>
        })}
        {move || match known.get() {
            Known::Asking => notice::skeleton(3, words).into_any(),
            Known::Nobody => view! { <p class="notice notice-warn" role="alert">{hers.no_answer}</p> }.into_any(),
            Known::Here(orders) if orders.is_empty() => notice::empty("tote", hers.no_orders.to_owned(), hers.no_orders_help).into_any(),
            Known::Here(orders) => view! {
                <ul class="rows card" role="list">{orders.iter().map(|one| row(shop, one)).collect_view()}</ul>
            }.into_any(),
        }}
    }
}

fn row(shop: Shop, mine: &MyOrder) -> impl IntoView + use<> {
    let lang = shop.lang.get_untracked();
    let words = lang.cart();
    let order = &mine.order;
    let route = ShopRoute::Order(order.id.clone());
    let at = order
        .placed_at
        .with_timezone(&crate::backend::clock::here())
        .format("%Y-%m-%d")
        .to_string();
    let pieces = order
        .totals
        .lines
        .iter()
        .map(|line| u64::from(line.quantity))
        .sum();
    let back = !mine.settlement.refunds.is_empty();
    view! {
        <li>
            <a class="row" href=route.path() data-testid="shop-order" on:click=follow(shop, route)>
                {icon(channel::drawn(order.channel))}
                <span class="row-words">
                    <span class="figure" dir="ltr">{at} " · " {short(order)}</span>
                    <span class="row-detail soft">{channel::place(order.channel, words)} " · " {(words.pieces)(pieces)}</span>
                    {back.then(|| view! { <span class="row-detail warn">{words.given_back}</span> })}
                </span>
                <span class="price">{money::format(order.totals.total, lang)}</span>
                {directed("chevron")}
            </a>
        </li>
    }
}

/// One of them.
pub(crate) fn order_page(shop: Shop, id: OrderId) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    let known = read(shop);
    view! {
        <div class="stack shop-narrow">
            <a class="button button-quiet shop-print" href=ShopRoute::Orders.path() on:click=follow(shop, ShopRoute::Orders)>{directed("back")} {hers.your_orders}</a>
            {move || match known.get() {
                Known::Asking => notice::skeleton(4, words).into_any(),
                Known::Nobody => view! { <p class="notice notice-warn" role="alert">{hers.no_answer}</p> }.into_any(),
                Known::Here(orders) => match orders.iter().find(|one| one.order.id == id) {
                    Some(one) => receipt(shop, &one.order, &one.settlement).into_any(),
                    None => notice::empty("tote", words.refused_not_found.to_owned(), hers.orders_guest).into_any(),
                },
            }}
        </div>
    }
}
