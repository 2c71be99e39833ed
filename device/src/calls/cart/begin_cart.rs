//! Opens the cart that this device works on for somebody, or begins one: durable here, with the network down or up.

use super::super::access::Caller;
use super::super::keep::check_customer;
use super::page::{keep, page};
use crate::device::Shared;
use crate::keepsakes::{AT_WORK, AtWork};
use crate::refusal::{fault, of_replica, refuse};
use domain::api::device::{Aged, BeginCart, CartPage, Refusal, RefusalCode};
use domain::api::identity::DeviceKind;
use domain::api::sync::command;
use domain::cart::{Opening, Status};
use domain::ids::{CartId, CustomerId};
use sync::ShownCart;

pub(super) fn begin_cart(
    shared: &Shared,
    _caller: &Caller,
    request: &BeginCart,
) -> Result<Aged<CartPage>, Refusal> {
    let customer = request.customer.as_ref();
    if shared.kind() == DeviceKind::Kiosk && customer.is_some() {
        return Err(refuse(
            RefusalCode::Forbidden,
            "A kiosk knows no customer: her cart is a guest's",
        ));
    }
    if let Some(customer) = customer {
        check_customer(shared, customer)?;
    }
    let at_work = match request.anew {
        true => None,
        false => at_work(shared, customer)?,
    };
    let shown = match at_work {
        Some(shown) => shown,
        None => begin(shared, customer)?,
    };
    shared.here(page(shared, shown, None)?)
}

/// The open cart that this device works on for her.
fn at_work(shared: &Shared, customer: Option<&CustomerId>) -> Result<Option<ShownCart>, Refusal> {
    let shown = match shared.kind() {
        DeviceKind::Kiosk => shared.carts.guest().map(|shown| shown.cart.opening.id),
        DeviceKind::Tablet => {
            let at_work = AT_WORK.read(&shared.replica).map_err(of_replica)?;
            at_work.unwrap_or_default().cart(customer).cloned()
        }
    };
    let Some(shown) = shown
        .map(|id| shared.shown_cart(&id))
        .transpose()?
        .flatten()
    else {
        return Ok(None);
    };
    let open = matches!(shown.cart.status, Status::Open | Status::Checkout(_));
    let hers = shown.cart.opening.customer.as_ref() == customer;
    Ok((open && hers).then_some(shown))
}

fn begin(shared: &Shared, customer: Option<&CustomerId>) -> Result<ShownCart, Refusal> {
    let store = shared.joined()?.store.clone();
    let known = shared.replica.store(&store).map_err(of_replica)?;
    let missing = || {
        let why = "A cart needs the store, which has not arrived on this device yet";
        refuse(RefusalCode::Offline, why)
    };
    let opening = Opening {
        id: CartId::parse(shared.ports.uuid(shared.now()).to_string()).map_err(fault)?,
        currency: known.ok_or_else(missing)?.currency,
        store,
        customer: customer.cloned(),
    };
    works_on(shared, &opening)?;
    if shared.kind() == DeviceKind::Kiosk {
        shared.carts.begin_guest(opening.clone(), None);
    }
    keep(shared, command::CART_BEGIN, &opening, &opening.id)?;
    shared.find_cart(&opening.id)
}

/// This device works on a cart from now on. A kiosk does for as long as its guest is there.
pub(super) fn works_on(shared: &Shared, opening: &Opening) -> Result<(), Refusal> {
    if shared.kind() == DeviceKind::Kiosk {
        return Ok(());
    }
    let mut at_work: AtWork = AT_WORK
        .read(&shared.replica)
        .map_err(of_replica)?
        .unwrap_or_default();
    at_work.set(opening.customer.as_ref(), &opening.id);
    AT_WORK.keep(&shared.replica, &at_work).map_err(of_replica)
}
