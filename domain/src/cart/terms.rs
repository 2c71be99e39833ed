//! The terms on which a store sells: tax and promotions. Devices hold them too, so that a sum shown with the network
//! down is the sum that the cloud computes.

use super::promotion::Promotion;
use super::state::Cart;
use super::tax::{Rate, TaxMode};
use super::totals::{LineFacts, Totals, TotalsFault, totals};
use crate::ids::{DepartmentId, Sku};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most promotions of a store at a time.
pub const MAX_PROMOTIONS: usize = 200;

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

impl Terms {
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
