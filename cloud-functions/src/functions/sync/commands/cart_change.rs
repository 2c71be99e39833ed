//! `cart.change`: changes what is in a cart, by the rules of `domain::cart`: held while it is paid, the beginning of what
//! follows where it is ordered, applied where it went if it went into another.
//!
//! A kiosk's change counts also where its guest's cart is somebody's by now: nothing that she did is lost, and the answer
//! shows nothing of the cart.

use super::{Decision, Desk};
use crate::carts::{self, MAX_FORWARDS, index};
use crate::devices;
use crate::feed::Move;
use crate::ports::ledger::Write;
use crate::table::TableError;
use domain::api::identity::DeviceKind;
use domain::cart::{Action, CartChange, CartCommand, Channel, Entry, Outcome, PriceSource};
use domain::ids::CartId;

pub(super) async fn decide(desk: &Desk<'_>, args: &str) -> Result<Decision, TableError> {
    let change: CartChange = match serde_json::from_str(args) {
        Ok(change) => change,
        Err(error) => return Ok(Decision::rejected("cart-invalid", error)),
    };
    if let Some(rejected) = check(desk, &change.command).await? {
        return Ok(rejected);
    }
    apply(desk, change).await
}

/// Refuses what is not this device's to say. A tablet brings also what another device of the store gave it in a capsule.
async fn check(desk: &Desk<'_>, command: &CartCommand) -> Result<Option<Decision>, TableError> {
    if command.id != *desk.command {
        return Ok(Some(Decision::rejected(
            "cart-invalid",
            "The command has another id than its place in the queue",
        )));
    }
    if let Some(PriceSource::Agreed { by }) = price_source(command)
        && command.by.associate.as_ref() != Some(by)
    {
        return Ok(Some(Decision::rejected(
            "cart-invalid",
            "Only an associate agrees on a price",
        )));
    }
    let own = command.by.device == desk.device.device;
    let kind = if own {
        Some(desk.device.kind)
    } else {
        colleague(desk, command).await?
    };
    let said_so = match kind {
        Some(DeviceKind::Tablet) => command.by.channel == Channel::Tablet,
        Some(DeviceKind::Kiosk) => {
            command.by.channel == Channel::Kiosk && command.by.associate.is_none()
        }
        None => false,
    };
    Ok((!said_so).then(|| {
        Decision::rejected(
            "author-unknown",
            "Whoever did this is not a device of this store",
        )
    }))
}

/// The kind of another device of this store that a tablet brings something of.
async fn colleague(
    desk: &Desk<'_>,
    command: &CartCommand,
) -> Result<Option<DeviceKind>, TableError> {
    if desk.device.kind != DeviceKind::Tablet {
        return Ok(None);
    }
    let row = devices::lookup(desk.ledger, &command.by.device).await?;
    let here = row.filter(|row| row.value.store == *desk.store);
    Ok(here.map(|row| row.value.kind))
}

fn price_source(command: &CartCommand) -> Option<&PriceSource> {
    match &command.action {
        Action::AddLine(line) => line.price.as_ref().map(|price| &price.source),
        _ => None,
    }
}

/// Applies it, and follows the cart where it went.
async fn apply(desk: &Desk<'_>, change: CartChange) -> Result<Decision, TableError> {
    let CartChange {
        mut cart,
        mut command,
    } = change;
    let (mut moves, mut writes) = (Vec::new(), Vec::new());
    for _ in 0..MAX_FORWARDS {
        let outcome = match apply_once(desk, &cart, &command, &mut moves, &mut writes).await? {
            Some(outcome) => outcome,
            None => {
                return Ok(Decision::rejected(
                    "cart-unknown",
                    "There is no such cart in this store",
                ));
            }
        };
        match outcome {
            Outcome::Applied | Outcome::Held => {
                told_once(&mut moves, desk);
                return Ok(Decision::applied(moves, writes));
            }
            Outcome::Refused { refusal } => {
                return Ok(Decision::rejected(refusal.code(), refusal));
            }
            Outcome::Forwarded {
                into,
                command: there,
            } => (cart, command) = (into, *there),
        }
    }
    Ok(Decision::rejected(
        "cart-gone-into",
        "The cart went into another, and that into another, too often",
    ))
}

/// One cart's part of it; `None` where there is no such cart in this store.
async fn apply_once(
    desk: &Desk<'_>,
    cart: &CartId,
    command: &CartCommand,
    moves: &mut Vec<Move>,
    writes: &mut Vec<Write>,
) -> Result<Option<Outcome>, TableError> {
    let row = carts::lookup(desk.ledger, cart).await?;
    let Some(before) = row.filter(|row| row.value.opening.store == *desk.store) else {
        return Ok(None);
    };
    let mut after = before.value.clone();
    let outcome = after.apply(&Entry::Command(command.clone())).outcome;
    if after != before.value {
        moves.push(carts::cart_move(Some(&before), &after)?);
        writes.extend(index::writes(Some(&before), &after, desk.now)?);
    }
    Ok(Some(outcome))
}

/// The command is named by one change, where it had its effect.
fn told_once(moves: &mut [Move], desk: &Desk<'_>) {
    if let Some(last) = moves.last_mut() {
        last.command = Some(desk.command.clone());
    }
}
