//! What the cloud says of her cart, and what she was told of it.

use super::{Basket, TURNED_MAX, Turned};
use domain::api::cart::{BatchAnswer, CartView};
use domain::cart::{Action, Cart, CartCommand, Notice, Outcome, Refusal};

impl Basket {
    /// The cloud has begun the cart.
    pub(crate) fn began(&mut self, view: CartView) {
        self.begun = true;
        self.saw(view);
    }

    /// The cloud answered a batch.
    pub(crate) fn answered(&mut self, answer: BatchAnswer) {
        for result in answer.results {
            let Some(at) = self
                .waiting
                .iter()
                .position(|command| command.id == result.id)
            else {
                continue;
            };
            let command = self.waiting.remove(at);
            if let Outcome::Refused { refusal } = result.outcome {
                self.turn(&command, refusal);
            }
        }
        self.show(answer.view);
    }

    fn turn(&mut self, command: &CartCommand, refusal: Refusal) {
        let cart = self.view.as_ref().map(|view| &view.cart);
        let line = cart.and_then(|cart| cart.line(command.action.line_id()));
        let sku = match &command.action {
            Action::AddLine(line) => Some(line.sku.clone()),
            _ => line.map(|line| line.sku.clone()),
        };
        if self.turned.len() < TURNED_MAX {
            self.turned.push(Turned { sku, refusal });
        }
    }

    /// News of the cart; what is older than what is known changes nothing.
    pub(crate) fn saw(&mut self, view: CartView) {
        let known = self.view.as_ref().map(|known| &known.cart);
        let older = known.is_some_and(|known| {
            let age = |cart: &Cart| {
                (
                    cart.version,
                    cart.generation,
                    cart.lease.fence,
                    cart.attempts,
                )
            };
            known.opening.id == view.cart.opening.id && age(&view.cart) < age(known)
        });
        let ours = self.id() == Some(&view.cart.opening.id);
        if ours && !older {
            self.show(view);
        }
    }

    /// What channels were told since she looked last.
    pub(crate) fn news(&self) -> Vec<Notice> {
        let cart = self.view.as_ref().map(|view| &view.cart);
        let notices = cart.into_iter().flat_map(|cart| &cart.notices);
        notices
            .filter(|notice| notice.version > self.told)
            .cloned()
            .collect()
    }

    /// What could not be done.
    pub(crate) fn turned(&self) -> &[Turned] {
        &self.turned
    }

    /// She has read it.
    pub(crate) fn has_read(&mut self) {
        self.turned.clear();
        if let Some(view) = &self.view {
            self.told = view.cart.version;
        }
    }
}
