//! A cart as it lies in the ledger: read, changed by the rules, and written if nobody was quicker.

use super::refusal::CartError;
use crate::feed::{self, Move, PublishError, entity_key};
use crate::ports::ledger::{Condition, LedgerError, Write};
use crate::services::Services;
use crate::table::{self, Row};
use domain::access::{Principal, Role};
use domain::api::sync::{Scope, kind};
use domain::cart::{Cart, Channel, Entry, Outcome, Step};
use domain::ids::{CartId, DeviceId};
use serde::Serialize;
use serde_json::value::to_raw_value;

/// How often a change starts over when another came first.
const MAX_RACES: usize = 30;

/// A cart that the caller may see.
pub(super) async fn read(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
) -> Result<Row<Cart>, CartError> {
    let row = lookup(services, cart).await?;
    may_see(caller, &row.value)
        .then_some(row)
        .ok_or(CartError::Forbidden)
}

/// A cart, whoever asks.
pub(super) async fn lookup(services: &Services, cart: &CartId) -> Result<Row<Cart>, CartError> {
    let key = entity_key(kind::CART, cart.as_str());
    let row = table::lookup(&*services.ledger, &key).await?;
    row.ok_or(CartError::NotFound("cart"))
}

/// Tablets see their store's carts. A kiosk sees a guest's, and one that was handed to it.
fn may_see(caller: &Principal, cart: &Cart) -> bool {
    let same_store = caller.store.as_ref() == Some(&cart.opening.store);
    let held_here = |device: &DeviceId| {
        cart.lease
            .hold
            .as_ref()
            .is_some_and(|h| h.device == *device)
    };
    let known_here = match caller.role {
        Role::Kiosk => {
            cart.opening.customer.is_none() || caller.device.as_ref().is_some_and(held_here)
        }
        _ => true,
    };
    same_store && known_here
}

/// The device that calls, and its channel.
pub(super) fn device(caller: &Principal) -> Result<(&DeviceId, Channel), CartError> {
    let channel = match caller.role {
        Role::Kiosk => Channel::Kiosk,
        _ => Channel::Tablet,
    };
    let device = caller.device.as_ref().ok_or(CartError::Forbidden)?;
    Ok((device, channel))
}

/// A cart's id in a path.
pub(super) fn cart_id(text: String) -> Result<CartId, CartError> {
    CartId::parse(text).map_err(|error| CartError::invalid("/cart", &error))
}

/// The move of a cart from what was read to what it becomes.
pub(super) fn moved(before: &Row<Cart>, after: &Cart) -> Result<Move, CartError> {
    put(
        after,
        kind::CART,
        after.opening.id.as_str(),
        after,
        before.unchanged(),
    )
}

/// A move in the feed of a cart.
pub(super) fn put<T: Serialize>(
    cart: &Cart,
    kind: &'static str,
    id: &str,
    body: &T,
    condition: Condition,
) -> Result<Move, CartError> {
    let body = to_raw_value(body).map_err(|error| {
        CartError::Publish(PublishError::Corrupt {
            key: format!("a new {kind}"),
            reason: error.to_string(),
        })
    })?;
    Ok(Move {
        scope: Scope::cart(&cart.opening.id),
        kind,
        id: id.to_owned(),
        body: Some(body),
        command: None,
        condition,
    })
}

/// Writes; `false` where somebody was quicker, or where nobody knows whether it was written: read and decide again. The
/// rules know repeats.
pub(super) async fn commit(
    services: &Services,
    moves: &[Move],
    beside: &[Write],
) -> Result<bool, CartError> {
    match feed::publish(&*services.ledger, &services.poke, moves, beside).await {
        Ok(_) => Ok(true),
        Err(
            PublishError::Moved { .. }
            | PublishError::Beside { .. }
            | PublishError::Ledger(LedgerError::UnknownOutcome(_)),
        ) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Changes a cart by what `decide` makes of it, which may be called more than once. Nothing is written where nothing
/// changed.
pub(super) async fn change<T>(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
    mut decide: impl FnMut(&mut Cart) -> Result<T, CartError>,
) -> Result<(Cart, T), CartError> {
    for _ in 0..MAX_RACES {
        let before = read(services, caller, cart).await?;
        let mut after = before.value.clone();
        let answer = decide(&mut after)?;
        if after == before.value || commit(services, &[moved(&before, &after)?], &[]).await? {
            return Ok((after, answer));
        }
    }
    Err(PublishError::Busy.into())
}

/// Repeats `attempt` until it comes through; `None` means that somebody was quicker.
pub(super) async fn race<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, CartError>
where
    F: Future<Output = Result<Option<T>, CartError>>,
{
    for _ in 0..MAX_RACES {
        if let Some(answer) = attempt().await? {
            return Ok(answer);
        }
    }
    Err(PublishError::Busy.into())
}

/// Applies an entry that must be applied.
pub(super) fn must(cart: &mut Cart, entry: &Entry) -> Result<Step, CartError> {
    let step = cart.apply(entry);
    match &step.outcome {
        Outcome::Refused { refusal } => Err(refusal.clone().into()),
        _ => Ok(step),
    }
}
