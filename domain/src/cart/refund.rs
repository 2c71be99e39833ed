//! Returns: reversals that give back what a piece really cost, and never more than was taken.
//!
//! The `k`-th piece of a line of `n` that cost `t` in all gives back `t*k/n - t*(k-1)/n`, each rounded down: however
//! pieces come back, one by one or together, all of them give back exactly what was paid, and the tax in it.

use super::order::CartOrder;
use super::totals::LineTotal;
use crate::ids::{LineId, OrderId, RefundId, Sku};
use crate::money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most refunds of one order.
pub const MAX_REFUNDS: usize = 200;

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Refund {
    /// Its key, made by who asks for it: a repeat is the same refund.
    pub id: RefundId,
    /// Of which order.
    pub order: OrderId,
    /// What came back.
    pub lines: Vec<RefundedLine>,
    /// What is given back.
    pub total: Money,
    /// The tax in it.
    pub tax: Money,
}

/// Pieces of one line that came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RefundedLine {
    /// Which line.
    pub line_id: LineId,
    /// Of what.
    pub sku: Sku,
    /// Pieces, more than none.
    pub quantity: u32,
    /// What is given back for them.
    pub amount: Money,
    /// The tax in it.
    pub tax: Money,
}

/// What has been given back of an order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Settlement {
    /// Each refund, oldest first; at most [`MAX_REFUNDS`].
    pub refunds: Vec<Refund>,
}

/// Why nothing is given back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// Nothing comes back.
    #[error("nothing comes back")]
    Nothing,
    /// The order has no such line.
    #[error("the order has no line {0}")]
    UnknownLine(LineId),
    /// More than there are.
    #[error("of line {line} only {left} can come back")]
    TooMany {
        /// Of which line.
        line: LineId,
        /// How many are left.
        left: u32,
    },
    /// More than was taken for the order.
    #[error("more than was paid would be given back")]
    OverCaptured,
    /// Over [`MAX_REFUNDS`].
    #[error("an order has at most {MAX_REFUNDS} refunds")]
    TooOften,
    /// She asked before she saw what came back already.
    #[error("more of this order came back meanwhile: look at it again")]
    Moved,
    /// Something else was asked for under this id before.
    #[error("another refund has this id")]
    Mismatch,
    /// A sum that is too large.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Settlement {
    /// How many pieces of a line came back.
    #[must_use]
    pub fn returned(&self, line: &LineId) -> u32 {
        let lines = self.refunds.iter().flat_map(|refund| &refund.lines);
        lines
            .filter(|refunded| refunded.line_id == *line)
            .fold(0, |sum, refunded| sum.saturating_add(refunded.quantity))
    }

    /// What was given back, in minor units.
    #[must_use]
    pub fn refunded_minor(&self) -> i64 {
        let totals = self.refunds.iter().map(|refund| refund.total.minor);
        totals.fold(0, i64::saturating_add)
    }
}

/// Plans a refund of pieces; the settlement that is answered has it. A repeat of an id changes nothing.
pub fn refund(
    order: &CartOrder,
    settlement: &Settlement,
    id: &RefundId,
    pieces: &BTreeMap<LineId, u32>,
) -> Result<(Refund, Settlement), RefundRefusal> {
    if let Some(before) = settlement.refunds.iter().find(|known| known.id == *id) {
        let again = before
            .lines
            .iter()
            .map(|line| (&line.line_id, &line.quantity));
        return if again.eq(pieces.iter()) {
            Ok((before.clone(), settlement.clone()))
        } else {
            Err(RefundRefusal::Mismatch)
        };
    }
    if settlement.refunds.len() >= MAX_REFUNDS {
        return Err(RefundRefusal::TooOften);
    }
    if pieces.is_empty() || pieces.values().any(|quantity| *quantity == 0) {
        return Err(RefundRefusal::Nothing);
    }
    let refund = plan(order, settlement, id, pieces)?;
    let sum = settlement.refunded_minor().checked_add(refund.total.minor);
    if sum.is_none_or(|sum| sum > order.captured().minor) {
        return Err(RefundRefusal::OverCaptured);
    }
    let mut settled = settlement.clone();
    settled.refunds.push(refund.clone());
    Ok((refund, settled))
}

fn plan(
    order: &CartOrder,
    settlement: &Settlement,
    id: &RefundId,
    pieces: &BTreeMap<LineId, u32>,
) -> Result<Refund, RefundRefusal> {
    let currency = order.totals.total.currency;
    let (mut total, mut tax) = (Money::zero(currency), Money::zero(currency));
    let mut lines = Vec::with_capacity(pieces.len());
    for (line_id, quantity) in pieces {
        let sold = order.totals.lines.iter().find(|l| l.line_id == *line_id);
        let sold = sold.ok_or_else(|| RefundRefusal::UnknownLine(line_id.clone()))?;
        let line = refund_line(sold, settlement.returned(line_id), *quantity)?;
        total = total.checked_add(line.amount)?;
        tax = tax.checked_add(line.tax)?;
        lines.push(line);
    }
    Ok(Refund {
        id: id.clone(),
        order: order.id.clone(),
        lines,
        total,
        tax,
    })
}

fn refund_line(
    sold: &LineTotal,
    before: u32,
    quantity: u32,
) -> Result<RefundedLine, RefundRefusal> {
    let left = sold.quantity.saturating_sub(before);
    if quantity > left {
        let line = sold.line_id.clone();
        return Err(RefundRefusal::TooMany { line, left });
    }
    let after = before.saturating_add(quantity);
    let part = |whole: Money| {
        let until = |pieces| first_pieces(whole.minor, pieces, sold.quantity);
        Money::new(until(after) - until(before), whole.currency)
    };
    Ok(RefundedLine {
        line_id: sold.line_id.clone(),
        sku: sold.sku.clone(),
        quantity,
        amount: part(sold.total),
        tax: part(sold.tax),
    })
}

/// What the first `pieces` of `of` cost of `whole`, rounded down.
fn first_pieces(whole: i64, pieces: u32, of: u32) -> i64 {
    let share = i128::from(whole) * i128::from(pieces) / i128::from(of.max(1));
    i64::try_from(share).unwrap_or(i64::MAX)
}
