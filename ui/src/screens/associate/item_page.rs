//! An item's page: what it is, its variants, and what goes with it.

use crate::load::Load;
use crate::parts::icon::{directed, icon};
use crate::parts::item::{price, shelf_tile, shelf_title, stock};
use crate::parts::{art::art, notice};
use crate::place::is_plain;
use crate::route::Route;
use crate::screens::associate::asked;
use crate::screens::cart::add::{Into, add};
use crate::tablet::Tablet;
use domain::api::content::{ItemView, Shelf, ShelfItem};
use domain::api::device::{Aged, ItemPage, OpenItem};
use domain::ids::Sku;
use leptos::prelude::*;

/// The page.
pub(crate) fn item_page(tablet: Tablet, sku: Sku) -> impl IntoView {
    let load: RwSignal<Load<Aged<ItemPage>>> = RwSignal::new(Load::default());
    crate::place::focus_content();
    view! {
        <article class="item-page" data-testid="item-page">
            <button class="button button-quiet" data-testid="item-back" on:click=move |_| tablet.place.go(Route::Items(None))>
                {directed("back")} {tablet.words().back}
            </button>
            {asked(tablet, load, OpenItem { sku }, move |page| move || page.with(|page| body(tablet, &page.value)))}
        </article>
    }
}

fn body(tablet: Tablet, page: &ItemPage) -> impl IntoView + use<> {
    let words = tablet.words();
    let open = Callback::new(move |sku| tablet.place.go(Route::Items(Some(sku))));
    let others = page.variants.len() > 1;
    view! {
        {about(tablet, &page.view)}
        {add_to_cart(tablet, page.view.item.sku.clone())}
        {others.then(|| view! { <h2 class="label">{words.variants}</h2> {variants(tablet, page, open)} })}
        {page.shelves.iter().map(|shelf| self::shelf(tablet, shelf, open)).collect_view()}
    }
}

/// Puts the item into the cart that is worked on, else into a new one.
fn add_to_cart(tablet: Tablet, sku: Sku) -> impl IntoView {
    let busy = RwSignal::new(false);
    let label = move || {
        let name = tablet.serving.get().and_then(|serving| serving.name);
        name.map_or_else(
            || tablet.words().add_to_cart.to_owned(),
            |name| (tablet.cart_words().add_for)(&name),
        )
    };
    view! {
        <button type="button" class="button button-primary" data-testid="add-to-cart" disabled=move || busy.get()
            on:click=move |_| add(tablet, Into::serving(tablet), sku.clone(), busy)>{icon("cart")} <span dir="auto">{label}</span></button>
    }
}

/// The item itself: drawing, title, price, stock.
pub(crate) fn about(tablet: Tablet, view: &ItemView) -> impl IntoView + use<> {
    let words = tablet.words();
    let item = &view.item;
    let detail = [item.brand.clone(), crate::model::titles::variant(view)];
    let detail = detail
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let description = (!item.description.is_empty()).then(|| item.description.clone());
    view! {
        <div class="item-about">
            {art(item)}
            <div class="stack">
                <h1 dir="auto" data-testid="item-title">{item.title.clone()}</h1>
                <p class="soft" dir="auto">{detail}</p>
                <p class="item-figures">{price(view.price.as_ref(), tablet.lang.get_untracked())} {stock(view.on_hand, words)}</p>
                {description.map(|text| view! { <p dir="auto">{text}</p> })}
                <p class="small soft">{words.number} " " <span dir="ltr">{item.sku.to_string()}</span></p>
            </div>
        </div>
    }
}

/// The variants of the style, this one marked.
pub(crate) fn variants(
    tablet: Tablet,
    page: &ItemPage,
    open: Callback<Sku>,
) -> impl IntoView + use<> {
    let words = tablet.words();
    let this = page.view.item.sku.clone();
    let one = move |variant: &ItemView| {
        let sku = variant.item.sku.clone();
        let pressed = (sku == this).to_string();
        let mut name = crate::model::titles::variant(variant);
        if name.is_empty() {
            name = sku.to_string();
        }
        view! {
            <button class="chip variant" aria-pressed=pressed on:click=move |_| open.run(sku.clone())>
                <i class="swatch" data-colour=variant.item.colour.clone()></i>
                <span dir="auto">{name}</span>
                {stock(variant.on_hand, words)}
            </button>
        }
    };
    view! { <div class="chips">{page.variants.iter().map(one).collect_view()}</div> }
}

/// A shelf: a title and a line of tiles.
pub(crate) fn shelf(tablet: Tablet, shelf: &Shelf, open: Callback<Sku>) -> impl IntoView + use<> {
    let title = shelf_title(shelf, tablet.words());
    view! {
        <section class="shelf">
            <h2 dir="auto">{title}</h2>
            <ul class="shelf-line" role="list">
                {shelf.items.iter().map(|shown| shelf_link(tablet, shown, open)).collect_view()}
            </ul>
        </section>
    }
}

fn shelf_link(tablet: Tablet, shown: &ShelfItem, open: Callback<Sku>) -> impl IntoView + use<> {
    let sku = shown.view.item.sku.clone();
    let name = sku.to_string();
    let click = move |click: leptos::ev::MouseEvent| {
        if is_plain(&click) {
            open.run(sku.clone());
        }
    };
    view! {
        <li>
            <button class="tile" data-testid="recommendation" data-sku=name on:click=click>
                {shelf_tile(shown, tablet.lang.get_untracked(), true)}
            </button>
        </li>
    }
}

/// A list that has nothing to show.
pub(crate) fn nothing(tablet: Tablet) -> impl IntoView {
    let words = tablet.words();
    notice::empty(
        "basket",
        words.no_items_here.to_owned(),
        words.no_items_help,
    )
}
