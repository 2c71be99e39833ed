//! The shop's frame: its head, and the page that the address names.

use crate::parts::icon::icon;
use crate::parts::languages::languages;
use crate::parts::notice;
use crate::place::{Address, is_plain};
use crate::shop::route::ShopRoute;
use crate::shop::state::{Shop, Stage};
use crate::shop::{
    account_page, cart_page, item_page, list_page, ordered, orders_page, start_page, take_over,
};
use leptos::prelude::*;

/// The shop.
pub(crate) fn shop() -> impl IntoView {
    crate::finger::watch();
    let shop = Shop::open();
    let route = Memo::new(move |_| shop.place.route());
    // Every page of the catalogue says that the shop is open; what is shown is built once.
    let stage = Memo::new(move |_| shop.stage.get());
    Effect::new(move |_| dress(shop));
    Effect::new(move |_| {
        route.track();
        crate::place::focus_content();
        window().scroll_to_with_x_and_y(0.0, 0.0);
    });
    move || {
        shop.lang.track();
        let words = shop.words();
        // What is hers is shown without the goods, too.
        let shown = move || match stage.get() {
            Stage::Down if route.with(ShopRoute::is_hers) => Stage::Open,
            stage => stage,
        };
        let page = move || match (shown(), route.get()) {
            (Stage::Down, _) => down(shop).into_any(),
            (Stage::Waiting, _) => notice::skeleton(5, words).into_any(),
            (Stage::Open, ShopRoute::Home) => start_page::start_page(shop).into_any(),
            (Stage::Open, ShopRoute::Department(department)) => {
                list_page::department_page(shop, department).into_any()
            }
            (Stage::Open, ShopRoute::Search(query)) => {
                list_page::search_page(shop, query).into_any()
            }
            (Stage::Open, ShopRoute::Item(sku)) => item_page::item_page(shop, sku).into_any(),
            (Stage::Open, ShopRoute::Cart) => cart_page::cart_page(shop).into_any(),
            (Stage::Open, ShopRoute::Ordered(order)) => {
                ordered::ordered_page(shop, &order).into_any()
            }
            (Stage::Open, ShopRoute::Orders) => orders_page::orders_page(shop).into_any(),
            (Stage::Open, ShopRoute::Order(order)) => {
                orders_page::order_page(shop, order).into_any()
            }
            (Stage::Open, ShopRoute::Account) => account_page::account_page(shop).into_any(),
            (Stage::Open, ShopRoute::TakeOver) => take_over::take_over_page(shop).into_any(),
            (Stage::Open, ShopRoute::Handoff(secret)) => {
                take_over::handoff_page(shop, secret).into_any()
            }
        };
        view! {
            <div class="shop" data-room=move || if route.with(ShopRoute::is_hers) { "hers" } else { "goods" }>
                <a class="skip-link" href="#content">{words.skip}</a>
                {head(shop)}
                <main class="shop-page" id="content" tabindex="-1">{page}</main>
                <p class="shop-message" role="status" data-testid="shop-message">{move || shop.message.get()}</p>
                <footer class="shop-foot">
                    {languages(shop.lang.get_untracked(), words.language, move |lang| shop.lang.set(lang))}
                </footer>
            </div>
        }
    }
}

fn dress(shop: Shop) {
    let lang = shop.lang.get();
    if let Some(root) = document().document_element() {
        for (name, value) in [
            ("lang", lang.tag()),
            ("dir", lang.direction()),
            ("data-scale", crate::place::scale()),
        ] {
            let _ = root.set_attribute(name, value);
        }
    }
}

fn head(shop: Shop) -> impl IntoView {
    view! {
        <header class="shop-head">
            <a class="shop-name" href="/shop/" data-testid="shop-home" on:click=follow(shop, ShopRoute::Home)>"Fleetkant"</a>
            {search(shop)}
            {tabs(shop)}
        </header>
        {departments(shop)}
    }
}

/// The four places of the shop: beside the search on a wide screen, under the thumb on a phone.
fn tabs(shop: Shop) -> impl IntoView {
    let (words, hers) = (shop.words(), shop.hers());
    let pieces = crate::shop::cart_page::pieces(shop);
    let count = move || {
        (pieces.get() > 0)
            .then(|| view! { <span class="badge" data-testid="shop-cart-count">{pieces}</span> })
    };
    let tab = move |route: ShopRoute, drawn, name: &'static str, testid| {
        let here = route.clone();
        let current = move || (shop.place.route() == here).then_some("page");
        view! {
            <a class="shop-tab" href=route.path() aria-current=current data-testid=testid on:click=follow(shop, route)>
                {icon(drawn)} <span>{name}</span>
            </a>
        }
    };
    view! {
        <nav class="shop-tabs" aria-label=hers.shop>
            {tab(ShopRoute::Home, "store", hers.shop, "shop-tab-home")}
            <span class="shop-tab-cart">{tab(ShopRoute::Cart, "cart", words.cart, "shop-cart")} {count}</span>
            {tab(ShopRoute::Orders, "receipt", hers.your_orders, "shop-orders")}
            {tab(ShopRoute::Account, "person", hers.you, "shop-account")}
        </nav>
    }
}

fn search(shop: Shop) -> impl IntoView {
    let words = shop.words();
    let query = RwSignal::new(match shop.place.route_now() {
        ShopRoute::Search(query) => query,
        _ => String::new(),
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let words = query.get_untracked().trim().to_owned();
        if !words.is_empty() {
            shop.place.go(ShopRoute::Search(words));
        }
    };
    view! {
        <form class="search grow" role="search" on:submit=submit>
            {icon("search")}
            <input class="input" type="search" data-testid="shop-search" aria-label=words.shop_search placeholder=words.shop_search
                maxlength="100" autocomplete="off" enterkeyhint="search"
                prop:value=move || query.get() on:input:target=move |event| query.set(event.target().value())/>
        </form>
    }
}

fn departments(shop: Shop) -> impl IntoView {
    let words = shop.words();
    let all = Memo::new(move |_| {
        shop.catalogue
            .with(crate::shop::catalogue::Catalogue::departments)
    });
    let one = move |department: domain::ids::DepartmentId| {
        let name = crate::model::department::name(&department);
        let route = ShopRoute::Department(department);
        let (href, mine) = (route.path(), route.clone());
        let current = move || (shop.place.route() == mine).then_some("page");
        view! {
            <a class="chip" href=href aria-current=current data-testid="shop-department" on:click=follow(shop, route)>{name}</a>
        }
    };
    view! {
        <nav class="filters shop-departments" aria-label=words.departments>
            {move || all.get().into_iter().map(one).collect_view()}
        </nav>
    }
}

/// Follows a link inside the shop; a modified click is the browser's.
pub(crate) fn follow(shop: Shop, route: ShopRoute) -> impl Fn(leptos::ev::MouseEvent) + 'static {
    move |click| {
        if is_plain(&click) {
            click.prevent_default();
            shop.place.go(route.clone());
        }
    }
}

fn down(shop: Shop) -> impl IntoView {
    let words = shop.words();
    view! {
        <div class="state" role="alert" data-testid="shop-down">
            <svg class="state-art" aria-hidden="true" focusable="false"><use href="#lantern"></use></svg>
            <h2>{words.shop_down}</h2>
            <p>{words.shop_down_help}</p>
            <button class="button" on:click=move |_| shop.load()>{words.try_again}</button>
        </div>
    }
}
