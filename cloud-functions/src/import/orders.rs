//! Orders as lines: one row an item, rows of one order share its number. Returns have negative quantities.

use super::Row;
use super::rows::Fields;
use super::summary::RowError;
use chrono::{DateTime, NaiveDateTime, Utc};
use domain::ids::{CustomerId, OrderId, Sku};
use domain::money::{Currency, Money};
use domain::store::Store;

const ORDER: &[&str] = &["order", "invoice", "order_id", "invoiceno", "name"];
const SKU: &[&str] = &["sku", "stockcode", "lineitem sku"];
const QUANTITY: &[&str] = &["quantity", "qty", "lineitem quantity"];
const PRICE: &[&str] = &["unit_price", "price", "unitprice", "lineitem price"];
const AT: &[&str] = &[
    "placed_at",
    "ts",
    "date",
    "created_at",
    "created at",
    "invoicedate",
];
const CUSTOMER: &[&str] = &["customer", "customer_id", "customerid", "customer id"];

/// A line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Of which order.
    pub(super) order: OrderId,
    /// Whose; `None` for somebody unknown.
    pub(super) customer: Option<CustomerId>,
    /// When.
    pub(super) at: DateTime<Utc>,
    /// What.
    pub(super) sku: Sku,
    /// Pieces; negative for a return.
    pub(super) quantity: i64,
    /// What one cost; negative for a correction.
    pub(super) unit_price: Money,
}

/// Whether a lower-case header is one of orders.
pub(super) fn is_header(head: &str) -> bool {
    let columns: Vec<_> = head
        .split(',')
        .map(|column| column.trim().trim_matches('"'))
        .collect();
    [ORDER, SKU, QUANTITY, AT]
        .iter()
        .all(|names| names.iter().any(|name| columns.contains(name)))
}

/// Reads a row.
pub(super) fn read(row: &Fields<'_>, store: &Store) -> Result<Row, RowError> {
    let missing = |field: &'static str| move || RowError::new(field, "is missing");
    let quantity = row.read::<i64>(QUANTITY)?.ok_or_else(missing("quantity"))?;
    if quantity == 0 {
        return Err(RowError::new("quantity", "is zero"));
    }
    let currency = row
        .read::<Currency>(&["currency"])?
        .unwrap_or(store.currency);
    let price = row.need(PRICE)?;
    Ok(Row::OrderLine(Box::new(Line {
        order: row.read::<OrderId>(ORDER)?.ok_or_else(missing("order"))?,
        customer: row.read::<CustomerId>(CUSTOMER)?,
        at: instant(row.need(AT)?)?,
        sku: row.read::<Sku>(SKU)?.ok_or_else(missing("sku"))?,
        quantity,
        unit_price: Money::parse_decimal(price, currency)
            .map_err(|error| RowError::new("price", error))?,
    })))
}

/// Seconds since 1970, RFC 3339, or a date and time in UTC.
fn instant(text: &str) -> Result<DateTime<Utc>, RowError> {
    let from_seconds = || {
        text.parse::<i64>()
            .ok()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
    };
    let from_rfc3339 = || {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|at| at.to_utc())
    };
    let plain = |format| {
        NaiveDateTime::parse_from_str(text, format)
            .ok()
            .map(|at| at.and_utc())
    };
    from_seconds()
        .or_else(from_rfc3339)
        .or_else(|| plain("%Y-%m-%d %H:%M:%S"))
        .or_else(|| plain("%Y-%m-%d %H:%M"))
        .or_else(|| {
            DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S %z")
                .ok()
                .map(|at| at.to_utc())
        })
        .ok_or_else(|| {
            RowError::new(
                "placed_at",
                format!(
                    "`{}` is not an instant",
                    text.chars().take(40).collect::<String>()
                ),
            )
        })
}
