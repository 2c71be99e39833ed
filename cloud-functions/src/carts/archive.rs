//! Carts that ended and orders that are old: no tablet keeps them any more, and nothing of them is lost.
//!
//! `X#archive` / `<when, in milliseconds>#…` says what is due ([`Due`]), written with what ends it. `Z#<cart>` / `V` is a
//! cart of the archive: it is read as if it were never made by this ledger (revision 0), so that whatever comes late
//! makes it anew in the feed. `O#<order>` / `V` is an order of the archive, with what came back of it.

use crate::feed::entity_key;
use crate::ports::ledger::{Condition, Key, Ledger, Stored, Write};
use crate::table::{self, Row, TableError};
use chrono::{DateTime, TimeDelta, Utc};
use domain::api::sync::kind;
use domain::cart::{Cart, CartOrder, ReceiptNumber, Settlement, Status};
use domain::ids::{CartId, OrderId};
use serde::{Deserialize, Serialize};

/// How long tablets keep a cart that ended.
pub const CART_KEPT: TimeDelta = TimeDelta::days(7);
/// How long they keep an order.
pub const ORDER_KEPT: TimeDelta = TimeDelta::days(90);

/// What goes into the archive when its time has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Due {
    /// A cart that ended.
    Cart {
        /// Which.
        cart: CartId,
        /// As it was then: one that moved on has its time anew.
        version: u64,
    },
    /// An order.
    Order {
        /// Which.
        order: OrderId,
    },
}

/// An order of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldOrder {
    /// The order.
    pub order: CartOrder,
    /// What came back of it.
    pub settlement: Settlement,
}

/// Where an order lies.
#[derive(Debug)]
pub enum Place {
    /// Tablets have it.
    Feed {
        /// What came back of it, where something did.
        settlement: Option<Row<Settlement>>,
        /// The order itself.
        order: Row<CartOrder>,
    },
    /// In the archive.
    Archive(Row<OldOrder>),
}

impl Due {
    /// The write that says when.
    pub fn at(&self, at: DateTime<Utc>) -> Result<Write, TableError> {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let what = match self {
            Self::Cart { cart, .. } => format!("cart#{cart}"),
            Self::Order { order } => format!("order#{order}"),
        };
        let key = Key::new("X#archive", format!("{millis:020}#{what}"));
        table::put(key, self, Condition::Any)
    }
}

/// Whether nothing is done with a cart any more, but for what comes late.
#[must_use]
pub fn is_ended(cart: &Cart) -> bool {
    matches!(cart.status, Status::Ordered { .. } | Status::Merged(_))
}

/// When a cart goes into the archive, where it ends now or came back from there.
pub fn cart_due(
    before: Option<&Row<Cart>>,
    after: &Cart,
    now: DateTime<Utc>,
) -> Result<Option<Write>, TableError> {
    let known = before.is_some_and(|row| row.revision > 0 && is_ended(&row.value));
    if known || !is_ended(after) {
        return Ok(None);
    }
    let due = Due::Cart {
        cart: after.opening.id.clone(),
        version: after.version,
    };
    due.at(now + CART_KEPT).map(Some)
}

/// Where a cart lies in the archive.
#[must_use]
pub fn cart_key(cart: &CartId) -> Key {
    Key::new(format!("Z#{cart}"), "V")
}

/// Where an order lies in the archive.
#[must_use]
pub fn order_key(order: &OrderId) -> Key {
    Key::new(format!("O#{order}"), "V")
}

/// Where it lies whose a receipt's number is.
#[must_use]
pub fn receipt_key(receipt: &ReceiptNumber) -> Key {
    let till = receipt.workstation.number();
    Key::new(
        format!("T#{}/{till}/{}", receipt.store, receipt.day),
        format!("N#{:06}", receipt.sequence()),
    )
}

/// An order, wherever it lies.
pub async fn find_order(ledger: &dyn Ledger, order: &OrderId) -> Result<Option<Place>, TableError> {
    let found = find_orders(ledger, std::slice::from_ref(order)).await?;
    Ok(found.into_iter().next().flatten())
}

/// Orders, in the order of their ids; at most a third of [`crate::ports::ledger::MAX_PAGE`].
pub async fn find_orders(
    ledger: &dyn Ledger,
    orders: &[OrderId],
) -> Result<Vec<Option<Place>>, TableError> {
    let keys = |order: &OrderId| {
        [
            entity_key(kind::CART_ORDER, order.as_str()),
            entity_key(kind::SETTLEMENT, order.as_str()),
            order_key(order),
        ]
    };
    let keys: Vec<Key> = orders.iter().flat_map(keys).collect();
    let found = ledger.read_all(&keys).await?;
    found.chunks(3).map(place).collect()
}

/// Where an order lies, by what was read of it: in the feed, its settlement there, in the archive.
fn place(read: &[Option<Stored>]) -> Result<Option<Place>, TableError> {
    let [told, settled, old] = read else {
        return Ok(None);
    };
    if let Some(told) = told {
        return Ok(Some(Place::Feed {
            order: table::row(told)?,
            settlement: settled.as_ref().map(table::row).transpose()?,
        }));
    }
    let old = old.as_ref().map(table::row).transpose()?;
    Ok(old.map(Place::Archive))
}

impl Place {
    /// The order.
    #[must_use]
    pub fn order(&self) -> &CartOrder {
        match self {
            Self::Feed { order, .. } => &order.value,
            Self::Archive(row) => &row.value.order,
        }
    }

    /// What came back of it.
    #[must_use]
    pub fn settlement(&self) -> Settlement {
        match self {
            Self::Feed { settlement, .. } => settlement
                .as_ref()
                .map(|row| row.value.clone())
                .unwrap_or_default(),
            Self::Archive(row) => row.value.settlement.clone(),
        }
    }
}
