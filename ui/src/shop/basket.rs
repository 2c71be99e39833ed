//! Her cart as this browser holds it: what the cloud said last, what it does not know yet, and what is to be done next.
//! Pure: the clock, ids and the network are elsewhere.
//!
//! Everything in here is kept before it is sent, so that a page that is closed, or a train in a tunnel, loses nothing.

mod errand;
mod heard;
mod others;
mod rebuilt;

pub(crate) use errand::Errand;

use crate::shop::stamp::Stamp;
use chrono::{DateTime, Utc};
use domain::api::cart::{CartView, CreateCart};
use domain::api::content::ItemView;
use domain::cart::{
    Action, Cart, CartCommand, Line, NewLine, Opening, PriceSnapshot, PriceSource, Refusal, Status,
    Terms, Totals, project,
};
use domain::ids::{
    CartId, CommandId, CustomerId, DepartmentId, DeviceId, LineId, PriceListId, Sku, StoreId,
};
use serde::{Deserialize, Serialize};

/// The most lines that the shop puts into a cart.
const LINES_MAX: usize = 100;
/// The most pieces of a line that the shop offers.
pub(crate) const PIECES_MAX: u32 = 99;
/// The most commands that wait: a cart takes no more than that in its life.
const WAITING_MAX: usize = domain::cart::MAX_COMMANDS;
/// The most carts of hers that are remembered beside this one.
const PARKED_MAX: usize = 5;
/// The most refusals that wait to be read.
const TURNED_MAX: usize = 10;

/// Her cart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Basket {
    /// What the cart is begun with; `None` before the first item.
    opening: Option<Opening>,
    /// Whether the cloud has it.
    begun: bool,
    /// What the cloud said last.
    view: Option<CartView>,
    /// What she did since, in order.
    waiting: Vec<CartCommand>,
    /// What could not be done.
    turned: Vec<Turned>,
    /// The cart's version that she was told of.
    told: u64,
    /// A merge to be made: she signed in.
    join: Option<CommandId>,
    /// The merge that can be undone.
    merged: Option<Merged>,
    /// Carts that she put aside for this one.
    parked: Vec<CartView>,
}

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Turned {
    /// Of which item, where that is known.
    pub(crate) sku: Option<Sku>,
    /// Why.
    pub(crate) refusal: Refusal,
}

/// A merge that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Merged {
    /// Under which id.
    pub(crate) id: CommandId,
    /// The cart that went into this one.
    pub(crate) from: CartId,
}

/// What the cart comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sum {
    /// Lines, tax and sum.
    pub(crate) totals: Totals,
    /// Whether the cloud computed it. What is only computed here, on the terms that were heard last, may change.
    pub(crate) settled: bool,
}

impl Basket {
    /// Reads what was kept; anything else is an empty basket.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What to keep.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The cart as she sees it: the cloud's, and on top what she did since.
    pub(crate) fn cart(&self) -> Option<Cart> {
        let opening = self.opening.as_ref()?;
        let confirmed = match &self.view {
            Some(view) => view.cart.clone(),
            None => Cart::open(opening.clone()),
        };
        Some(project(&confirmed, &self.waiting).0)
    }

    /// The cart's id.
    pub(crate) fn id(&self) -> Option<&CartId> {
        self.opening.as_ref().map(|opening| &opening.id)
    }

    /// The cart as the cloud said last.
    pub(crate) fn confirmed(&self) -> Option<&CartView> {
        self.view.as_ref()
    }

    /// The lines that have at least one piece.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let cart = self.cart();
        cart.iter().flat_map(Cart::counted).cloned().collect()
    }

    /// All pieces.
    pub(crate) fn pieces(&self) -> u32 {
        let lines = self.lines();
        lines
            .iter()
            .fold(0, |sum, line| sum.saturating_add(line.quantity()))
    }

    /// Pieces of an item.
    pub(crate) fn pieces_of(&self, sku: &Sku) -> u32 {
        let lines = self.lines();
        let of = lines.iter().filter(|line| line.sku == *sku);
        of.fold(0, |sum, line| sum.saturating_add(line.quantity()))
    }

    /// Whether it may be changed: nobody is paying it.
    pub(crate) fn is_open(&self) -> bool {
        let status = self.view.as_ref().map(|view| &view.cart.status);
        status.is_none_or(|status| matches!(status, Status::Open))
    }

    /// How much the cloud does not know yet.
    pub(crate) fn unsent(&self) -> usize {
        self.waiting.len()
    }

    /// What it comes to; `None` where a line has no price yet. What the cloud was not asked about is summed here, on the
    /// store's `terms`; promotions look up the department of an item.
    pub(crate) fn sum(
        &self,
        terms: &Terms,
        department: impl Fn(&Sku) -> Option<DepartmentId>,
        now: DateTime<Utc>,
    ) -> Option<Sum> {
        let totals = self.view.as_ref().and_then(|view| view.totals.clone());
        if let (Some(totals), true) = (totals, self.waiting.is_empty()) {
            let settled = true;
            return Some(Sum { totals, settled });
        }
        let totals = terms.totals(&self.cart()?, department, now);
        let settled = false;
        Some(Sum {
            totals: totals.ok()??,
            settled,
        })
    }

    /// One piece more of an item, on the line that it has. Gives whether there was room.
    pub(crate) fn add(&mut self, view: &ItemView, store: &StoreId, stamp: Stamp) -> bool {
        let Some(price) = &view.price else {
            return false;
        };
        let there = self
            .lines()
            .into_iter()
            .find(|line| line.sku == view.item.sku);
        if let Some(line) = there {
            return self.step(&line.id, 1, stamp);
        }
        if self.lines().len() >= LINES_MAX {
            return false;
        }
        if self.opening.is_none() {
            self.opening = Some(Opening {
                id: stamp.cart.clone(),
                store: store.clone(),
                currency: price.amount.currency,
                customer: None,
            });
        }
        let line = NewLine {
            line_id: stamp.line.clone(),
            sku: view.item.sku.clone(),
            quantity: 1,
            price: snapshot(view),
            note: String::new(),
        };
        self.wait(Action::AddLine(line), stamp)
    }

    /// More or fewer pieces of a line; the last one takes the line with it.
    pub(crate) fn step(&mut self, line: &LineId, delta: i32, stamp: Stamp) -> bool {
        let lines = self.lines();
        let Some(line) = lines.iter().find(|there| there.id == *line) else {
            return false;
        };
        let after = i64::from(line.quantity()) + i64::from(delta);
        if after > i64::from(PIECES_MAX) {
            return false;
        }
        if after < 1 {
            return self.remove(&line.id.clone(), stamp).is_some();
        }
        self.wait(line.step(delta), stamp)
    }

    /// Takes a line away; gives it, so that she may have it back.
    pub(crate) fn remove(&mut self, line: &LineId, stamp: Stamp) -> Option<Line> {
        let line = self.lines().into_iter().find(|there| there.id == *line)?;
        let action = Action::RemoveLine {
            line_id: line.id.clone(),
            observed: line.observed(),
        };
        self.wait(action, stamp).then_some(line)
    }

    /// Puts back what was taken away: a new line, for the old one is gone for good.
    pub(crate) fn put_back(&mut self, line: &Line, stamp: Stamp) -> bool {
        let again = NewLine {
            line_id: stamp.line.clone(),
            sku: line.sku.clone(),
            quantity: line.quantity().max(1),
            price: line.price.clone(),
            note: line.note.clone(),
        };
        self.wait(Action::AddLine(again), stamp)
    }

    fn wait(&mut self, action: Action, stamp: Stamp) -> bool {
        let room = self.waiting.len() < WAITING_MAX && self.opening.is_some();
        if room && action.check().is_ok() {
            self.waiting.push(CartCommand {
                id: stamp.command,
                by: stamp.by,
                issued_at_device: stamp.at,
                action,
            });
            return true;
        }
        false
    }

    /// As whom this browser speaks from now on. What was done before anybody knew its name is this device's too: nothing
    /// of it was sent.
    pub(crate) fn adopt(
        &mut self,
        device: &DeviceId,
        customer: Option<&CustomerId>,
        store: &StoreId,
    ) {
        for command in &mut self.waiting {
            command.by.device = device.clone();
        }
        if let (Some(opening), false) = (&mut self.opening, self.begun) {
            opening.customer = customer.cloned();
            opening.store = store.clone();
        }
    }

    /// It is bought: the next item begins another cart.
    pub(crate) fn close(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        *self = Self {
            parked,
            ..Self::default()
        };
    }

    pub(super) fn create(&self) -> Option<CreateCart> {
        let opening = self.opening.clone()?;
        Some(CreateCart { opening })
    }
}

/// The price as the shop shows it. Its version is the cloud's to know: where the amount is the same, nobody asks.
fn snapshot(view: &ItemView) -> Option<PriceSnapshot> {
    let price = view.price.as_ref()?;
    let list = PriceListId::parse("default").ok()?;
    Some(PriceSnapshot {
        unit: price.amount,
        version: 0,
        source: PriceSource::List { list },
        valid_until: price.valid_until,
    })
}

#[cfg(test)]
mod tests;
