//! Lists open carts: hers on every channel, or those of the store.

use super::super::access::Caller;
use super::page::{customer_name, items, lease, totals};
use crate::device::Shared;
use crate::refusal::of_replica;
use domain::api::device::{Aged, CartTile, ListCarts, MAX_CARTS, Refusal};
use domain::api::identity::DeviceKind;
use domain::cart::Status;
use sync::ShownCart;

/// Titles on a tile.
const MAX_TITLES: usize = 3;

pub(super) fn list_carts(
    shared: &Shared,
    _caller: &Caller,
    request: &ListCarts,
) -> Result<Aged<Vec<CartTile>>, Refusal> {
    let carts = match shared.kind() {
        DeviceKind::Kiosk => {
            let guest = shared.carts.guest().into_iter();
            let open =
                |shown: &ShownCart| matches!(shown.cart.status, Status::Open | Status::Checkout(_));
            guest.filter(open).collect()
        }
        DeviceKind::Tablet => {
            let customer = request.customer.as_ref();
            shared
                .replica
                .carts(customer, MAX_CARTS)
                .map_err(of_replica)?
        }
    };
    let tiles = carts.into_iter().map(|shown| tile(shared, shown));
    shared.here(tiles.collect::<Result<_, _>>()?)
}

fn tile(shared: &Shared, shown: ShownCart) -> Result<CartTile, Refusal> {
    let now = shared.now();
    let cart = shown.cart;
    let items = items(shared, &cart, now)?;
    let totals = totals(shared, &cart, &items, now)?;
    let pieces = cart.counted().map(|line| u64::from(line.quantity()));
    Ok(CartTile {
        customer_name: customer_name(shared, cart.opening.customer.as_ref())?,
        channel: shown
            .changed
            .map_or(shared.channel(), |(channel, _)| channel),
        changed_at: shown.changed.map(|(_, at)| at),
        pieces: pieces.sum(),
        total: totals.map(|totals| totals.total),
        titles: items
            .into_iter()
            .take(MAX_TITLES)
            .map(|view| view.item.title)
            .collect(),
        lease: lease(shared, &cart, now),
        unsent: shown.unsent,
        customer: cart.opening.customer,
        cart: cart.opening.id,
    })
}
