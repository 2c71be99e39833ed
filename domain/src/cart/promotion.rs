//! Promotions: a small closed set of rules, each exact.

use super::tax::Rate;
use super::totals::LineFacts;
use crate::ids::{DepartmentId, PromotionId, Sku};
use crate::money::{Currency, Money};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most pieces in one group of *n for m*.
const MAX_GROUP: u32 = 100;

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Promotion {
    /// Its key.
    pub id: PromotionId,
    /// As it is shown and printed.
    pub title: String,
    /// The higher is applied first; of two with the same, the one whose id comes first.
    pub priority: u32,
    /// Alone on its lines: it takes lines that no other has touched, and no other touches them after.
    #[serde(default)]
    pub exclusive: bool,
    /// On what.
    pub target: Target,
    /// What it gives.
    pub benefit: Benefit,
    /// From this instant on.
    pub valid_from: DateTime<Utc>,
    /// Until before this one.
    pub valid_until: DateTime<Utc>,
}

/// What a promotion is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Target {
    /// Everything.
    All,
    /// These items.
    Skus {
        /// Which.
        skus: BTreeSet<Sku>,
    },
    /// What hangs in these departments.
    Departments {
        /// Which.
        departments: BTreeSet<DepartmentId>,
    },
}

/// What a promotion gives. Each works on what the promotions before it left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Benefit {
    /// A share of each line, rounded on the line.
    PercentOff {
        /// Which share.
        rate: Rate,
    },
    /// An amount off each piece, never more than it costs.
    AmountOff {
        /// How much.
        each: Money,
    },
    /// Of each full group of pieces, ordered by price from the dearest on, the cheapest are free.
    NForM {
        /// Pieces in a group.
        take: u32,
        /// Pieces that are paid of it.
        pay: u32,
    },
    /// Something off the whole, from a sum on; shared between its lines by what they cost.
    Threshold {
        /// From this sum on, after other promotions.
        spend: Money,
        /// What is off.
        off: ThresholdBenefit,
    },
}

/// What is off from a sum on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum ThresholdBenefit {
    /// A share of the sum.
    Percent {
        /// Which share.
        rate: Rate,
    },
    /// An amount.
    Amount {
        /// How much.
        amount: Money,
    },
}

/// Why a promotion cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromotionFault {
    /// More than everything off.
    #[error("takes more than the whole off")]
    OverWhole,
    /// An amount below nothing.
    #[error("has a negative amount")]
    Negative,
    /// As many to pay as to take, or none to take.
    #[error("a group has 2 to {MAX_GROUP} pieces, of which fewer are paid")]
    Group,
    /// It ends before it begins.
    #[error("ends before it begins")]
    Period,
}

impl Promotion {
    /// Checks its bounds: one that fails them is never applied.
    pub fn check(&self) -> Result<(), PromotionFault> {
        if self.valid_until <= self.valid_from {
            return Err(PromotionFault::Period);
        }
        match &self.benefit {
            Benefit::PercentOff { rate }
            | Benefit::Threshold {
                off: ThresholdBenefit::Percent { rate },
                ..
            } if *rate > Rate::WHOLE => Err(PromotionFault::OverWhole),
            Benefit::AmountOff { each } if each.minor < 0 => Err(PromotionFault::Negative),
            Benefit::NForM { take, pay } if *take < 2 || *take > MAX_GROUP || pay >= take => {
                Err(PromotionFault::Group)
            }
            Benefit::Threshold { spend, off } => {
                let off = match off {
                    ThresholdBenefit::Amount { amount } => amount.minor,
                    ThresholdBenefit::Percent { .. } => 0,
                };
                let fine = spend.minor >= 0 && off >= 0;
                fine.then_some(()).ok_or(PromotionFault::Negative)
            }
            _ => Ok(()),
        }
    }

    /// Whether it holds at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.valid_from <= now && now < self.valid_until && self.check().is_ok()
    }

    /// Whether it says every amount in this currency.
    #[must_use]
    pub fn is_in(&self, currency: Currency) -> bool {
        let own = |money: &Money| money.currency == currency;
        match &self.benefit {
            Benefit::AmountOff { each } => own(each),
            Benefit::Threshold { spend, off } => {
                own(spend)
                    && match off {
                        ThresholdBenefit::Amount { amount } => own(amount),
                        ThresholdBenefit::Percent { .. } => true,
                    }
            }
            Benefit::PercentOff { .. } | Benefit::NForM { .. } => true,
        }
    }

    /// Whether it is on this line. One in another currency is on none.
    #[must_use]
    pub fn is_on(&self, line: &LineFacts) -> bool {
        self.is_in(line.unit.currency)
            && match &self.target {
                Target::All => true,
                Target::Skus { skus } => skus.contains(&line.sku),
                Target::Departments { departments } => line
                    .department
                    .as_ref()
                    .is_some_and(|department| departments.contains(department)),
            }
    }
}
