//! The first page: a headline, and shelves for this browser.

use crate::parts::item::{shelf_tile, shelf_title};
use crate::place::Address;
use crate::shop::list_page::tiles;
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::state::Shop;
use domain::api::content::{Shelf, ShelfItem};
use leptos::prelude::*;

/// Drawings of the headline, and their tints.
const BAND: [(&str, &str); 5] = [
    ("floor-lamp", "mustard"),
    ("rain-jacket", "petrol"),
    ("teapot", "terracotta"),
    ("boots", "chestnut"),
    ("plant-pot", "sage"),
];

/// The page.
pub(crate) fn start_page(shop: Shop) -> impl IntoView {
    let words = shop.words();
    let shelves = shop.shelves(None);
    let drawn = BAND.iter().map(|(name, tint)| {
        view! {
            <svg data-colour=*tint focusable="false"><use href=format!("#{name}")></use></svg>
        }
    });
    view! {
        <section class="shop-hero">
            <div class="stack">
                <h1 class="display">{words.shop_intro}</h1>
                <p class="soft">{words.shop_intro_help}</p>
            </div>
            <div class="shop-band" aria-hidden="true">{drawn.collect_view()}</div>
        </section>
        {move || shelves.with(|shelves| shelves.as_deref().map(|shelves| below(shop, shelves)))}
    }
}

/// What is below the headline. It comes once: nothing that can be touched moves away again.
fn below(shop: Shop, shelves: &[Shelf]) -> AnyView {
    if shelves.is_empty() {
        return first_department(shop).into_any();
    }
    let shelves = shelves.iter().map(|one| shelf(shop, one));
    shelves.collect_view().into_any()
}

/// Without shelves the first department stands in: a shop is never empty.
fn first_department(shop: Shop) -> impl IntoView {
    let items = Memo::new(move |_| {
        shop.catalogue.with(|catalogue| {
            let department = catalogue.departments().into_iter().next();
            department
                .map(|department| catalogue.in_department(&department))
                .unwrap_or_default()
        })
    });
    tiles(shop, items.into())
}

/// A shelf; a touch is told as a click and opens the item.
pub(crate) fn shelf(shop: Shop, shelf: &Shelf) -> impl IntoView + use<> {
    let title = shelf_title(shelf, shop.words());
    let one = |shown: &ShelfItem| {
        let view = Box::new(shown.view.clone());
        let route = ShopRoute::Item(view.item.sku.clone());
        let (href, sku) = (route.path(), view.item.sku.to_string());
        let open = move |click: leptos::ev::MouseEvent| {
            shop.tell(&Click::Clicked(view.clone()));
            crate::shop::frame::follow(shop, route.clone())(click);
        };
        view! {
            <li><a class="tile" href=href data-testid="shop-item" data-sku=sku on:click=open>
                {shelf_tile(shown, shop.lang.get_untracked(), false)}
            </a></li>
        }
    };
    view! {
        <section class="shelf">
            <h2 dir="auto">{title}</h2>
            <ul class="shelf-line" role="list">{shelf.items.iter().map(one).collect_view()}</ul>
        </section>
    }
}
