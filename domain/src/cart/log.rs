//! The log of a cart, and the cart that it makes.

use super::checkout::CheckoutTurn;
use super::command::CartCommand;
use super::lease::{Lease, LeaseRefusal};
use super::merge::{Absorption, Departure, UndoneMerge};
use super::outcome::{NoticeKind, Outcome, Refusal, Step};
use super::price::LinePrice;
use super::state::{Cart, Opening, Status};
use crate::ids::CustomerId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

/// One entry of a cart's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "entry", content = "of")]
pub enum Entry {
    /// Somebody did something.
    Command(CartCommand),
    /// Somebody confirmed prices.
    Prices(Vec<LinePrice>),
    /// A guest said who she is: the cart is hers.
    Customer(CustomerId),
    /// The right to check out moved.
    Lease(Lease),
    /// A checkout took a turn.
    Checkout(CheckoutTurn),
    /// Another cart came in.
    Absorb(Absorption),
    /// This cart went into another.
    Depart(Departure),
    /// A merge was undone; the same entry for both carts.
    UndoMerge(UndoneMerge),
}

impl Cart {
    /// Applies the next entry of the log.
    pub fn apply(&mut self, entry: &Entry) -> Step {
        match entry {
            Entry::Command(command) => self.decide(command).into(),
            Entry::Prices(prices) => self.confirm_prices(prices).into(),
            Entry::Customer(customer) => self.assign(customer).into(),
            Entry::Lease(lease) => self.take_lease(lease).into(),
            Entry::Checkout(turn) => self.turn(turn).into(),
            Entry::Absorb(absorption) => self.absorb(absorption).into(),
            Entry::Depart(departure) => self.depart(departure).into(),
            Entry::UndoMerge(undone) => self.undo(undone).into(),
        }
    }

    /// Puts confirmed prices on lines; lines that are gone need none.
    fn confirm_prices(&mut self, prices: &[LinePrice]) -> Result<Step, Refusal> {
        if !matches!(self.status, Status::Open) {
            return Err(Refusal::NotOpen);
        }
        let currency = self.opening.currency;
        if prices.iter().any(|new| new.price.unit.currency != currency) {
            return Err(Refusal::WrongCurrency);
        }
        let mut lines = 0_u32;
        for new in prices {
            if let Some(line) = self.line_mut(&new.line_id) {
                let before = line.price.replace(new.price.clone());
                let moved = before.is_some_and(|before| before.unit != new.price.unit);
                lines = lines.saturating_add(moved.into());
            }
        }
        // A first price is no news.
        if lines > 0 {
            self.tell(None, NoticeKind::PricesConfirmed { lines });
        }
        self.version = self.version.saturating_add(1);
        Ok(Step::applied())
    }

    /// A guest's cart becomes somebody's; somebody's never becomes another's.
    fn assign(&mut self, customer: &CustomerId) -> Result<Step, Refusal> {
        match &self.opening.customer {
            Some(whose) if whose == customer => return Ok(Step::applied()),
            Some(_) => return Err(Refusal::AnotherCustomer),
            None if !matches!(self.status, Status::Open) => return Err(Refusal::NotOpen),
            None => {}
        }
        self.opening.customer = Some(customer.clone());
        self.version = self.version.saturating_add(1);
        Ok(Step::applied())
    }

    /// A fence stays or grows by one; nothing else is a lease of this cart.
    fn take_lease(&mut self, lease: &Lease) -> Result<Step, Refusal> {
        let fence = self.lease.fence;
        let next = fence.checked_add(1);
        if lease.fence != fence && Some(lease.fence) != next {
            let refusal = LeaseRefusal::StaleFence { fence };
            return Err(Refusal::Lease { refusal });
        }
        self.lease = lease.clone();
        Ok(Step::applied())
    }
}

/// The cart that a log makes, and what became of each entry.
#[must_use]
pub fn fold<'a>(
    opening: Opening,
    entries: impl IntoIterator<Item = &'a Entry>,
) -> (Cart, Vec<Step>) {
    let mut cart = Cart::open(opening);
    let steps = entries.into_iter().map(|entry| cart.apply(entry)).collect();
    (cart, steps)
}

/// The cart as its author sees it: what the cloud decided, and on top what she did since. The same commands in the
/// cloud's answer later change nothing twice.
#[must_use]
pub fn project(confirmed: &Cart, waiting: &[CartCommand]) -> (Cart, Vec<Outcome>) {
    let mut cart = confirmed.clone();
    let outcomes = waiting.iter().map(|command| cart.decide(command)).collect();
    (cart, outcomes)
}

/// Entries as they come in, in any order and more than once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CartLog {
    entries: BTreeMap<u64, Entry>,
}

/// Why an entry is not of this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// Another entry has its number. One of the two was not decided on by the cloud.
    #[error("another entry has number {seq}")]
    Differs {
        /// Which.
        seq: u64,
    },
}

impl CartLog {
    /// Takes an entry in; tells whether it is new.
    pub fn insert(&mut self, seq: u64, entry: Entry) -> Result<bool, LogFault> {
        match self.entries.entry(seq) {
            Place::Vacant(place) => {
                place.insert(entry);
                Ok(true)
            }
            Place::Occupied(known) if *known.get() == entry => Ok(false),
            Place::Occupied(_) => Err(LogFault::Differs { seq }),
        }
    }

    /// The entries from 1 on, up to the first that has not come yet.
    pub fn ready(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .zip(1..)
            .take_while(|((seq, _), expected)| **seq == *expected)
            .map(|((_, entry), _)| entry)
    }

    /// The cart that the entries make that are ready.
    #[must_use]
    pub fn cart(&self, opening: Opening) -> Cart {
        fold(opening, self.ready()).0
    }
}
