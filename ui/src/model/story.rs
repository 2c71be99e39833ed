//! An order as one row of her story.

use crate::model::titles;
use chrono::{DateTime, Utc};
use domain::api::content::ItemView;
use domain::money::Money;
use domain::order::{Order, OrderChannel};

/// The most items that a row names.
const NAMED_MAX: usize = 2;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// When.
    pub placed_at: DateTime<Utc>,
    /// What kind.
    pub kind: OrderKind,
    /// The first items by name.
    pub named: Vec<String>,
    /// How many lines the row does not name.
    pub others: usize,
    /// What was paid, or paid back; `None` where the order mixes currencies or has no line.
    pub total: Option<Money>,
}

/// What kind of order a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKind {
    /// Bought in a store.
    Store,
    /// Bought in the online shop.
    Online,
    /// Brought back.
    Return,
}

/// The row of an order.
#[must_use]
pub fn order_row(order: &Order, items: &[ItemView]) -> OrderRow {
    let named: Vec<String> = order
        .lines
        .iter()
        .take(NAMED_MAX)
        .map(|line| titles::title(items, &line.sku))
        .collect();
    OrderRow {
        placed_at: order.placed_at,
        kind: match order.channel {
            _ if order.is_return() => OrderKind::Return,
            OrderChannel::Store => OrderKind::Store,
            OrderChannel::Online => OrderKind::Online,
        },
        others: order.lines.len() - named.len(),
        named,
        total: order.total().ok().flatten(),
    }
}

/// A birthday `MM-DD` as month and day; `None` where it is no day.
#[must_use]
pub fn birthday(text: &str) -> Option<(u32, u32)> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_two_items_and_counts_the_rest() {
        let line = |sku: &str, quantity: i64| serde_json::json!({"sku": sku, "quantity": quantity, "unit_price": {"minor": 500, "currency": "EUR"}});
        let order = |lines: Vec<serde_json::Value>| -> Order {
            serde_json::from_value(
                serde_json::json!({"id": "o", "store": "1", "channel": "online",
                "placed_at": "2026-05-17T10:00:00Z", "lines": lines}),
            )
            .unwrap()
        };
        let row = order_row(&order(vec![line("a", 1), line("b", 2), line("c", 1)]), &[]);
        assert_eq!(
            (row.named.len(), row.others, row.kind),
            (2, 1, OrderKind::Online)
        );
        assert_eq!(row.total.map(|total| total.minor), Some(2_000));
        assert_eq!(
            order_row(&order(vec![line("a", -1)]), &[]).kind,
            OrderKind::Return
        );
        assert_eq!(order_row(&order(vec![]), &[]).total, None);
    }

    #[test]
    fn a_birthday_is_a_day() {
        assert_eq!(birthday("05-17"), Some((5, 17)));
        assert_eq!(birthday("13-40"), None);
        assert_eq!(birthday("soon"), None);
    }
}
