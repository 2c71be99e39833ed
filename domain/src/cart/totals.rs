//! What a cart costs: goods, what is off and why, tax, and the sum, to the last minor unit.
//!
//! **Tax is computed once for each rate of an order**, on the sum of its lines, and shared between them by largest
//! remainder. Rounded line by line, an invoice of many small lines would be off by a minor unit for each, and an
//! authority recomputes from the sums; and a line's share is what is given back with it. Whether prices have the tax in
//! them is the store's to say, for a whole order: a receipt that mixes the two cannot be checked by who reads it.

use super::discount::{Discount, discounts};
use super::promotion::Promotion;
use super::share::share;
use super::tax::{Rate, TaxMode, tax_upon, tax_within};
use crate::ids::{DepartmentId, LineId, Sku};
use crate::money::{Currency, Money, MoneyError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What totals are computed of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFacts {
    /// Which line.
    pub line_id: LineId,
    /// Of what.
    pub sku: Sku,
    /// Where it hangs, where that is known.
    pub department: Option<DepartmentId>,
    /// Pieces.
    pub quantity: u32,
    /// What one piece costs.
    pub unit: Money,
    /// Its tax.
    pub tax: Rate,
}

/// What one line costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LineTotal {
    /// Which line.
    pub line_id: LineId,
    /// Of what.
    pub sku: Sku,
    /// Pieces.
    pub quantity: u32,
    /// What one piece costs.
    pub unit: Money,
    /// All of them, before anything is off.
    pub goods: Money,
    /// What is off.
    pub discount: Money,
    /// The rate of its tax.
    pub rate: Rate,
    /// Its share of the tax.
    pub tax: Money,
    /// What is paid for it, tax included.
    pub total: Money,
}

/// The tax of one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TaxTotal {
    /// Which rate.
    pub rate: Rate,
    /// What it is on, without it.
    pub net: Money,
    /// The tax.
    pub tax: Money,
}

/// What a cart costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Totals {
    /// Whether prices have the tax in them.
    pub mode: TaxMode,
    /// Each line, in the order of the cart.
    pub lines: Vec<LineTotal>,
    /// What is off, with the reason, in the order in which promotions were applied.
    pub discounts: Vec<Discount>,
    /// The tax of each rate.
    pub taxes: Vec<TaxTotal>,
    /// All lines before anything is off.
    pub goods: Money,
    /// All that is off.
    pub discount: Money,
    /// All tax, in the sum or upon it.
    pub tax: Money,
    /// What is paid: the sum of the lines' totals.
    pub total: Money,
}

/// Why there is no sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TotalsFault {
    /// Too large, or in two currencies.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A price below nothing.
    #[error("line {0} has a negative price")]
    NegativePrice(LineId),
}

/// Computes what `lines` cost at `now`.
pub fn totals(
    currency: Currency,
    mode: TaxMode,
    lines: &[LineFacts],
    promotions: &[Promotion],
    now: DateTime<Utc>,
) -> Result<Totals, TotalsFault> {
    let goods = lines
        .iter()
        .map(|line| goods_of(line, currency))
        .collect::<Result<Vec<i64>, _>>()?;
    let discounts = discounts(lines, &goods, promotions, now);
    let off = |line: &LineFacts| -> i64 {
        let own = discounts.iter().filter(|d| d.line_id == line.line_id);
        own.map(|d| d.amount.minor).sum()
    };
    let left: Vec<i64> = lines.iter().zip(&goods).map(|(l, g)| g - off(l)).collect();
    let (taxes, shares) = taxes(currency, mode, lines, &left)?;
    let mut sums = Sums::default();
    let mut line_totals = Vec::with_capacity(lines.len());
    for (((line, goods), left), tax) in lines.iter().zip(&goods).zip(&left).zip(&shares) {
        let total = match mode {
            TaxMode::Inclusive => *left,
            TaxMode::Exclusive => add(*left, *tax)?,
        };
        sums.add(*goods, goods - left, *tax, total)?;
        line_totals.push(LineTotal {
            line_id: line.line_id.clone(),
            sku: line.sku.clone(),
            quantity: line.quantity,
            unit: line.unit,
            goods: Money::new(*goods, currency),
            discount: Money::new(goods - left, currency),
            rate: line.tax,
            tax: Money::new(*tax, currency),
            total: Money::new(total, currency),
        });
    }
    Ok(Totals {
        mode,
        lines: line_totals,
        discounts,
        taxes,
        goods: Money::new(sums.goods, currency),
        discount: Money::new(sums.discount, currency),
        tax: Money::new(sums.tax, currency),
        total: Money::new(sums.total, currency),
    })
}

fn goods_of(line: &LineFacts, currency: Currency) -> Result<i64, TotalsFault> {
    if line.unit.currency != currency {
        return Err(MoneyError::MixedCurrencies(currency, line.unit.currency).into());
    }
    if line.unit.minor < 0 {
        return Err(TotalsFault::NegativePrice(line.line_id.clone()));
    }
    Ok(line.unit.checked_mul(line.quantity.into())?.minor)
}

/// The tax of each rate, and each line's share of it.
fn taxes(
    currency: Currency,
    mode: TaxMode,
    lines: &[LineFacts],
    left: &[i64],
) -> Result<(Vec<TaxTotal>, Vec<i64>), TotalsFault> {
    let mut by_rate: BTreeMap<Rate, Vec<(usize, i64)>> = BTreeMap::new();
    for (place, (line, left)) in lines.iter().zip(left).enumerate() {
        by_rate.entry(line.tax).or_default().push((place, *left));
    }
    let mut shares = vec![0; lines.len()];
    let mut totals = Vec::with_capacity(by_rate.len());
    for (rate, members) in by_rate {
        let weights: Vec<i64> = members.iter().map(|(_, left)| *left).collect();
        let base = weights.iter().try_fold(0_i64, |sum, w| add(sum, *w))?;
        let (tax, net) = match mode {
            TaxMode::Inclusive => {
                let tax = tax_within(base, rate);
                (tax, base - tax)
            }
            TaxMode::Exclusive => (tax_upon(base, rate), base),
        };
        for ((place, _), part) in members.iter().zip(share(tax, &weights)) {
            if let Some(share) = shares.get_mut(*place) {
                *share = part;
            }
        }
        totals.push(TaxTotal {
            rate,
            net: Money::new(net, currency),
            tax: Money::new(tax, currency),
        });
    }
    Ok((totals, shares))
}

#[derive(Default)]
struct Sums {
    goods: i64,
    discount: i64,
    tax: i64,
    total: i64,
}

impl Sums {
    fn add(&mut self, goods: i64, discount: i64, tax: i64, total: i64) -> Result<(), MoneyError> {
        self.goods = add(self.goods, goods)?;
        self.discount = add(self.discount, discount)?;
        self.tax = add(self.tax, tax)?;
        self.total = add(self.total, total)?;
        Ok(())
    }
}

fn add(a: i64, b: i64) -> Result<i64, MoneyError> {
    a.checked_add(b).ok_or(MoneyError::Overflow)
}
