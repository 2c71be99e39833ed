//! A refused command about a cart, done again on the cart as it is now.

use super::super::access::Caller;
use super::change_cart::accept;
use super::page::{author, refused};
use crate::device::Shared;
use crate::refusal::{fault, invalid};
use domain::api::device::{Refusal, UnsentCommand};
use domain::api::sync::command;
use domain::cart::{
    Action, Cart, CartChange, CartCommand, OfflineSale, Opening, Refusal as CartRefusal,
};
use domain::ids::{CartId, CommandId};
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

/// The arguments that go in the place of the refused ones, under the id `anew`, and the cart that they are about.
pub(in super::super) fn mended(
    shared: &Shared,
    caller: &Caller,
    unsent: &UnsentCommand,
    anew: &CommandId,
) -> Result<(Box<RawValue>, CartId), Refusal> {
    let same = || to_raw_value(&unsent.args).map_err(fault);
    match unsent.kind.as_str() {
        command::CART_BEGIN => Ok((same()?, read::<Opening>(unsent)?.id)),
        // Money was taken and goods were given: it is told as it was.
        command::CART_SELL => Ok((same()?, read::<OfflineSale>(unsent)?.order.cart)),
        command::CART_CHANGE => {
            let change: CartChange = read(unsent)?;
            let cart = shared.find_cart(&change.cart)?.cart;
            let command = CartCommand {
                id: anew.clone(),
                by: author(shared, caller)?,
                issued_at_device: shared.now(),
                action: on_what_is_there(&cart, change.command.action)?,
            };
            accept(&cart, &command)?;
            let cart = change.cart;
            let args = CartChange {
                cart: cart.clone(),
                command,
            };
            Ok((to_raw_value(&args).map_err(fault)?, cart))
        }
        _ => Err(unreadable()),
    }
}

/// The same action on the line as it is now.
fn on_what_is_there(cart: &Cart, action: Action) -> Result<Action, Refusal> {
    let line = cart.line(action.line_id());
    let gone = || refused(CartRefusal::LineGone);
    Ok(match action {
        Action::SetQuantity {
            line_id, quantity, ..
        } => Action::SetQuantity {
            base_version: line.ok_or_else(gone)?.version,
            line_id,
            quantity,
        },
        Action::RemoveLine { line_id, .. } => Action::RemoveLine {
            observed: line.ok_or_else(gone)?.observed(),
            line_id,
        },
        other => other,
    })
}

fn read<T: DeserializeOwned>(unsent: &UnsentCommand) -> Result<T, Refusal> {
    serde_json::from_value(unsent.args.clone()).map_err(|_| unreadable())
}

fn unreadable() -> Refusal {
    invalid("id", "is a command that this program cannot change")
}
