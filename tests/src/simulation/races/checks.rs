//! What must be so while carts are raced for, and when everything rests.

use super::told::Decision;
use super::world::{Races, SKUS, STORE};
use crate::simulation::violation::Violation;
use anyhow::{Context, Result};
use cloud_functions::feed::entity_key;
use domain::cart::{Action, Cart, CartOrder, FIRST_OFFLINE_SEQUENCE, OfflineSale, Outcome, Status};
use domain::ids::{CommandId, OrderId};
use domain::item::Stock;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

impl Races {
    pub(super) fn violate(&mut self, invariant: &'static str, what: String) {
        // One of a kind says enough, and a broken run would say it at each step.
        if !self
            .violations
            .iter()
            .any(|known| known.invariant == invariant)
        {
            self.violations.push(Violation::new(invariant, what));
        }
    }

    /// At each step: no stock is below nothing.
    pub(super) fn look(&mut self) {
        self.counts.check("oversold");
        for number in 0..SKUS {
            match self.stock(number) {
                Ok(stock) if stock.on_hand < 0 => {
                    self.violate("oversold", format!("{} of {}", stock.on_hand, stock.sku));
                }
                _ => {}
            }
        }
    }

    /// At rest.
    pub(super) fn check(&mut self) -> Result<()> {
        self.look();
        let (carts, orders) = (self.carts()?, self.all::<CartOrder>("E#cart_order#")?);
        self.check_orders(&carts, &orders);
        self.check_money(&orders)?;
        self.check_stock(&orders)?;
        self.check_claims();
        let places = places(&carts);
        for decision in self.told.commands.clone().into_values() {
            self.check_command(&carts, &places, &decision);
        }
        Ok(())
    }

    pub(super) fn stock(&self, number: u64) -> Result<Stock> {
        let key = entity_key("stock", &format!("{STORE}/s-{number}"));
        let stored = self.cloud.ledger.peek(&key).context("stock")?;
        Ok(serde_json::from_str(&stored.body)?)
    }

    /// Every item of the ledger whose partition begins so.
    pub(super) fn all<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>> {
        let model = self.cloud.ledger.backup().context("a model")?;
        let of = model
            .all()
            .filter(|(key, _)| key.partition.starts_with(prefix));
        of.map(|(_, body)| Ok(serde_json::from_str(body)?))
            .collect()
    }

    /// I4: one order a generation, the one that follows from the cart; what was told is there.
    fn check_orders(&mut self, carts: &[Cart], orders: &[CartOrder]) {
        self.counts.check("i04");
        let mut generations = BTreeSet::new();
        let apart: BTreeSet<OrderId> = self.told.sales.keys().map(OfflineSale::apart).collect();
        let of_carts = || orders.iter().filter(|order| !apart.contains(&order.id));
        for order in of_carts() {
            self.counts.add("orders");
            if !generations.insert((order.cart.clone(), order.generation)) {
                self.violate("i04", format!("two orders of {}", order.cart));
            }
            let of_cart = carts.iter().find(|cart| cart.opening.id == order.cart);
            let known =
                of_cart.is_some_and(|cart| cart.orders.iter().any(|past| past.order == order.id));
            if !known {
                self.violate("i04", format!("no cart became order {}", order.id));
            }
        }
        let past: usize = carts.iter().map(|cart| cart.orders.len()).sum();
        let made = of_carts().count();
        if past != made {
            self.violate("i04", format!("{past} orders of carts, {made} in all"));
        }
        let lost = self
            .told
            .orders
            .values()
            .find(|told| !orders.contains(told));
        if let Some(lost) = lost {
            let what = format!("order {} was told and is not there", lost.id);
            self.violate("i04", what);
        }
        self.check_sales(orders);
        self.check_receipts(orders);
    }

    /// Each sale that a tablet made by itself is one order: that of its cart, or one of its own.
    fn check_sales(&mut self, orders: &[CartOrder]) {
        self.counts.check("i04");
        for (command, sale) in self.told.sales.clone() {
            let made = orders.iter().filter(|o| o.receipt == sale.order.receipt);
            let made: Vec<&CartOrder> = made.collect();
            let [one] = made.as_slice() else {
                let what = format!("{} orders of the sale {command}", made.len());
                self.violate("i04", what);
                continue;
            };
            let apart = one.id == OfflineSale::apart(&command);
            self.counts.add(match apart {
                true => "sales beside a cart",
                false => "sales of a cart",
            });
            if (!apart && one.id != sale.order.id) || one.totals != sale.order.totals {
                let what = format!("the sale {command} became {}", one.id);
                self.violate("i04", what);
            }
        }
    }

    /// Receipt numbers of a till's day are 1 to the last.
    fn check_receipts(&mut self, orders: &[CartOrder]) {
        self.counts.check("receipts");
        let mut days: BTreeMap<(u16, String), BTreeSet<u32>> = BTreeMap::new();
        let given = orders.iter().filter_map(|order| order.receipt.as_ref());
        for receipt in given {
            let day = (receipt.workstation.number(), receipt.day.to_string());
            if !days.entry(day).or_default().insert(receipt.sequence()) {
                self.violate("receipts", format!("{receipt} was given twice"));
            }
        }
        for (day, numbers) in days {
            // Tablets number what they sell by themselves, over all days.
            if numbers.first() > Some(&FIRST_OFFLINE_SEQUENCE) {
                continue;
            }
            if numbers.last().copied().unwrap_or(0) as usize != numbers.len() {
                self.violate("receipts", format!("{day:?} has {numbers:?}"));
            }
        }
    }

    /// I17: a code is claimed by one device at most.
    fn check_claims(&mut self) {
        self.counts.check("i17");
        let twice = self.told.claims.values().find(|devices| devices.len() > 1);
        if let Some(devices) = twice.cloned() {
            self.violate("i17", format!("{devices:?} were given a cart by one code"));
        }
    }

    /// I18 and no lost line: what a device was told of its command is so.
    fn check_command(&mut self, carts: &[Cart], places: &Places, decision: &Decision) {
        let command = &decision.command;
        let is_known = carts
            .iter()
            .any(|cart| cart.decided.contains_key(&command.id));
        let is_done = matches!(decision.outcome, Outcome::Applied);
        self.counts.check("lost");
        if !is_known && !matches!(decision.outcome, Outcome::Refused { .. }) {
            let what = format!("{} was {:?} and is unknown", command.id, decision.outcome);
            return self.violate("lost", what);
        }
        let held = |cart: &Cart| {
            let decided = cart.decided.get(&command.id);
            decided.is_some_and(|decided| decided.outcome == Outcome::Held)
        };
        if carts.iter().any(held) {
            let what = format!("{} is held, and nobody is paying", command.id);
            return self.violate("lost", what);
        }
        match &command.action {
            Action::AddLine(_) if is_done && !places.has(&command.id) => {
                let what = format!("the line of {} on {} is gone", command.id, decision.cart);
                self.violate("lost", what);
            }
            Action::RemoveLine { observed, .. } if is_done => {
                self.counts.check("i18");
                // What somebody added to it in another cart, while the two were one, stays there.
                let back = carts.iter().find(|cart| {
                    let done = cart.decided.get(&command.id);
                    done.is_some_and(|done| done.outcome == Outcome::Applied)
                        && cart.lines.iter().any(|line| line.added == observed.added)
                });
                if back.is_some_and(is_for_sale) {
                    let what = format!("{} took {} away", command.id, observed.added);
                    self.violate("i18", what);
                }
            }
            _ => {}
        }
    }
}

fn is_for_sale(cart: &Cart) -> bool {
    matches!(cart.status, Status::Open | Status::Checkout(_))
}

/// Where adds are, by the ids of their commands.
struct Places {
    /// In a cart that may be sold.
    open: BTreeSet<CommandId>,
    /// Sold.
    sold: BTreeSet<CommandId>,
    /// Taken away by somebody who saw them.
    removed: BTreeSet<CommandId>,
    /// In a cart that went into another, or joined with a line there.
    merged: BTreeSet<CommandId>,
}

impl Places {
    fn has(&self, add: &CommandId) -> bool {
        [&self.open, &self.sold, &self.removed, &self.merged]
            .iter()
            .any(|place| place.contains(add))
    }
}

fn places(carts: &[Cart]) -> Places {
    let mut places = Places {
        open: BTreeSet::new(),
        sold: BTreeSet::new(),
        removed: BTreeSet::new(),
        merged: BTreeSet::new(),
    };
    for cart in carts {
        let lines = cart.lines.iter().map(|line| line.added.clone());
        match &cart.status {
            Status::Ordered { .. } => places.sold.extend(lines),
            Status::Merged(_) => places.merged.extend(lines),
            Status::Open | Status::Checkout(_) => places.open.extend(lines),
        }
        places
            .sold
            .extend(cart.sold.iter().map(|line| line.added.clone()));
        places.removed.extend(cart.removed.iter().cloned());
    }
    places
}
