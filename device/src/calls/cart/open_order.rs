//! Opens an order that was made of a cart: one that the cloud has, or one that was sold here and waits.

use super::super::access::Caller;
use super::page::{customer_name, named};
use crate::device::Shared;
use crate::refusal::{not_found, of_replica};
use domain::api::device::{Delivery, OpenOrder, OrderPage, Refusal};
use domain::api::identity::DeviceKind;
use domain::cart::Settlement;
use sync::OrderHere;

pub(super) fn open_order(
    shared: &Shared,
    _caller: &Caller,
    request: &OpenOrder,
) -> Result<OrderPage, Refusal> {
    let text = request.order.trim();
    let here = match shared.kind() {
        DeviceKind::Kiosk => None,
        DeviceKind::Tablet => shared.replica.cart_order(text).map_err(of_replica)?,
    };
    // Paid just now: the feed brings it in a moment. A kiosk's guest has hers for as long as she stands there.
    let told = || {
        Some(OrderHere {
            order: shared.carts.order(text)?,
            settlement: Settlement::default(),
            state: Delivery::Sent,
        })
    };
    let here = here.or_else(told).ok_or_else(|| not_found("order"))?;
    order_page(shared, here)
}

/// An order with what its receipt says beside it.
pub(super) fn order_page(shared: &Shared, here: OrderHere) -> Result<OrderPage, Refusal> {
    let OrderHere {
        order,
        settlement,
        state,
    } = here;
    let skus = order.totals.lines.iter().map(|line| &line.sku);
    let store = shared.replica.store(&order.store).map_err(of_replica)?;
    let seller = order.associate.as_ref();
    let associate = seller
        .map(|seller| shared.replica.associate(seller))
        .transpose()
        .map_err(of_replica)?
        .flatten();
    Ok(OrderPage {
        items: named(shared, skus, shared.now())?,
        store: store.ok_or_else(|| not_found("store"))?,
        associate_name: associate.map(|associate| associate.name),
        customer_name: customer_name(shared, order.customer.as_ref())?,
        order,
        settlement,
        state,
    })
}
