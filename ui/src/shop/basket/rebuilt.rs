//! The same goods in a new cart: where the cloud does not know the old one any more, or does not let this browser see it.

use super::Basket;
use crate::shop::stamp::Stamp;
use domain::cart::{Action, NewLine};

impl Basket {
    /// Begins anew with what she sees now. `stamp` gives the ids of each line.
    pub(crate) fn rebuild(&mut self, stamp: impl Fn() -> Option<Stamp>) {
        let (lines, opening) = (self.lines(), self.opening.take());
        let (parked, join) = (std::mem::take(&mut self.parked), self.join.take());
        let turned = std::mem::take(&mut self.turned);
        *self = Self {
            parked,
            join,
            turned,
            ..Self::default()
        };
        let first = stamp().zip(opening).filter(|_| !lines.is_empty());
        let Some((first, mut opening)) = first else {
            return;
        };
        opening.id = first.cart;
        opening.customer = None;
        self.opening = Some(opening);
        for line in lines {
            let Some(stamp) = stamp() else { return };
            let new = NewLine {
                line_id: stamp.line.clone(),
                quantity: line.quantity(),
                sku: line.sku,
                price: line.price,
                note: line.note,
            };
            self.wait(Action::AddLine(new), stamp);
        }
    }
}
