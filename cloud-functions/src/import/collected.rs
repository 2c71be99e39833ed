//! What the rows of a file add up to: lines become orders, orders say when a customer was last here.

use super::Row;
use super::merchant::Product;
use super::orders::Line;
use super::summary::RowError;
use domain::cart::Terms;
use domain::customer::Customer;
use domain::fence::Fence;
use domain::ids::{CustomerId, OrderId};
use domain::order::{MAX_LINES, Order, OrderChannel, OrderLine};
use domain::store::Store;
use std::collections::BTreeMap;

/// Everything that a file said.
#[derive(Debug, Default)]
pub struct Collected {
    /// Items with prices and stock.
    pub products: Vec<Product>,
    /// Customers by id; the last row of one counts.
    pub customers: BTreeMap<CustomerId, Customer>,
    /// Orders by number.
    pub orders: BTreeMap<OrderId, Order>,
    /// Fences.
    pub fences: Vec<Fence>,
    /// Tax and promotions.
    pub terms: Option<Terms>,
}

impl Collected {
    /// Adds a row, or says why it does not fit the ones before.
    pub(super) fn take(&mut self, row: Row, store: &Store) -> Result<(), RowError> {
        match row {
            Row::Product(product) => self.products.push(*product),
            Row::Customer(customer) => {
                self.customers.insert(customer.id.clone(), *customer);
            }
            Row::OrderLine(line) => return self.take_line(*line, store),
            Row::Fence(fence) => self.fences.push(*fence),
            Row::Terms(terms) => self.terms = Some(*terms),
        }
        Ok(())
    }

    fn take_line(&mut self, line: Line, store: &Store) -> Result<(), RowError> {
        let order = self
            .orders
            .entry(line.order.clone())
            .or_insert_with(|| Order {
                id: line.order,
                customer: line.customer.clone(),
                store: store.id.clone(),
                channel: OrderChannel::Store,
                placed_at: line.at,
                lines: Vec::new(),
                paid: None,
            });
        if order.customer != line.customer {
            return Err(RowError::new(
                "customer",
                format!(
                    "is not the customer of the other rows of order {}",
                    order.id
                ),
            ));
        }
        if order.lines.len() >= MAX_LINES {
            return Err(RowError::new(
                "order",
                format!("{} has more than {MAX_LINES} lines", order.id),
            ));
        }
        if order
            .lines
            .first()
            .is_some_and(|first| first.unit_price.currency != line.unit_price.currency)
        {
            return Err(RowError::new(
                "currency",
                format!("order {} has rows in another currency", order.id),
            ));
        }
        let line = OrderLine {
            sku: line.sku,
            quantity: line.quantity,
            unit_price: line.unit_price,
        };
        order.lines.push(line);
        if order.total().is_err() {
            order.lines.pop();
            return Err(RowError::new(
                "price",
                format!("order {} is too large to add up", order.id),
            ));
        }
        Ok(())
    }
}
