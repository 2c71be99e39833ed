//! Lists: a department, and what a search found.

use crate::model::department;
use crate::parts::item::tile;
use crate::parts::notice;
use crate::parts::rows::rows;
use crate::place::Address;
use crate::shop::frame::follow;
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::state::Shop;
use domain::api::content::ItemView;
use domain::ids::DepartmentId;
use leptos::prelude::*;

/// A department.
pub(crate) fn department_page(shop: Shop, department: DepartmentId) -> impl IntoView {
    shop.tell(&Click::ListViewed(department.clone()));
    let name = department::name(&department);
    let items = Memo::new(move |_| {
        shop.catalogue
            .with(|catalogue| catalogue.in_department(&department))
    });
    view! {
        <h1 dir="auto">{name}</h1>
        {tiles(shop, items.into())}
    }
}

/// What a search found.
pub(crate) fn search_page(shop: Shop, query: String) -> impl IntoView {
    let words = shop.words();
    shop.tell(&Click::Searched(query.clone()));
    let title = format!("“{query}”");
    let (mine, found) = (query.clone(), query);
    let items = Memo::new(move |_| shop.catalogue.with(|catalogue| catalogue.search(&found)));
    let count = move || (words.results)(u32::try_from(items.with(Vec::len)).unwrap_or(u32::MAX));
    view! {
        <h1 dir="auto">{title}</h1>
        <p class="soft" role="status">{count}</p>
        {tiles(shop, items.into())}
        {move || items.with(Vec::is_empty).then(|| notice::empty("basket", (words.no_items)(&mine), words.browse_help))}
    }
}

/// Items as tiles; a touch is told as a click and opens the item.
pub(crate) fn tiles(shop: Shop, items: Signal<Vec<ItemView>>) -> impl IntoView {
    let one = move |view: Signal<ItemView>| {
        let sku = view.with_untracked(|view| view.item.sku.clone());
        let route = ShopRoute::Item(sku.clone());
        let href = route.path();
        let open = move |click: leptos::ev::MouseEvent| {
            shop.tell(&Click::Clicked(Box::new(view.get_untracked())));
            follow(shop, route.clone())(click);
        };
        view! {
            <li><a class="tile" href=href data-testid="shop-item" data-sku=sku.to_string() on:click=open>
                {move || view.with(|view| tile(view, shop.lang.get_untracked(), false))}
            </a></li>
        }
    };
    view! { <ul class="tiles" role="list">{rows(items, |view| view.item.sku.clone(), one)}</ul> }
}
