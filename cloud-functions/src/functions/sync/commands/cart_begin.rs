//! `cart.begin`: begins a cart. A repeat, also on another device, finds the cart that is there.

use super::{Decision, Desk};
use crate::carts::{self, index};
use crate::table::TableError;
use domain::api::identity::DeviceKind;
use domain::cart::{Cart, Opening};

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let opening: Opening = match serde_json::from_str(args) {
        Ok(opening) => opening,
        Err(error) => return Ok(Decision::rejected("cart-invalid", error)),
    };
    if opening.store != *desk.store {
        return Ok(Decision::rejected(
            "cart-elsewhere",
            "This cart is another store's",
        ));
    }
    if desk.device.kind == DeviceKind::Kiosk && opening.customer.is_some() {
        return Ok(Decision::rejected(
            "cart-another-customer",
            "A kiosk begins carts of guests alone",
        ));
    }
    if let Some(there) = carts::lookup(desk.ledger, &opening.id).await? {
        let there = there.value.opening;
        let same = there.store == opening.store && there.currency == opening.currency;
        return Ok(if same {
            Decision::applied(Vec::new(), Vec::new())
        } else {
            Decision::rejected("cart-taken", "Another cart has this id")
        });
    }
    let cart = Cart::open(opening);
    let begun = carts::by_command(carts::cart_move(None, &cart)?, desk.command);
    let beside = index::writes(None, &cart, desk.now)?;
    Ok(Decision::applied(vec![begun], beside))
}
