//! Google Merchant products (support.google.com/merchants/answer/7052112), in any of their shapes.

use super::Row;
use super::rows::Fields;
use super::summary::RowError;
use chrono::{DateTime, Utc};
use domain::gtin::Gtin;
use domain::ids::{DepartmentId, Sku, StyleId};
use domain::item::Item;
use domain::money::{Currency, Money};
use domain::store::Store;

/// The longest title and description that are kept, in characters (Google's limits).
const MAX_TITLE_CHARS: usize = 150;
const MAX_DESCRIPTION_CHARS: usize = 5_000;

/// From when, and until before when.
pub type Validity = (DateTime<Utc>, DateTime<Utc>);

/// A product: an item, what it costs, and how many there are where the file says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// The item.
    pub item: Item,
    /// What it costs; `None` where the file has no price.
    pub price: Option<Money>,
    /// What it was before.
    pub was: Option<Money>,
    /// Between which instants the price holds, where the file says.
    pub validity: Option<Validity>,
    /// Pieces.
    pub on_hand: Option<i64>,
}

/// Reads a row with Merchant's column names (`g:` dropped), or a plain list of items.
pub(super) fn read(row: &Fields<'_>, store: &Store) -> Result<Row, RowError> {
    let price = price(row, &["price", "median_price"], store.currency)?;
    let sale = price_field(row, "sale_price", store.currency)?;
    let (amount, was) = match (price, sale) {
        (Some(price), Some(sale)) if sale != price => (Some(sale), Some(price)),
        (price, sale) => (sale.or(price), None),
    };
    let validity = if was.is_some() {
        sale_dates(row)?
    } else {
        None
    };
    Ok(Row::Product(Box::new(Product {
        item: item(row)?,
        price: amount,
        was,
        validity,
        on_hand: on_hand(row)?,
    })))
}

fn item(row: &Fields<'_>) -> Result<Item, RowError> {
    let (department, category) = shelf(
        row.any(&["product_type", "google_product_category", "category"])
            .unwrap_or("other"),
    );
    let tags = row.any(&["custom_label_0", "tags"]).unwrap_or_default();
    Ok(Item {
        sku: row
            .read::<Sku>(&["id", "sku"])?
            .ok_or_else(|| RowError::new("id", "is missing"))?,
        gtin: row.read::<Gtin>(&["gtin"])?,
        style: row.read::<StyleId>(&["item_group_id"])?,
        title: clip(row.need(&["title", "name"])?, MAX_TITLE_CHARS),
        description: clip(
            row.any(&["description"]).unwrap_or_default(),
            MAX_DESCRIPTION_CHARS,
        ),
        brand: clip(row.any(&["brand"]).unwrap_or_default(), 70),
        department,
        category,
        colour: clip(row.any(&["color", "colour"]).unwrap_or_default(), 100),
        size: clip(row.any(&["size"]).unwrap_or_default(), 100),
        art: clip(row.any(&["art"]).unwrap_or_default(), 60),
        tags: tags
            .split([',', ' '])
            .filter(|tag| !tag.is_empty())
            .take(20)
            .map(|tag| clip(tag, 40))
            .collect(),
        replenishable: tags.split([',', ' ']).any(|tag| tag == "replenishable"),
    })
}

/// `Outdoor > Jackets > Rain` is the department `outdoor` and the category `Rain`.
pub(super) fn shelf(product_type: &str) -> (DepartmentId, String) {
    let mut parts = product_type
        .split('>')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let slug = domain::text::fold(parts.next().unwrap_or("other")).replace(' ', "-");
    let slug: String = slug.chars().take(60).collect();
    let department = DepartmentId::parse(slug).or_else(|_| DepartmentId::parse("other"));
    let category = clip(parts.next_back().unwrap_or_default(), 100);
    (
        department.unwrap_or_else(|_| unreachable!("`other` is an id")),
        category,
    )
}

pub(super) fn clip(text: &str, chars: usize) -> String {
    text.chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(chars)
        .collect()
}

fn price(row: &Fields<'_>, names: &[&str], currency: Currency) -> Result<Option<Money>, RowError> {
    match names.iter().find(|name| row.any(&[name]).is_some()) {
        Some(name) => price_field(row, name, currency),
        None => Ok(None),
    }
}

/// `129.00 EUR`, `EUR 129.00` or `129.00` in the store's currency.
pub(super) fn price_field(
    row: &Fields<'_>,
    name: &str,
    currency: Currency,
) -> Result<Option<Money>, RowError> {
    let Some(text) = row.any(&[name]) else {
        return Ok(None);
    };
    let error = |error| RowError::new(name, error);
    let (first, second) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (amount, code) = if first.starts_with(|c: char| c.is_ascii_alphabetic()) {
        (second, first)
    } else {
        (first, second)
    };
    let currency = if code.trim().is_empty() {
        currency
    } else {
        code.parse().map_err(error)?
    };
    let price = Money::parse_decimal(amount, currency).map_err(error)?;
    if price.minor < 0 {
        return Err(RowError::new(name, "is negative"));
    }
    Ok(Some(price))
}

/// `2026-02-24T13:00-0800/2026-03-10T15:30-0800`
fn sale_dates(row: &Fields<'_>) -> Result<Option<Validity>, RowError> {
    let Some(text) = row.any(&["sale_price_effective_date"]) else {
        return Ok(None);
    };
    let read = |text: &str| {
        let text = text.trim();
        let with_zone = DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%z"));
        with_zone.ok().map(|at| at.to_utc())
    };
    let dates = text
        .split_once('/')
        .and_then(|(from, until)| Some((read(from)?, read(until)?)));
    let wrong = || {
        RowError::new(
            "sale_price_effective_date",
            format!(
                "`{}` is not two instants with a slash between",
                clip(text, 80)
            ),
        )
    };
    dates.map(Some).ok_or_else(wrong)
}

/// A count where there is one; a bare `in_stock` says nothing of how many, and is kept as one piece.
fn on_hand(row: &Fields<'_>) -> Result<Option<i64>, RowError> {
    if let Some(count) =
        row.read::<i64>(&["quantity", "current_stock", "sell_on_google_quantity"])?
    {
        return Ok(Some(count));
    }
    Ok(
        match row
            .any(&["availability"])
            .map(|text| text.replace(' ', "_").to_lowercase())
            .as_deref()
        {
            Some("in_stock") => Some(1),
            Some("out_of_stock" | "preorder" | "backorder") => Some(0),
            _ => None,
        },
    )
}
