//! Changes what is in a cart: kept durably here, shown at once, decided in the cloud.

use super::super::access::Caller;
use super::super::keep::new_id;
use super::inverse::inverse;
use super::page::{VERSION, author, kept, new_line_id, page, refused};
use crate::device::Shared;
use crate::refusal::{fault, invalid, of_replica};
use domain::api::device::{CartChange, ChangeCart, Changed, Refusal};
use domain::api::sync::command;
use domain::cart::{
    self, Action, Cart, CartCommand, NewLine, Outcome, PriceSnapshot, Refusal as CartRefusal,
    project,
};
use domain::ids::{CartId, Sku};
use serde_json::value::to_raw_value;
use sync::NewCommand;

pub(super) fn change_cart(
    shared: &Shared,
    caller: &Caller,
    request: &ChangeCart,
) -> Result<Changed, Refusal> {
    let shown = shared.find_cart(&request.cart)?;
    let cart = &shown.cart;
    let Some(action) = action(shared, cart, &request.change)? else {
        let page = shared.here(page(shared, shown, None)?)?;
        return Ok(Changed { page, undo: None });
    };
    let command = CartCommand {
        id: new_id(shared, shared.now())?,
        by: author(shared, caller)?,
        issued_at_device: shared.now(),
        action,
    };
    let after = accept(cart, &command)?;
    queue(shared, &cart.opening.id, &command)?;
    if let Action::AddLine(NewLine { sku, .. }) = &command.action {
        shared.allotting.used([sku], shared.now());
    }
    let undo = inverse(cart, &command, &after, new_line_id(shared)?);
    let shown = shared.find_cart(&request.cart)?;
    Ok(Changed {
        page: shared.here(page(shared, shown, None)?)?,
        undo: undo.map(|action| CartChange::Line { action }),
    })
}

/// What is to be done; `None` where it is done already: a second tap on *undo*.
fn action(shared: &Shared, cart: &Cart, change: &CartChange) -> Result<Option<Action>, Refusal> {
    match change {
        CartChange::Add { sku, quantity } => add(shared, cart, sku, *quantity).map(Some),
        CartChange::Line {
            action: Action::AddLine(new),
        } => {
            check_item(shared, &new.sku)?;
            let there = cart.line(&new.line_id).is_some();
            Ok((!there).then(|| Action::AddLine(new.clone())))
        }
        CartChange::Line { action } => Ok(Some(action.clone())),
    }
}

/// One more on the line that has this item at this price, else a new line.
fn add(shared: &Shared, cart: &Cart, sku: &Sku, quantity: u32) -> Result<Action, Refusal> {
    check_item(shared, sku)?;
    let price = shared
        .replica
        .price_snapshot(sku, shared.now())
        .map_err(of_replica)?;
    let price = price.filter(|price| price.unit.currency == cart.opening.currency);
    let at = |price: Option<&PriceSnapshot>| price.map(|p| (p.unit, p.source.clone()));
    let same = |line: &&cart::Line| {
        line.sku == *sku && line.note.is_empty() && at(line.price.as_ref()) == at(price.as_ref())
    };
    if let Some(line) = cart.lines.iter().find(same) {
        let delta = i32::try_from(quantity).map_err(|_| invalid("quantity", "is too large"))?;
        return Ok(line.step(delta));
    }
    Ok(Action::AddLine(NewLine {
        line_id: new_line_id(shared)?,
        sku: sku.clone(),
        quantity,
        price,
        note: String::new(),
    }))
}

fn check_item(shared: &Shared, sku: &Sku) -> Result<(), Refusal> {
    let known = shared.replica.item(sku).map_err(of_replica)?;
    known
        .map(drop)
        .ok_or_else(|| invalid("sku", "is no item of the catalogue on this device"))
}

/// The cart with it, where the rules take it.
pub(super) fn accept(cart: &Cart, command: &CartCommand) -> Result<Cart, Refusal> {
    let (after, outcomes) = project(cart, std::slice::from_ref(command));
    match outcomes.into_iter().next() {
        Some(Outcome::Refused {
            refusal: CartRefusal::Malformed { fault },
        }) => Err(invalid("change", fault)),
        Some(Outcome::Refused { refusal }) => Err(refused(refusal)),
        Some(Outcome::Forwarded { into, .. }) => Err(refused(CartRefusal::GoneInto { into })),
        _ => Ok(after),
    }
}

/// Keeps a command on a cart durably here, whoever did it.
pub(super) fn queue(shared: &Shared, cart: &CartId, command: &CartCommand) -> Result<(), Refusal> {
    let args = cart::CartChange {
        cart: cart.clone(),
        command: command.clone(),
    };
    let queued = NewCommand {
        id: &command.id,
        kind: command::CART_CHANGE,
        version: VERSION,
        args: &to_raw_value(&args).map_err(fault)?,
        issued_at: command.issued_at_device,
    };
    shared.replica.queue(&queued).map_err(of_replica)?;
    shared.carts.guest_did(cart, command.clone());
    kept(shared, cart);
    Ok(())
}
