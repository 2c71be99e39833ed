//! A cart as it stands.

use super::checkout::Checkout;
use super::command::CartCommand;
use super::lease::Lease;
use super::line::{Line, SoldLine};
use super::merge::{Absorption, Departure};
use super::order::order_id;
use super::outcome::{Decided, Notice, NoticeKind};
use crate::ids::{CartId, CommandId, CustomerId, LineId, OrderId, PaymentKey, Sku, StoreId};
use crate::money::Currency;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most commands that a cart takes. With [`MAX_LINES`] it fits one item of every ledger (400 KB).
pub const MAX_COMMANDS: usize = 500;
/// The most lines that a cart has at a time.
pub const MAX_LINES: usize = 200;
/// Notices kept, newest last.
pub const MAX_NOTICES: usize = 50;

/// What a cart is begun with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Opening {
    /// Its key, made on the device.
    pub id: CartId,
    /// The store that it is in, or that serves the online shop.
    pub store: StoreId,
    /// What it is priced in.
    pub currency: Currency,
    /// Whose it is; `None` for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
}

/// Where a cart is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Status {
    /// It may be changed.
    Open,
    /// It is frozen, and being paid.
    Checkout(Checkout),
    /// It is bought.
    Ordered {
        /// The order.
        order: OrderId,
    },
    /// It went into another cart; it can still be read, and come back.
    Merged(Departure),
}

/// An order that this cart became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PastOrder {
    /// In which generation.
    pub generation: u32,
    /// Which.
    pub order: OrderId,
    /// How often it was tried to pay it.
    pub attempts: u32,
    /// The payment that stands; `None` where nothing was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentKey>,
}

/// A cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cart {
    /// What it was begun with.
    #[serde(flatten)]
    pub opening: Opening,
    /// Grows by one with each order: what came late is the beginning of the next. There is one order in each.
    pub generation: u32,
    /// Where it is in its life.
    pub status: Status,
    /// Grows by one with each entry that changed what is in it; not with leases and payments.
    pub version: u64,
    /// Who may check it out.
    pub lease: Lease,
    /// Its lines, in the order in which they came.
    pub lines: Vec<Line>,
    /// What the channels are told; at most [`MAX_NOTICES`], newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// Payments begun in this generation.
    #[serde(default)]
    pub attempts: u32,
    /// Payments that were ordered to be given back: what they say later changes nothing.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reversed: BTreeSet<PaymentKey>,
    /// The order after which this is what was left over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<OrderId>,
    /// The orders that it became.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<PastOrder>,
    /// Lines of those orders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sold: Vec<SoldLine>,
    /// What came while it was being paid, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<CartCommand>,
    /// Carts that went into this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absorbed: Vec<Absorption>,
    /// Adds that somebody saw and took away: they do not come back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub removed: BTreeSet<CommandId>,
    /// Line ids that are used up.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub gone: BTreeSet<LineId>,
    /// What became of every command that came.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub decided: BTreeMap<CommandId, Decided>,
}

impl Cart {
    /// An empty cart.
    #[must_use]
    pub fn open(opening: Opening) -> Self {
        Self {
            opening,
            generation: 1,
            status: Status::Open,
            version: 0,
            lease: Lease::default(),
            lines: Vec::new(),
            notices: Vec::new(),
            attempts: 0,
            reversed: BTreeSet::new(),
            follows: None,
            orders: Vec::new(),
            sold: Vec::new(),
            held: Vec::new(),
            absorbed: Vec::new(),
            removed: BTreeSet::new(),
            gone: BTreeSet::new(),
            decided: BTreeMap::new(),
        }
    }

    /// The only id that an order of this generation can have.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        order_id(&self.opening.id, self.generation)
    }

    /// A line, where the cart has it.
    #[must_use]
    pub fn line(&self, id: &LineId) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == *id)
    }

    /// The lines of which there is at least one piece.
    pub fn counted(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.quantity() > 0)
    }

    /// How many pieces of each item a checkout keeps back.
    #[must_use]
    pub fn goods(&self) -> BTreeMap<Sku, u64> {
        let mut goods = BTreeMap::new();
        for line in self.counted() {
            let pieces: &mut u64 = goods.entry(line.sku.clone()).or_default();
            *pieces = pieces.saturating_add(line.quantity().into());
        }
        goods
    }

    pub(super) fn line_mut(&mut self, id: &LineId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == *id)
    }

    /// Tells the channels, with the version that the cart is about to have.
    pub(super) fn tell(&mut self, command: Option<&CommandId>, kind: NoticeKind) {
        let version = self.version.saturating_add(1);
        let command = command.cloned();
        if self.notices.len() >= MAX_NOTICES {
            self.notices.remove(0);
        }
        self.notices.push(Notice {
            version,
            command,
            kind,
        });
    }
}
