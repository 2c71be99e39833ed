//! Orders: what was bought or brought back, as history. (The life of an order begins in a cart.)

use crate::ids::{CustomerId, OrderId, Sku, StoreId};
use crate::money::{Money, MoneyError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most lines that one order may have.
pub const MAX_LINES: usize = 2_000;

/// Where an order was placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderChannel {
    /// In a store.
    Store,
    /// In the online shop.
    Online,
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderLine {
    /// What.
    pub sku: Sku,
    /// Pieces; negative for what was brought back.
    pub quantity: i64,
    /// What one piece cost.
    pub unit_price: Money,
}

/// An order, or a return where its lines are negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Order {
    /// Its key: the retailer's order or invoice number.
    pub id: OrderId,
    /// Who bought; `None` for somebody unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// The store it belongs to.
    pub store: StoreId,
    /// Where it was placed.
    pub channel: OrderChannel,
    /// When.
    pub placed_at: DateTime<Utc>,
    /// What, in the order of the receipt; at most [`MAX_LINES`].
    pub lines: Vec<OrderLine>,
    /// What was paid, where that is not the sum of the lines: something was off, or tax came on top. Negative for a return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Money>,
}

impl Order {
    /// What was paid, else the sum of the lines; `None` where there are none.
    pub fn total(&self) -> Result<Option<Money>, MoneyError> {
        if self.paid.is_some() {
            return Ok(self.paid);
        }
        let mut total: Option<Money> = None;
        for line in &self.lines {
            let amount = line.unit_price.checked_mul(line.quantity)?;
            total = Some(match total {
                Some(sum) => sum.checked_add(amount)?,
                None => amount,
            });
        }
        Ok(total)
    }

    /// Whether it takes goods back: every line is negative.
    #[must_use]
    pub fn is_return(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.quantity < 0)
    }
}
