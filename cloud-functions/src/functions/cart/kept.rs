//! A cart as it lies in the ledger: read, changed by the rules, and written if nobody was quicker.

use super::refusal::CartError;
use crate::carts::{self, index};
use crate::feed::{self, Move, PublishError};
use crate::ports::ledger::{LedgerError, Write};
use crate::ports::turns::Turn;
use crate::services::Services;
use crate::table::{Row, TableError};
use domain::access::{Principal, Role};
use domain::cart::{Cart, Channel, Entry, Outcome, Step};
use domain::ids::{CartId, DeviceId};

/// How often a change starts over when another came first.
const MAX_RACES: usize = 30;

/// A cart that the caller may see.
pub(super) async fn read(
    services: &Services,
    caller: &Principal,
    cart: &CartId,
) -> Result<Row<Cart>, CartError> {
    let row = lookup(services, cart).await?;
    let may = match caller.role {
        Role::Shopper => is_hers(services, caller, &row.value).await?,
        _ => may_see(caller, &row.value),
    };
    may.then_some(row).ok_or(CartError::Forbidden)
}

/// A cart, whoever asks.
pub(super) async fn lookup(services: &Services, cart: &CartId) -> Result<Row<Cart>, CartError> {
    let row = carts::lookup(&*services.ledger, cart).await?;
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

/// A shopper sees her own carts, guests' carts that her browser began or took over, and what was handed to it.
async fn is_hers(services: &Services, caller: &Principal, cart: &Cart) -> Result<bool, CartError> {
    let Some(device) = &caller.device else {
        return Ok(false);
    };
    let hold = cart.lease.hold.as_ref();
    if hold.is_some_and(|hold| hold.device == *device) {
        return Ok(true);
    }
    if cart.opening.customer.is_some() {
        return Ok(cart.opening.customer == caller.customer);
    }
    let key = index::of_browser(device, &cart.opening.id);
    let has = services.ledger.read(&key).await.map_err(TableError::from)?;
    Ok(has.is_some())
}

/// The device that calls, and its channel.
pub(super) fn device(caller: &Principal) -> Result<(&DeviceId, Channel), CartError> {
    let channel = match caller.role {
        Role::Kiosk => Channel::Kiosk,
        Role::Shopper => Channel::Phone,
        _ => Channel::Tablet,
    };
    let device = caller.device.as_ref().ok_or(CartError::Forbidden)?;
    Ok((device, channel))
}

/// A shopper's browser says itself whether it is her phone or the online shop; every other device has one channel.
pub(super) fn speaks_as(channel: Channel, by: Channel) -> bool {
    by == channel || (channel == Channel::Phone && by == Channel::Online)
}

/// The channel of the device that calls, as it said with this cart: when it took it over, or put something in.
pub(super) fn channel_at(caller: &Principal, cart: &Cart) -> Result<Channel, CartError> {
    let (device, channel) = device(caller)?;
    let hold = cart.lease.hold.as_ref();
    let held = hold
        .filter(|hold| hold.device == *device)
        .map(|hold| hold.channel);
    let lines = cart.lines.iter().rev();
    let mut put_in = lines.filter(|line| line.by.device == *device);
    let said = held.or_else(|| put_in.next().map(|line| line.by.channel));
    Ok(said.filter(|by| speaks_as(channel, *by)).unwrap_or(channel))
}

/// A cart's id in a path.
pub(super) fn cart_id(text: String) -> Result<CartId, CartError> {
    CartId::parse(text).map_err(|error| CartError::invalid("/cart", &error))
}

/// The move of a cart from what was read to what it becomes, to be written beside moves of other things. Where it goes
/// alone, [`write`] does it; whoever ends a cart writes its look-ups too.
pub(super) fn moved(before: &Row<Cart>, after: &Cart) -> Result<Move, CartError> {
    Ok(carts::cart_move(Some(before), after)?)
}

/// Writes a cart as it becomes, with the look-ups that follow it.
pub(super) async fn write(
    services: &Services,
    before: Option<&Row<Cart>>,
    after: &Cart,
    beside: &[Write],
) -> Result<bool, CartError> {
    let mut writes = index::writes(before, after, services.clock.now())?;
    writes.extend_from_slice(beside);
    commit(services, &[carts::cart_move(before, after)?], &writes).await
}

/// Writes; `false` where somebody was quicker, or where nobody knows whether it was written: read and decide again. The
/// rules know repeats.
pub(super) async fn commit(
    services: &Services,
    moves: &[Move],
    beside: &[Write],
) -> Result<bool, CartError> {
    let published = feed::publish(&*services.ledger, &services.poke, moves, beside).await;
    came_through(published.map(drop))
}

/// As [`commit`], by a caller who waited for its turn before it read.
pub(super) async fn commit_in(
    turn: &Turn,
    services: &Services,
    moves: &[Move],
    beside: &[Write],
) -> Result<bool, CartError> {
    let (ledger, poke) = (&*services.ledger, &services.poke);
    let beside = |_: &feed::Numbers| Ok(beside.to_vec());
    let published = feed::publish_in(turn, ledger, poke, moves, beside).await;
    came_through(published.map(drop))
}

fn came_through(published: Result<(), PublishError>) -> Result<bool, CartError> {
    match published {
        Ok(()) => Ok(true),
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
        if after == before.value || write(services, Some(&before), &after, &[]).await? {
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
