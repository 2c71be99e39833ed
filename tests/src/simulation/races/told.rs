//! What devices were told: it has to be so for ever.

use domain::cart::{CartCommand, CartOrder, OfflineSale, Outcome};
use domain::ids::{CommandId, OrderId};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that an answer promised.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Commands by their ids, each with its cart and what became of it.
    pub commands: BTreeMap<CommandId, Decision>,
    /// Orders as they were told first.
    pub orders: BTreeMap<OrderId, CartOrder>,
    /// Devices that were given a cart for a code, by code.
    pub claims: BTreeMap<String, BTreeSet<String>>,
    /// Sales that tablets made by themselves: goods were given and receipts printed.
    pub sales: BTreeMap<CommandId, OfflineSale>,
    /// Refunds: of which order, and minor units.
    pub refunds: BTreeMap<String, (OrderId, i64)>,
}

/// What became of a command.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    /// On which cart it was done.
    pub cart: String,
    /// The command.
    pub command: CartCommand,
    /// What its device was told.
    pub outcome: Outcome,
}

impl Told {
    /// A device was told what became of a command. A repeat must be told the same, but for what was held then.
    pub(super) fn command(&mut self, decision: Decision) -> Result<(), String> {
        let (id, now) = (decision.command.id.clone(), decision.outcome.clone());
        let before = self.commands.insert(id.clone(), decision);
        match before.map(|before| before.outcome) {
            Some(before) if before != now && !is_open(&before) => {
                Err(format!("{id} was {before:?} and is {now:?}"))
            }
            _ => Ok(()),
        }
    }

    /// A device was shown an order.
    pub(super) fn order(&mut self, order: &CartOrder) -> Result<(), String> {
        let id = order.id.clone();
        let before = self.orders.entry(id.clone()).or_insert(order.clone());
        (*before == *order)
            .then_some(())
            .ok_or(format!("order {id} was told twice, and differently"))
    }
}

/// Whether more may come of it: it was held, or went where the cart went.
const fn is_open(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Held | Outcome::Forwarded { .. })
}
