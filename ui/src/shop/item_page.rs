//! An item's page, with a button that puts it into the cart.

use crate::model::titles;
use crate::parts::art::art;
use crate::parts::icon::icon;
use crate::parts::item::{price, stock};
use crate::parts::notice;
use crate::place::Address;
use crate::shop::frame::follow;
use crate::shop::route::ShopRoute;
use crate::shop::segment::Click;
use crate::shop::start_page::shelf;
use crate::shop::state::Shop;
use domain::api::content::ItemView;
use domain::ids::Sku;
use leptos::prelude::*;

/// The page. The view is told once, when the item is there.
pub(crate) fn item_page(shop: Shop, sku: Sku) -> impl IntoView {
    let shelves = shop.shelves(Some(sku.clone()));
    let found = Memo::new(move |_| {
        shop.catalogue
            .with(|catalogue| catalogue.find(&sku).cloned())
    });
    Effect::new(move |told: Option<bool>| {
        let told = told.unwrap_or(false);
        match found.get() {
            Some(view) if !told => {
                shop.tell(&Click::Viewed(Box::new(view)));
                true
            }
            _ => told,
        }
    });
    let words = shop.words();
    view! {
        <article class="item-page" data-testid="shop-item-page">
            {move || match found.get() {
                Some(view) => about(shop, view).into_any(),
                None => notice::empty("basket", words.refused_not_found.to_owned(), words.browse_help).into_any(),
            }}
            {move || shelves.with(|shelves| shelves.iter().flatten().map(|one| shelf(shop, one)).collect_view())}
        </article>
    }
}

fn about(shop: Shop, view: ItemView) -> impl IntoView {
    let words = shop.words();
    let item = view.item.clone();
    let variants = shop.catalogue.with(|catalogue| catalogue.variants(&view));
    let (drawn, figures) = (
        art(&item),
        price(view.price.as_ref(), shop.lang.get_untracked()),
    );
    let detail = [item.brand.clone(), titles::variant(&view)];
    let detail = detail
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <div class="item-about">
            {drawn}
            <div class="stack">
                <h1 dir="auto" data-testid="item-title">{item.title.clone()}</h1>
                <p class="soft" dir="auto">{detail}</p>
                <p class="item-figures">{figures} {stock(view.on_hand, words)}</p>
                <p dir="auto">{item.description.clone()}</p>
                {(variants.len() > 1).then(|| variant_links(shop, &view, &variants))}
                {add_button(shop, view)}
            </div>
        </div>
    }
}

fn add_button(shop: Shop, view: ItemView) -> impl IntoView {
    let words = shop.words();
    let sku = view.item.sku.clone();
    let pieces = Memo::new(move |_| shop.basket.with(|basket| basket.pieces_of(&sku)));
    let held = move || (pieces.get() > 0).then(|| (words.in_cart)(pieces.get()));
    let unpriced = view.price.is_none();
    view! {
        <div class="line shop-buy">
            <button class="button button-primary" data-testid="shop-add" disabled=unpriced on:click=move |_| shop.add(&view)>
                {icon("cart")} {words.add_to_cart}
            </button>
            <span class="soft" role="status" data-testid="shop-in-cart">{held}</span>
        </div>
    }
}

fn variant_links(shop: Shop, view: &ItemView, variants: &[ItemView]) -> impl IntoView + use<> {
    let this = view.item.sku.clone();
    let one = |variant: &ItemView| {
        let route = ShopRoute::Item(variant.item.sku.clone());
        let current = (variant.item.sku == this).then_some("true");
        view! {
            <a class="chip variant" href=route.path() aria-current=current on:click=follow(shop, route)>
                <i class="swatch" data-colour=variant.item.colour.clone()></i>
                <span dir="auto">{titles::variant(variant)}</span>
            </a>
        }
    };
    view! { <div class="chips">{variants.iter().map(one).collect_view()}</div> }
}
