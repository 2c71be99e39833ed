//! What somebody bought and kept: the memory behind "again" and "never twice".
//!
//! Kept apart from the [`crate::profile::Profile`], which changes with every click: this changes with an order only.

use crate::event::{Action, Event, ProductRef};
use crate::ids::Sku;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Purchases kept, newest first.
pub const MAX_PURCHASES: usize = 300;

/// An item that was bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Purchase {
    /// Which.
    pub sku: Sku,
    /// When.
    pub at: DateTime<Utc>,
    /// When it was brought back, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<DateTime<Utc>>,
}

/// What somebody bought, newest first; an item once for each order that had it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Purchases {
    /// At most [`MAX_PURCHASES`].
    #[serde(default)]
    pub items: Vec<Purchase>,
}

impl Purchases {
    /// Counts an event; tells whether it changed anything.
    pub fn apply(&mut self, event: &Event) -> bool {
        match &event.action {
            Action::OrderCompleted { products, .. } => self.buy(products, event.at),
            Action::OrderRefunded { products, .. } => self.bring_back(products, event.at),
            _ => false,
        }
    }

    /// What she has: bought and not brought back.
    pub fn owned(&self) -> impl Iterator<Item = &Purchase> {
        self.items
            .iter()
            .filter(|purchase| purchase.returned_at.is_none())
    }

    /// What she brought back.
    pub fn returned(&self) -> impl Iterator<Item = &Sku> {
        self.items
            .iter()
            .filter(|purchase| purchase.returned_at.is_some())
            .map(|purchase| &purchase.sku)
    }

    fn buy(&mut self, products: &[ProductRef], at: DateTime<Utc>) -> bool {
        for product in products {
            let known = self
                .items
                .iter()
                .any(|kept| kept.sku == product.sku && kept.at == at);
            if !known {
                let place = self.items.partition_point(|kept| kept.at > at);
                self.items.insert(
                    place,
                    Purchase {
                        sku: product.sku.clone(),
                        at,
                        returned_at: None,
                    },
                );
            }
        }
        self.items.truncate(MAX_PURCHASES);
        !products.is_empty()
    }

    /// The newest purchase of each item that is not brought back yet.
    fn bring_back(&mut self, products: &[ProductRef], at: DateTime<Utc>) -> bool {
        let mut changed = false;
        for product in products {
            let kept = self.items.iter_mut().find(|kept| {
                kept.sku == product.sku && kept.returned_at.is_none() && kept.at <= at
            });
            if let Some(purchase) = kept {
                purchase.returned_at = Some(at);
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Who;
    use crate::ids::{MessageId, OrderId};

    fn order(day: u32, skus: &[&str], refund: bool) -> Event {
        let at = format!("2026-05-{day:02}T10:00:00Z").parse().unwrap();
        let product = |sku: &&str| ProductRef {
            sku: Sku::parse(*sku).unwrap(),
            department: None,
            quantity: 1,
            price: None,
        };
        let products = skus.iter().map(product).collect();
        let order = OrderId::parse(format!("o-{day}")).unwrap();
        let action = if refund {
            Action::OrderRefunded { order, products }
        } else {
            Action::OrderCompleted {
                order,
                total: None,
                products,
            }
        };
        let message_id = MessageId::parse(format!("m-{day}")).unwrap();
        Event {
            message_id,
            who: Who::default(),
            at,
            received_at: at,
            store: None,
            opted_out: false,
            action,
        }
    }

    #[test]
    fn what_was_brought_back_is_not_owned() {
        let mut purchases = Purchases::default();
        assert!(purchases.apply(&order(1, &["boots", "mug"], false)));
        assert!(purchases.apply(&order(9, &["boots"], true)));
        assert!(!purchases.apply(&order(10, &["never-bought"], true)));
        assert_eq!(
            purchases
                .owned()
                .map(|p| p.sku.as_str())
                .collect::<Vec<_>>(),
            ["mug"]
        );
        assert_eq!(
            purchases.returned().map(Sku::as_str).collect::<Vec<_>>(),
            ["boots"]
        );
        assert!(purchases.apply(&order(11, &["boots"], false)));
        assert_eq!(purchases.owned().count(), 2, "bought again, kept this time");
    }

    #[test]
    fn late_orders_take_their_place_and_repeats_change_nothing() {
        let mut purchases = Purchases::default();
        purchases.apply(&order(5, &["b"], false));
        purchases.apply(&order(2, &["a"], false));
        purchases.apply(&order(5, &["b"], false));
        assert_eq!(
            purchases
                .items
                .iter()
                .map(|p| p.sku.as_str())
                .collect::<Vec<_>>(),
            ["b", "a"]
        );
    }
}
