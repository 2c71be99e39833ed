//! A cart in a list: whose it is, where it was changed, how much is in it.

use crate::model::cart::channel;
use crate::model::money;
use crate::parts::icon::icon;
use crate::tablet::Tablet;
use domain::api::device::{CartTile, LeaseView};
use leptos::prelude::*;

/// The inside of a tile. Its title is hers, or where it stands when `by_place`.
pub(crate) fn cart_tile(tablet: Tablet, tile: &CartTile, by_place: bool) -> impl IntoView + use<> {
    let (words, lang) = (tablet.cart_words(), tablet.lang.get_untracked());
    let place = channel::place(tile.channel, words);
    let name = tile.customer_name.as_deref();
    let title = match (by_place, name) {
        (true, _) => words.carts.to_owned() + " " + place,
        (false, Some(name)) => name.to_owned(),
        (false, None) => words.guest_cart.to_owned(),
    };
    let changed_at = tile.changed_at;
    let where_and_when = move || {
        let age = changed_at.map(|at| (tablet.words().ago)(tablet.age(at)));
        let told = [(!by_place).then(|| place.to_owned()), age];
        told.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let total = tile.total.map(|total| money::format(total, lang));
    let pieces = (words.pieces)(tile.pieces);
    let titles = tile.titles.join(", ");
    let held = match tile.lease {
        LeaseView::Elsewhere { channel, .. } => {
            Some((words.held_now)(channel::place(channel, words)))
        }
        LeaseView::Free | LeaseView::Here { .. } => None,
    };
    let unsent = (tile.unsent > 0).then(|| (words.unsent)(tile.unsent));
    view! {
        <span class="cart-tile-icon" data-held=held.is_some().to_string()>{icon(channel::drawn(tile.channel))}</span>
        <span class="row-words">
            <span class="row-title" dir="auto">{title}</span>
            <span class="row-detail soft clamp" dir="auto">{titles}</span>
            <span class="row-detail soft figure">{where_and_when}</span>
            {held.map(|text| view! { <span class="small warn" data-testid="cart-tile-held">{text}</span> })}
            {unsent.map(|text| view! { <span class="small warn" data-testid="cart-tile-unsent">{text}</span> })}
        </span>
        <span class="row-figures">
            <span class="price">{total}</span>
            <span class="small soft figure">{pieces}</span>
        </span>
    }
}
