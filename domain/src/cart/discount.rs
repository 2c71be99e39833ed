//! What promotions take off a cart, each with its reason.

use super::pieces::free_pieces;
use super::promotion::{Benefit, Promotion, ThresholdBenefit};
use super::share::share;
use super::tax::Rate;
use super::totals::LineFacts;
use crate::ids::{LineId, PromotionId};
use crate::money::Money;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What one promotion takes off one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Discount {
    /// Which promotion.
    pub promotion: PromotionId,
    /// As it is shown and printed.
    pub title: String,
    /// Off which line.
    pub line_id: LineId,
    /// How much; more than nothing.
    pub amount: Money,
    /// Why.
    pub reason: Reason,
}

/// Why something is off, with the figures to say it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Reason {
    /// A share of the line.
    PercentOff {
        /// Which share.
        rate: Rate,
    },
    /// An amount off each piece.
    AmountOff {
        /// How much.
        each: Money,
    },
    /// Pieces are free.
    NForM {
        /// Pieces in a group.
        take: u32,
        /// Pieces that are paid of it.
        pay: u32,
        /// Pieces of this line that are free.
        free: u64,
    },
    /// The sum was reached; this is the line's share.
    Threshold {
        /// From which sum on.
        spend: Money,
        /// Which sum it was.
        reached: Money,
    },
}

/// What is left to pay for a line, and who has touched it.
struct Left<'a> {
    facts: &'a LineFacts,
    minor: i64,
    touched: bool,
    taken: bool,
}

/// Applies promotions to lines whose cost before them is `goods`, in minor units, line by line. The sum of what is taken
/// off a line is never more than it costs.
#[must_use]
pub fn discounts(
    lines: &[LineFacts],
    goods: &[i64],
    promotions: &[Promotion],
    now: DateTime<Utc>,
) -> Vec<Discount> {
    let mut left: Vec<Left<'_>> = lines
        .iter()
        .zip(goods)
        .map(|(facts, minor)| Left {
            facts,
            minor: *minor,
            touched: false,
            taken: false,
        })
        .collect();
    let mut ordered: Vec<&Promotion> = promotions.iter().filter(|p| p.is_valid_at(now)).collect();
    ordered.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| a.id.cmp(&b.id)));
    ordered
        .into_iter()
        .flat_map(|promotion| apply(promotion, &mut left))
        .collect()
}

fn apply(promotion: &Promotion, left: &mut [Left<'_>]) -> Vec<Discount> {
    let may_touch = |line: &Left<'_>| {
        let blocked = line.taken || (promotion.exclusive && line.touched);
        !blocked && line.minor > 0 && promotion.is_on(line.facts)
    };
    let places: Vec<(usize, i64, u32)> = left
        .iter()
        .enumerate()
        .filter(|(_, line)| may_touch(line))
        .map(|(place, line)| (place, line.minor, line.facts.quantity))
        .collect();
    let mut given = Vec::new();
    for (place, amount, reason) in benefit(&promotion.benefit, &places) {
        let Some(line) = left.get_mut(place).filter(|_| amount > 0) else {
            continue;
        };
        let amount = amount.min(line.minor);
        line.minor -= amount;
        line.touched = true;
        line.taken = promotion.exclusive;
        given.push(Discount {
            promotion: promotion.id.clone(),
            title: promotion.title.clone(),
            line_id: line.facts.line_id.clone(),
            amount: Money::new(amount, line.facts.unit.currency),
            reason,
        });
    }
    given
}

/// What a benefit takes off lines given as `(place, what is left to pay, pieces)`.
fn benefit(benefit: &Benefit, lines: &[(usize, i64, u32)]) -> Vec<(usize, i64, Reason)> {
    match benefit {
        Benefit::PercentOff { rate } => lines
            .iter()
            .map(|(place, minor, _)| (*place, rate.of(*minor), Reason::PercentOff { rate: *rate }))
            .collect(),
        Benefit::AmountOff { each } => lines
            .iter()
            .map(|(place, _, pieces)| {
                let amount = each.minor.saturating_mul((*pieces).into());
                (*place, amount, Reason::AmountOff { each: *each })
            })
            .collect(),
        Benefit::NForM { take, pay } => free_pieces(lines, *take, *pay)
            .into_iter()
            .map(|(place, amount, free)| {
                let (take, pay) = (*take, *pay);
                (place, amount, Reason::NForM { take, pay, free })
            })
            .collect(),
        Benefit::Threshold { spend, off } => threshold(*spend, off, lines),
    }
}

fn threshold(
    spend: Money,
    off: &ThresholdBenefit,
    lines: &[(usize, i64, u32)],
) -> Vec<(usize, i64, Reason)> {
    let weights: Vec<i64> = lines.iter().map(|(_, minor, _)| *minor).collect();
    let sum = weights.iter().fold(0_i64, |sum, w| sum.saturating_add(*w));
    if sum < spend.minor {
        return Vec::new();
    }
    let whole = match off {
        ThresholdBenefit::Percent { rate } => rate.of(sum),
        ThresholdBenefit::Amount { amount } => amount.minor.min(sum),
    };
    let reached = Money::new(sum, spend.currency);
    let reason = Reason::Threshold { spend, reached };
    lines
        .iter()
        .zip(share(whole, &weights))
        .map(|((place, ..), amount)| (*place, amount, reason.clone()))
        .collect()
}
