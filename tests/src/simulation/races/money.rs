//! Money and goods at rest: what was taken is what orders say, and pieces are on the shelf or with somebody.

use super::world::{Races, SKUS};
use anyhow::{Context, Result};
use cloud_functions::feed::entity_key;
use domain::cart::{Allotment, CartOrder, Settlement};
use domain::ids::PaymentKey;
use std::collections::BTreeSet;

impl Races {
    /// I23: each order was paid once, and nothing else was kept.
    pub(super) fn check_money(&mut self, orders: &[CartOrder]) -> Result<()> {
        self.counts.check("i23");
        let payments = self.provider.payments();
        // What tablets took by themselves lies in their drawers.
        let sales = self.told.sales.values();
        let in_drawers: BTreeSet<String> = sales
            .filter_map(|sale| sale.order.receipt.as_ref().map(ToString::to_string))
            .collect();
        let by_provider = |order: &&CartOrder| {
            let receipt = order.receipt.as_ref().map(ToString::to_string);
            receipt.is_none_or(|receipt| !in_drawers.contains(&receipt))
        };
        let stands: BTreeSet<&PaymentKey> = orders
            .iter()
            .filter(by_provider)
            .filter_map(|order| order.payment.as_ref())
            .collect();
        for (key, payment) in &payments {
            let kept = payment.captured.filter(|_| !payment.is_reversed);
            match (kept, stands.contains(key)) {
                (Some(amount), false) => {
                    let what = format!("{amount} was kept by {key}, for no order");
                    self.violate("i23", what);
                }
                (None, true) => {
                    let what = format!("an order stands on {key}, which is not paid");
                    self.violate("i23", what);
                }
                _ => {}
            }
        }
        for order in orders {
            if !by_provider(&order) {
                if order.captured() != order.totals.total {
                    self.violate(
                        "i23",
                        format!("{} holds other money than it took", order.id),
                    );
                }
                continue;
            }
            let paid = order.payment.as_ref().and_then(|key| payments.get(key));
            let taken = paid.and_then(|payment| payment.captured);
            let due = order.totals.total;
            if due.minor != 0 && taken != Some(due) {
                self.violate("i23", format!("{} cost {due}, {taken:?} taken", order.id));
            }
            self.check_refunds(order)?;
        }
        Ok(())
    }

    fn check_refunds(&mut self, order: &CartOrder) -> Result<()> {
        let settlement = self.settlement(order)?;
        let (said, taken) = (settlement.refunded_minor(), order.captured().minor);
        let given = order
            .payment
            .as_ref()
            .map_or(0, |payment| self.provider.refunded(payment));
        if said > taken || given > said {
            let what = format!("{}: {taken} taken, {said} said, {given} given", order.id);
            self.violate("i23", what);
        }
        let told = self.told.refunds.values().filter(|(of, _)| *of == order.id);
        let told: i64 = told.map(|(_, minor)| minor).sum();
        if told > given {
            let what = format!("{}: {told} told, {given} given back", order.id);
            self.violate("i23", what);
        }
        Ok(())
    }

    fn settlement(&self, order: &CartOrder) -> Result<Settlement> {
        let key = entity_key("settlement", order.id.as_str());
        let stored = self.cloud.ledger.peek(&key);
        stored.map_or_else(
            || Ok(Settlement::default()),
            |stored| serde_json::from_str(&stored.body).context("a settlement"),
        )
    }

    /// Pieces are where they were, but for those that were sold and did not come back.
    pub(super) fn check_stock(&mut self, orders: &[CartOrder]) -> Result<()> {
        self.counts.check("stock");
        let allotments: Vec<Allotment> = self.all("E#allotment#")?;
        for number in 0..SKUS {
            let stock = self.stock(number)?;
            let mut sold = 0_i64;
            for order in orders {
                let lines = order.totals.lines.iter().filter(|l| l.sku == stock.sku);
                sold += lines.map(|line| i64::from(line.quantity)).sum::<i64>();
                let settlement = self.settlement(order)?;
                let back = settlement.refunds.iter().flat_map(|refund| &refund.lines);
                let back = back.filter(|line| line.sku == stock.sku);
                sold -= back.map(|line| i64::from(line.quantity)).sum::<i64>();
            }
            let began = usize::try_from(number)
                .ok()
                .and_then(|number| self.pieces.get(number).copied())
                .unwrap_or(0);
            let allotted: u64 = allotments
                .iter()
                .filter(|allotment| allotment.sku == stock.sku)
                .map(|allotment| allotment.pieces)
                .sum();
            if stock.on_hand + i64::try_from(allotted)? + sold != began {
                let what = format!(
                    "{}: {began} at first, {sold} sold, {allotted} allotted, {} left",
                    stock.sku, stock.on_hand
                );
                self.violate("stock", what);
            }
        }
        Ok(())
    }
}
