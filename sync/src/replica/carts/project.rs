//! What waits here, folded over what the cloud decided. A cart knows the ids of its commands: one that came through the
//! feed before its answer did counts once.

use super::waiting::{Waiting, What};
use chrono::{DateTime, Utc};
use domain::cart::{Cart, Channel, Entry};

/// The cart as it is shown; `None` where the cloud has none and nothing begins it.
pub(super) fn fold(confirmed: Option<Cart>, waiting: &[Waiting]) -> Option<Cart> {
    let mut cart = confirmed;
    for waits in waiting {
        match (&waits.what, &mut cart) {
            (What::Begin(opening), None) => cart = Some(Cart::open(opening.clone())),
            (What::Change(command), Some(cart)) => {
                cart.apply(&Entry::Command(command.clone()));
            }
            (What::Sell(sale), Some(cart)) => {
                cart.take_sale(sale, &waits.id);
            }
            _ => {}
        }
    }
    cart
}

/// Where a cart was changed last, and when by the clock of that device; `None` where nobody did anything to it.
pub(super) fn last_change(cart: &Cart, waiting: &[Waiting]) -> Option<(Channel, DateTime<Utc>)> {
    let mine = waiting.iter().filter_map(|waits| match &waits.what {
        What::Change(command) => Some((command.by.channel, waits.issued_at)),
        What::Sell(sale) => Some((sale.order.channel, waits.issued_at)),
        _ => None,
    });
    let decided = cart.decided.keys().filter_map(|id| {
        let at = DateTime::from_timestamp_millis(super::minted_at(id.as_str())?)?;
        Some((id, at))
    });
    let decided = decided.max_by_key(|(_, at)| *at);
    let theirs = decided.map(|(id, at)| {
        let line = cart.lines.iter().find(|line| line.added == *id);
        // Who changed a line is not kept: whoever holds the cart is the best guess.
        let hold = cart.lease.hold.as_ref().map(|hold| hold.channel);
        let newest = || cart.lines.last().map(|line| line.by.channel);
        let channel = line.map(|line| line.by.channel).or(hold).or_else(newest);
        (channel.unwrap_or(Channel::Tablet), at)
    });
    mine.chain(theirs).max_by_key(|(_, at)| *at)
}
