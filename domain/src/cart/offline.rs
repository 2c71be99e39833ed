//! What devices do with carts while no network is there: commands that travel in the queue, and sales from what was
//! allotted to a device.
//!
//! An allotment is stock that the cloud has taken from the store's and given to one device: nobody else can sell it, so
//! what the device sells of it cannot be sold twice. What it has sold, and the cloud does not know of yet, it subtracts
//! itself.

use super::checkout::Phase;
use super::command::CartCommand;
use super::late::left_over_id;
use super::line::Line;
use super::order::CartOrder;
use super::outcome::{Decided, NoticeKind, Outcome};
use super::state::{Cart, PastOrder, Status};
use crate::ids::{CartId, CommandId, DeviceId, LineId, OrderId, Sku, StoreId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first sequence of receipt numbers that a device gives by itself: the lower half is the cloud's, so that none is
/// given twice.
pub const FIRST_OFFLINE_SEQUENCE: u32 = 500_000;

/// The arguments of `cart.change`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartChange {
    /// Which cart.
    pub cart: CartId,
    /// What was done; its id is the queued command's.
    pub command: CartCommand,
}

/// The arguments of `cart.sell`: money was taken and goods were given, so the cloud does not refuse it. A cart that
/// moved on meanwhile keeps what was not sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OfflineSale {
    /// The order, as the receipt has it; `placed_at` is by the clock of the device.
    pub order: CartOrder,
    /// Pieces that were taken from the device's allotment.
    pub allotted: BTreeMap<Sku, u64>,
}

/// Pieces of an item that one device may sell with the network down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Allotment {
    /// Which device.
    pub device: DeviceId,
    /// Of which store.
    pub store: StoreId,
    /// What.
    pub sku: Sku,
    /// How many are left, as the cloud knows.
    pub pieces: u64,
}

impl Allotment {
    /// Its key: the SKU last, because it may have any character.
    #[must_use]
    pub fn entity_id(device: &DeviceId, sku: &Sku) -> String {
        format!("{device}/{sku}")
    }
}

/// Where the order of a sale belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaleTaken {
    /// It is the cart's order, under the id that the device gave it.
    OfCart,
    /// The cart was sold meanwhile, money for it is under way, or it went elsewhere: it is an order of its own, see
    /// [`OfflineSale::apart`].
    Apart,
    /// It was taken in before.
    Before,
}

impl OfflineSale {
    /// The id of its order where that is not the cart's: it follows from the command.
    #[must_use]
    pub fn apart(command: &CommandId) -> OrderId {
        OrderId::derived("offline-order", &[command.as_str()])
    }

    /// Pieces that were given out, by SKU.
    #[must_use]
    pub fn goods(&self) -> BTreeMap<Sku, u64> {
        let mut goods = BTreeMap::new();
        for line in &self.order.totals.lines {
            let pieces: &mut u64 = goods.entry(line.sku.clone()).or_default();
            *pieces = pieces.saturating_add(line.quantity.into());
        }
        goods
    }
}

impl Cart {
    /// Takes in a sale that a device made with the network down; nothing refuses it. What was not sold stays in the
    /// cart, as what is left over; where the sale stands apart, the channels are told.
    ///
    /// A checkout that no money is under way for gives way: money was taken elsewhere, and a generation has one order.
    /// While a provider may be taking money the sale stands apart at once, for nobody knows when that ends: two orders
    /// under two ids, whatever comes of the checkout.
    pub fn take_sale(&mut self, sale: &OfflineSale, command: &CommandId) -> SaleTaken {
        if self.decided.contains_key(command) {
            return SaleTaken::Before;
        }
        if self.is_for(&sale.order) {
            self.give_way();
        }
        let taken = match &self.status {
            Status::Open if self.is_for(&sale.order) => {
                self.sell(&sale.order);
                SaleTaken::OfCart
            }
            _ => {
                let kind = self.told_apart(&sale.order, OfflineSale::apart(command));
                self.tell(Some(command), kind);
                SaleTaken::Apart
            }
        };
        let decided = Decided {
            fingerprint: String::new(),
            outcome: Outcome::Applied,
        };
        self.decided.insert(command.clone(), decided);
        self.version = self.version.saturating_add(1);
        taken
    }

    /// Tells the channels of a sale beside the cart.
    pub fn tell_of_sale(&mut self, command: &CommandId, kind: NoticeKind) {
        self.tell(Some(command), kind);
        self.version = self.version.saturating_add(1);
    }

    /// Ends a checkout that no money is under way for. The goods that it kept back are the caller's to put back.
    fn give_way(&mut self) {
        let Status::Checkout(checkout) = &self.status else {
            return;
        };
        if matches!(checkout.phase, Phase::Reserved | Phase::Failed { .. }) {
            self.status = Status::Open;
            self.take_up_held();
        }
    }

    fn is_for(&self, order: &CartOrder) -> bool {
        order.cart == self.opening.id
            && order.generation == self.generation
            && order.id == self.order_id()
    }

    fn told_apart(&self, sold: &CartOrder, other: OrderId) -> NoticeKind {
        let same = |past: &&PastOrder| past.generation == sold.generation;
        match &self.status {
            Status::Merged(_) => NoticeKind::SoldApart { order: other },
            _ => NoticeKind::SoldTwice {
                order: self
                    .orders
                    .iter()
                    .find(same)
                    .map_or_else(|| self.order_id(), |past| past.order.clone()),
                other,
            },
        }
    }

    /// The cart is ordered, or where more came in meanwhile, that is the beginning of the next.
    fn sell(&mut self, order: &CartOrder) {
        let mut sold: BTreeMap<&LineId, u32> = BTreeMap::new();
        for line in &order.totals.lines {
            let pieces = sold.entry(&line.line_id).or_default();
            *pieces = pieces.saturating_add(line.quantity);
        }
        let pieces = |line: &Line| sold.get(&line.id).copied().unwrap_or(0);
        let next = self.generation.saturating_add(1);
        let left: Vec<Line> = self
            .lines
            .iter()
            .filter_map(|line| left_over(line, pieces(line), next))
            .collect();
        // A line without a piece goes with the order, as at a checkout: what comes late may still ask for it.
        let is_empty = |line: &Line| line.quantity() == 0;
        self.lines.retain(|line| pieces(line) > 0 || is_empty(line));
        for line in &mut self.lines {
            if let Some(pieces) = sold.get(&line.id) {
                line.balance = (*pieces).into();
            }
        }
        self.orders.push(PastOrder {
            generation: self.generation,
            order: order.id.clone(),
            attempts: self.attempts,
            payment: order.payment.clone(),
        });
        let id = order.id.clone();
        if left.is_empty() {
            self.status = Status::Ordered { order: id };
            return;
        }
        self.begin_follow_up(id.clone());
        for line in &left {
            let (order, line) = (id.clone(), line.id.clone());
            self.tell(None, NoticeKind::FollowUp { order, line });
        }
        self.lines = left;
    }
}

/// What of a line was not sold: the line itself where nothing was, else what is over, as a late command would leave it.
fn left_over(line: &Line, sold: u32, generation: u32) -> Option<Line> {
    let left = line.quantity().saturating_sub(sold);
    match (sold, left) {
        (_, 0) => None,
        (0, _) => Some(line.clone()),
        _ => Some(Line {
            id: left_over_id(&line.id, generation),
            balance: left.into(),
            version: 1,
            ..line.clone()
        }),
    }
}
