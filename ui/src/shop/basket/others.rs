//! Her carts beside this one: turned to, put aside, joined, and separated again.

use super::{Basket, Merged, PARKED_MAX};
use domain::api::cart::CartView;
use domain::cart::Status;
use domain::ids::{CartId, CommandId};

impl Basket {
    /// Shows another cart from now on. Only where nothing waits: what she did was done to the one before.
    pub(crate) fn turn_to(&mut self, view: CartView) -> bool {
        if !self.waiting.is_empty() {
            return false;
        }
        let other = self.id() != Some(&view.cart.opening.id);
        if let (true, Some(before)) = (other, self.view.take()) {
            self.park(before);
        }
        self.merged = None;
        self.told = view.cart.version;
        self.show(view);
        true
    }

    pub(super) fn show(&mut self, view: CartView) {
        let id = view.cart.opening.id.clone();
        if self.id() != Some(&id) {
            self.told = view.cart.version;
        }
        self.parked.retain(|parked| parked.cart.opening.id != id);
        self.opening = Some(view.cart.opening.clone());
        self.begun = true;
        self.view = Some(view);
    }

    fn park(&mut self, view: CartView) {
        let useful =
            matches!(view.cart.status, Status::Open) && view.cart.counted().next().is_some();
        if useful {
            self.parked.insert(0, view);
            self.parked.truncate(PARKED_MAX);
        }
    }

    /// Carts that she put aside.
    pub(crate) fn parked(&self) -> &[CartView] {
        &self.parked
    }

    /// She signed in: what is in here goes into the cart that she has elsewhere, under this id.
    pub(crate) fn join(&mut self, merge: CommandId) {
        self.join.get_or_insert(merge);
    }

    /// Her cart elsewhere has everything now.
    pub(crate) fn joined(&mut self, view: CartView) {
        let (merge, from) = (self.join.take(), self.id().cloned());
        let merge = merge
            .zip(from)
            .filter(|(_, from)| *from != view.cart.opening.id);
        let merged = merge.map(|(id, from)| Merged { id, from });
        let really = merged.filter(|merged| {
            let mut absorbed = view.cart.absorbed.iter();
            absorbed.any(|known| known.merge == merged.id && !known.lines.is_empty())
        });
        self.told = view.cart.version;
        self.show(view);
        self.merged = really;
    }

    /// Another cart of hers went into this one.
    pub(crate) fn absorbed(&mut self, view: CartView, id: CommandId, from: CartId) {
        self.parked.retain(|parked| parked.cart.opening.id != from);
        self.told = view.cart.version;
        self.show(view);
        self.merged = Some(Merged { id, from });
    }

    /// There is nothing to join.
    pub(crate) fn stays_alone(&mut self) {
        self.join = None;
    }

    /// The merge that can be undone.
    pub(crate) fn merged(&self) -> Option<&Merged> {
        let open = self.is_open();
        self.merged.as_ref().filter(|_| open)
    }

    /// It was undone, or she does not want to hear of it any more.
    pub(crate) fn leave_merged(&mut self) {
        self.merged = None;
    }
}
