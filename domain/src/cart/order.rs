//! The one order at the end of a cart, and the names that follow from it.

use super::author::Channel;
use super::checkout::Phase;
use super::payment::Capture;
use super::receipt::ReceiptNumber;
use super::state::{Cart, Status};
use super::totals::Totals;
use crate::ids::{AssociateId, CartId, CustomerId, OrderId, PaymentKey, StoreId};
use crate::money::Money;
use crate::order::{Order, OrderChannel, OrderLine};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The only order that a generation of a cart can become.
#[must_use]
pub fn order_id(cart: &CartId, generation: u32) -> OrderId {
    OrderId::derived("order", &[cart.as_str(), &generation.to_string()])
}

/// What a provider recognises an attempt to pay an order by.
#[must_use]
pub fn payment_key(order: &OrderId, attempt: u32) -> PaymentKey {
    PaymentKey::derived("payment", &[order.as_str(), &attempt.to_string()])
}

/// The only reward that a rule can give for an order: 32 hexadecimal digits.
#[must_use]
pub fn reward_key(order: &OrderId, rule: &str) -> String {
    crate::digest::derive("reward", &[order.as_str(), rule])
}

/// An order as a checkout makes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CartOrder {
    /// Follows from cart and generation.
    pub id: OrderId,
    /// Of which cart.
    pub cart: CartId,
    /// Of which generation of it.
    pub generation: u32,
    /// The number on the receipt, where it was sold over a counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "17-003-20261123-000042")]
    pub receipt: Option<ReceiptNumber>,
    /// The store that sold it.
    pub store: StoreId,
    /// Who bought; `None` for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// Who sold, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub associate: Option<AssociateId>,
    /// Where it was checked out.
    pub channel: Channel,
    /// When, by the cloud's clock.
    pub placed_at: DateTime<Utc>,
    /// What, and what it cost.
    pub totals: Totals,
    /// The payment that stands; `None` where nothing was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<PaymentKey>,
    /// What it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<Capture>,
}

/// What a checkout adds to a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The number on the receipt.
    pub receipt: Option<ReceiptNumber>,
    /// Who sold.
    pub associate: Option<AssociateId>,
    /// Where.
    pub channel: Channel,
    /// When.
    pub placed_at: DateTime<Utc>,
}

/// Why there is no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefusal {
    /// It is not paid.
    #[error("the cart is not paid")]
    NotPaid,
    /// The sum is not the one that was frozen.
    #[error("the sum is {now}, but {frozen} was confirmed")]
    TotalMoved {
        /// What was confirmed.
        frozen: Money,
        /// What it is.
        now: Money,
    },
}

impl CartOrder {
    /// The order of a cart that is paid, or that nothing is due for.
    pub fn of(cart: &Cart, totals: Totals, sale: Sale) -> Result<Self, OrderRefusal> {
        let Status::Checkout(checkout) = &cart.status else {
            return Err(OrderRefusal::NotPaid);
        };
        let paid = match &checkout.phase {
            Phase::Paid { payment, capture } => Some((payment.clone(), capture.clone())),
            Phase::Reserved if checkout.total.minor == 0 => None,
            _ => return Err(OrderRefusal::NotPaid),
        };
        if totals.total != checkout.total {
            let (frozen, now) = (checkout.total, totals.total);
            return Err(OrderRefusal::TotalMoved { frozen, now });
        }
        let (payment, capture) = paid.unzip();
        Ok(Self {
            id: cart.order_id(),
            cart: cart.opening.id.clone(),
            generation: cart.generation,
            receipt: sale.receipt,
            store: cart.opening.store.clone(),
            customer: cart.opening.customer.clone(),
            associate: sale.associate,
            channel: sale.channel,
            placed_at: sale.placed_at,
            totals,
            payment,
            capture,
        })
    }

    /// What was taken for it.
    #[must_use]
    pub fn captured(&self) -> Money {
        let nothing = Money::zero(self.totals.total.currency);
        self.capture.as_ref().map_or(nothing, |c| c.amount)
    }

    /// What is still to be paid: an order is what was captured and what is due.
    pub fn due(&self) -> Result<Money, crate::money::MoneyError> {
        let captured = self.captured();
        let total = self.totals.total;
        total.checked_add(Money::new(
            captured.minor.saturating_neg(),
            captured.currency,
        ))
    }

    /// As history keeps it: what was bought, at the prices of its pieces, and what was paid for it.
    #[must_use]
    pub fn history(&self) -> Order {
        let channel = match self.channel {
            Channel::Phone | Channel::Online => OrderChannel::Online,
            Channel::Kiosk | Channel::Tablet => OrderChannel::Store,
        };
        let lines = self.totals.lines.iter().map(|line| OrderLine {
            sku: line.sku.clone(),
            quantity: line.quantity.into(),
            unit_price: line.unit,
        });
        Order {
            id: self.id.clone(),
            customer: self.customer.clone(),
            store: self.store.clone(),
            channel,
            placed_at: self.placed_at,
            lines: lines.collect(),
            paid: Some(self.totals.total),
        }
    }
}
