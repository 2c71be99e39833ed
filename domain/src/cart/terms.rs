//! The terms on which a store sells: tax and promotions. Devices hold them too, so that a sum shown with the network
//! down is the sum that the cloud computes.

use super::promotion::{Promotion, PromotionFault};
use super::state::Cart;
use super::tax::{Rate, TaxMode};
use super::totals::{LineFacts, Totals, TotalsFault, totals};
use crate::ids::{DepartmentId, PromotionId, Sku};
use crate::money::Currency;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most promotions of a store at a time.
pub const MAX_PROMOTIONS: usize = 200;

/// The most characters in the title of a promotion, which is printed.
pub const MAX_PROMOTION_TITLE: usize = 80;

/// Tax and promotions of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Terms {
    /// Whether its prices have the tax in them.
    pub tax: TaxMode,
    /// The tax of everything that has no rate of its own.
    pub rate: Rate,
    /// The tax of departments that have another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rates: BTreeMap<DepartmentId, Rate>,
    /// At most [`MAX_PROMOTIONS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promotions: Vec<Promotion>,
}

/// A store that says nothing sells at its prices, and shows no tax.
impl Default for Terms {
    fn default() -> Self {
        Self {
            tax: TaxMode::Inclusive,
            rate: Rate::default(),
            rates: BTreeMap::new(),
            promotions: Vec::new(),
        }
    }
}

/// What is wrong with terms, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {fault}")]
pub struct TermsRefusal {
    /// A JSON pointer: `/promotions/2/title`.
    pub pointer: String,
    /// What.
    pub fault: TermsFault,
}

/// What is wrong with terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsFault {
    /// More tax than the price.
    #[error("is more than the whole, which is 1,000,000 parts")]
    Rate,
    /// Over [`MAX_PROMOTIONS`].
    #[error("has more than {MAX_PROMOTIONS}")]
    TooMany,
    /// Two have one id: nobody could say which was applied.
    #[error("{0} is another promotion's id")]
    Twice(PromotionId),
    /// Nothing, or more than fits a receipt.
    #[error("has 1 to {MAX_PROMOTION_TITLE} characters, none of them a control character")]
    Title,
    /// It would never be applied.
    #[error("is in another currency than {0}, which the store sells in")]
    Currency(Currency),
    /// It cannot be.
    #[error("the promotion {0}")]
    Promotion(PromotionFault),
}

impl Terms {
    /// Checks the terms of a store that sells in `currency`: whatever would be left out or misread is an error here.
    pub fn check(&self, currency: Currency) -> Result<(), TermsRefusal> {
        let refuse = |pointer: String, fault| Err(TermsRefusal { pointer, fault });
        if self.rate > Rate::WHOLE {
            return refuse("/rate".to_owned(), TermsFault::Rate);
        }
        if let Some((department, _)) = self.rates.iter().find(|(_, rate)| **rate > Rate::WHOLE) {
            return refuse(format!("/rates/{department}"), TermsFault::Rate);
        }
        if self.promotions.len() > MAX_PROMOTIONS {
            return refuse("/promotions".to_owned(), TermsFault::TooMany);
        }
        let mut ids = BTreeSet::new();
        for (n, promotion) in self.promotions.iter().enumerate() {
            let at = |field: &str| format!("/promotions/{n}{field}");
            if !ids.insert(&promotion.id) {
                return refuse(at("/id"), TermsFault::Twice(promotion.id.clone()));
            }
            let title = promotion.title.trim();
            let fits = (1..=MAX_PROMOTION_TITLE).contains(&title.chars().count());
            if !fits || title.chars().any(char::is_control) {
                return refuse(at("/title"), TermsFault::Title);
            }
            if !promotion.is_in(currency) {
                return refuse(at("/benefit"), TermsFault::Currency(currency));
            }
            if let Err(fault) = promotion.check() {
                return refuse(at(""), TermsFault::Promotion(fault));
            }
        }
        Ok(())
    }

    /// The tax of what hangs in a department.
    #[must_use]
    pub fn rate_of(&self, department: Option<&DepartmentId>) -> Rate {
        let own = department.and_then(|department| self.rates.get(department));
        own.copied().unwrap_or(self.rate)
    }

    /// What a cart costs at `now`; `Ok(None)` where a line has no price yet.
    pub fn totals(
        &self,
        cart: &Cart,
        department_of: impl Fn(&Sku) -> Option<DepartmentId>,
        now: DateTime<Utc>,
    ) -> Result<Option<Totals>, TotalsFault> {
        let mut lines = Vec::with_capacity(cart.lines.len());
        for line in cart.counted() {
            let Some(price) = &line.price else {
                return Ok(None);
            };
            let department = department_of(&line.sku);
            lines.push(LineFacts {
                line_id: line.id.clone(),
                sku: line.sku.clone(),
                quantity: line.quantity(),
                unit: price.unit,
                tax: self.rate_of(department.as_ref()),
                department,
            });
        }
        let known = self.promotions.get(..MAX_PROMOTIONS);
        let promotions = known.unwrap_or(&self.promotions);
        totals(cart.opening.currency, self.tax, &lines, promotions, now).map(Some)
    }
}
