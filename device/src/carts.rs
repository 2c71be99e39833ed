//! Carts beside the replica, in memory: what the cloud answered and the feed has not brought yet; at a kiosk, the cart
//! of the guest who stands there, which leaves with her.

use chrono::{DateTime, TimeDelta, Utc};
use domain::cart::{Cart, CartCommand, CartOrder, Channel, Opening, project};
use domain::ids::{CartId, LineId, OrderId, RefundId};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use sync::ShownCart;

/// How long an answer counts though the feed does not show it, in seconds.
pub(crate) const ANSWER_SECONDS: u32 = 5;
/// Answers that are remembered.
const MAX_ANSWERS: usize = 64;
/// Orders that are remembered.
const MAX_ORDERS: usize = 20;
/// Returns without an answer that are remembered.
const MAX_RETURNS: usize = 64;

#[derive(Default)]
pub(crate) struct CartSlot(Mutex<Held>);

#[derive(Default)]
struct Held {
    answers: BTreeMap<CartId, Answer>,
    guest: Option<GuestCart>,
    orders: Vec<CartOrder>,
    returns: BTreeMap<OrderId, Return>,
}

/// A return that the cloud was asked for, and whose answer did not come.
struct Return {
    id: RefundId,
    pieces: BTreeMap<LineId, u32>,
}

struct Answer {
    cart: Cart,
    at: DateTime<Utc>,
}

/// The cart of a kiosk's guest.
#[derive(Debug, Clone)]
struct GuestCart {
    opening: Opening,
    /// As the cloud told of it last.
    base: Option<Cart>,
    /// What she did that is not in it.
    mine: Vec<CartCommand>,
}

impl CartSlot {
    /// The cloud answered a kiosk with this cart. Of a guest who has left nothing is taken.
    pub(crate) fn guest_answered(&self, cart: &Cart) {
        let mut held = self.lock();
        let of = &cart.opening.id;
        if let Some(guest) = held.guest.as_mut().filter(|guest| guest.is(of)) {
            guest.take(cart.clone());
        }
    }

    /// The cloud answered a tablet with this cart.
    pub(crate) fn answered(&self, cart: &Cart, now: DateTime<Utc>) {
        let mut held = self.lock();
        while held.answers.len() >= MAX_ANSWERS {
            held.answers.pop_first();
        }
        let answer = Answer {
            cart: cart.clone(),
            at: now,
        };
        held.answers.insert(cart.opening.id.clone(), answer);
    }

    /// What the cloud answered of a cart, for as long as it counts.
    pub(crate) fn answer(&self, cart: &CartId, now: DateTime<Utc>) -> Option<Cart> {
        let mut held = self.lock();
        let answer = held.answers.get(cart)?;
        let lasts = TimeDelta::seconds(ANSWER_SECONDS.into());
        // By a clock that was set back it would count for ever.
        if answer.at <= now && now < answer.at + lasts {
            return Some(answer.cart.clone());
        }
        held.answers.remove(cart);
        None
    }

    /// The feed shows it, or more.
    pub(crate) fn drop_answer(&self, cart: &CartId) {
        self.lock().answers.remove(cart);
    }

    /// The cart of the guest at this kiosk; `None` where she has none.
    pub(crate) fn guest(&self) -> Option<ShownCart> {
        self.lock().guest.as_ref().map(GuestCart::shown)
    }

    /// A guest's cart begins, or she took one over.
    pub(crate) fn begin_guest(&self, opening: Opening, base: Option<Cart>) {
        let mine = Vec::new();
        self.lock().guest = Some(GuestCart {
            opening,
            base,
            mine,
        });
    }

    /// The guest did something.
    pub(crate) fn guest_did(&self, cart: &CartId, command: CartCommand) {
        let mut held = self.lock();
        if let Some(guest) = held.guest.as_mut().filter(|guest| guest.is(cart)) {
            guest.mine.push(command);
        }
    }

    /// A guest's order, for its receipt. Of a guest who has left nothing is taken.
    pub(crate) fn guest_ordered(&self, order: CartOrder) {
        let theirs = self
            .lock()
            .guest
            .as_ref()
            .map(|guest| guest.opening.id.clone());
        if theirs.as_ref() == Some(&order.cart) {
            self.ordered(order);
        }
    }

    /// An order was made, and the feed will bring it.
    pub(crate) fn ordered(&self, order: CartOrder) {
        let mut held = self.lock();
        held.orders.retain(|known| known.id != order.id);
        if held.orders.len() >= MAX_ORDERS {
            held.orders.remove(0);
        }
        held.orders.push(order);
    }

    /// An order of the guest's, or one that was made just now, by its id or the number on its receipt.
    pub(crate) fn order(&self, text: &str) -> Option<CartOrder> {
        let held = self.lock();
        let is = |order: &&CartOrder| {
            let receipt = order.receipt.as_ref().map(ToString::to_string);
            order.id.as_str() == text || receipt.as_deref() == Some(text)
        };
        held.orders.iter().rev().find(is).cloned()
    }

    /// The id of a return: that of the same one whose answer did not come, else a new one.
    pub(crate) fn begin_return(
        &self,
        order: &OrderId,
        pieces: &BTreeMap<LineId, u32>,
        new: impl FnOnce() -> RefundId,
    ) -> RefundId {
        let mut held = self.lock();
        let same = held
            .returns
            .get(order)
            .filter(|known| known.pieces == *pieces);
        if let Some(known) = same {
            return known.id.clone();
        }
        while held.returns.len() >= MAX_RETURNS {
            held.returns.pop_first();
        }
        let (id, pieces) = (new(), pieces.clone());
        let begun = Return {
            id: id.clone(),
            pieces,
        };
        held.returns.insert(order.clone(), begun);
        id
    }

    /// A return was answered.
    pub(crate) fn end_return(&self, order: &OrderId) {
        self.lock().returns.remove(order);
    }

    /// The guest has left: nothing of her stays. What she did was queued, and goes up.
    pub(crate) fn forget(&self) {
        *self.lock() = Held::default();
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GuestCart {
    fn is(&self, cart: &CartId) -> bool {
        self.opening.id == *cart
    }

    /// The cloud's cart; what it has decided on is in it.
    fn take(&mut self, cart: Cart) {
        self.mine
            .retain(|command| !cart.decided.contains_key(&command.id));
        self.base = Some(cart);
    }

    fn shown(&self) -> ShownCart {
        let base = self.base.clone();
        let base = base.unwrap_or_else(|| Cart::open(self.opening.clone()));
        let (cart, _) = project(&base, &self.mine);
        let last = self.mine.last();
        ShownCart {
            cart,
            unsent: 0,
            changed: last.map(|command| (Channel::Kiosk, command.issued_at_device)),
        }
    }
}

/// Whether the feed has moved past an answer, or shows it: everything that grows in a cart tells.
pub(crate) fn feed_shows(feed: &Cart, answer: &Cart) -> bool {
    feed == answer
        || feed.generation > answer.generation
        || feed.version > answer.version
        || feed.lease.fence > answer.lease.fence
        || (feed.generation == answer.generation && feed.attempts > answer.attempts)
}
