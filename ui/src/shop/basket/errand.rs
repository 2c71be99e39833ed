//! What is to be said to the cloud next: one thing at a time, in the order in which she did it.

use super::Basket;
use domain::api::cart::{CommandBatch, CreateCart, MAX_CART_COMMANDS};
use domain::cart::Status;
use domain::ids::{CartId, CommandId};

/// Something to be said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Errand {
    /// The cart begins.
    Begin(CreateCart),
    /// What she did.
    Commands(CartId, CommandBatch),
    /// The cart went into another while she was away.
    Follow(CartId),
    /// She signed in: her carts become one.
    Join(Option<CartId>, CommandId),
}

impl Basket {
    /// The next errand; `None` where the cloud knows everything. A cart without anything in it is not worth one.
    pub(crate) fn errand(&self) -> Option<Errand> {
        let id = self.id().cloned();
        if let (Some(id), false) = (&id, self.waiting.is_empty()) {
            return if self.begun {
                let commands = self.waiting.iter().take(MAX_CART_COMMANDS).cloned();
                let commands = commands.collect();
                Some(Errand::Commands(id.clone(), CommandBatch { commands }))
            } else {
                self.create().map(Errand::Begin)
            };
        }
        if let Some(merge) = &self.join {
            let known = id.filter(|_| self.begun);
            return Some(Errand::Join(known, merge.clone()));
        }
        match self.confirmed().map(|view| &view.cart.status) {
            Some(Status::Merged(departure)) => Some(Errand::Follow(departure.into.clone())),
            _ => None,
        }
    }
}
