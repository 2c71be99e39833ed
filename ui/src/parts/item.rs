//! An item as a tile and as a row, and its price and stock.

use crate::model::{money, reason, stock::Stock, titles};
use crate::parts::art::art;
use crate::words::{Lang, Words};
use domain::api::content::{ItemView, Shelf, ShelfItem, ShelfKind};
use domain::item::Price;
use leptos::prelude::*;

/// What an item costs, and what it cost before.
pub(crate) fn price(price: Option<&Price>, lang: Lang) -> impl IntoView + use<> {
    let words = lang.words();
    let was = price.and_then(|price| price.was);
    let was = was.map(|was| (words.was)(&money::format(was, lang)));
    let amount = price.map(|price| money::format(price.amount, lang));
    view! {
        <span class="price" class:price-reduced=was.is_some()>{amount.unwrap_or_else(|| words.no_price.to_owned())}</span>
        {was.map(|was| view! { <span class="price-was small">{was}</span> })}
    }
}

/// How many pieces are here.
pub(crate) fn stock(on_hand: Option<i64>, words: &'static Words) -> impl IntoView {
    let stock = Stock::of(on_hand);
    let said = match stock {
        Stock::Unknown => words.stock_unknown.to_owned(),
        Stock::None => words.stock_none.to_owned(),
        Stock::Few(count) | Stock::Plenty(count) => (words.stock_here)(count),
    };
    view! { <span class="stock" data-stock=stock.style()>{said}</span> }
}

/// The inside of a tile: drawing above, words below. `says_stock` is false where the shopper is not in a store.
pub(crate) fn tile(view: &ItemView, lang: Lang, says_stock: bool) -> impl IntoView + use<> {
    let item = &view.item;
    let detail = [item.brand.clone(), titles::variant(view)];
    let detail = detail
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    let on_hand = view.on_hand;
    view! {
        {art(item)}
        <span class="tile-title">{item.title.clone()}</span>
        <span class="tile-detail soft">{detail}</span>
        <span class="tile-foot">
            {price(view.price.as_ref(), lang)}
            {says_stock.then(|| stock(on_hand, lang.words()))}
        </span>
    }
}

/// The inside of a row: drawing, words, price and stock.
pub(crate) fn row(view: &ItemView, lang: Lang) -> impl IntoView + use<> {
    let item = &view.item;
    let detail = [
        titles::variant(view),
        item.brand.clone(),
        item.sku.to_string(),
    ];
    let detail = detail
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        {art(item)}
        <span class="row-words">
            <span class="row-title">{item.title.clone()}</span>
            <span class="row-detail soft">{detail}</span>
        </span>
        <span class="row-figures">{price(view.price.as_ref(), lang)} {stock(view.on_hand, lang.words())}</span>
    }
}

/// The title of a shelf.
#[must_use]
pub(crate) fn shelf_title(shelf: &Shelf, words: &Words) -> String {
    match &shelf.kind {
        ShelfKind::ForYou => words.for_you.to_owned(),
        ShelfKind::Popular => words.popular.to_owned(),
        ShelfKind::Department { department } => crate::model::department::name(department),
        ShelfKind::Similar => words.similar.to_owned(),
        ShelfKind::BoughtTogether => words.bought_together.to_owned(),
    }
}

/// The inside of a tile on a shelf: the item, and why it is there.
pub(crate) fn shelf_tile(shown: &ShelfItem, lang: Lang, says_stock: bool) -> impl IntoView + use<> {
    let why = reason::sentence(shown, lang.words());
    view! {
        {tile(&shown.view, lang, says_stock)}
        <span class="tile-reason">{why}</span>
    }
}
