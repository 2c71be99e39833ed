//! Products, quantities and prices of the e-commerce events.

use super::fields::{Fault, Fields, Place};
use crate::event::{MAX_PRODUCTS, ProductRef};
use crate::ids::DepartmentId;
use crate::money::{Currency, Money, MoneyError};
use serde_json::Value;

/// The largest quantity that is believed.
pub const MAX_QUANTITY: u32 = 1_000_000;
/// The longest slug of a department, in characters.
const MAX_SLUG_CHARS: usize = 60;
/// A JSON number whose digits after the currency's last one start with this many zeros or nines is a sum that a
/// browser made in binary (`59.980000000000004`), not a price with too many decimals.
const NOISE_DIGITS: usize = 6;

/// The department of a category: what stands before the first ` > `, as a slug.
#[must_use]
pub fn department_of(category: &str) -> Option<DepartmentId> {
    let first = category.split(" > ").next().unwrap_or(category);
    let slug = crate::text::fold(first).replace(' ', "-");
    DepartmentId::parse(slug.chars().take(MAX_SLUG_CHARS).collect::<String>()).ok()
}

/// The department that a list or product says it belongs to.
pub(super) fn department(fields: Fields<'_>) -> Result<Option<DepartmentId>, Fault> {
    Ok(fields
        .text("category")?
        .and_then(|text| department_of(&text)))
}

/// One product: `sku`, else `product_id`.
pub(super) fn product(fields: Fields<'_>, currency: Currency) -> Result<ProductRef, Fault> {
    let sku = match fields.id("sku")? {
        Some(sku) => sku,
        None => fields.required_id("product_id")?,
    };
    Ok(ProductRef {
        sku,
        department: department(fields)?,
        quantity: quantity(fields)?,
        price: money(fields, "price", currency)?,
    })
}

/// The `products` of an order.
pub(super) fn products(
    properties: Fields<'_>,
    currency: Currency,
) -> Result<Vec<ProductRef>, Fault> {
    let list = match properties.value("products") {
        None => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_PRODUCTS => list,
        Some(Value::Array(list)) => {
            let reason = format!("has {} products; {MAX_PRODUCTS} are the most", list.len());
            return Err(properties.fault("products", reason));
        }
        Some(_) => return Err(properties.fault("products", "is not a list")),
    };
    list.iter()
        .enumerate()
        .map(|(index, value)| product(Fields::of(value, Place::Product(index))?, currency))
        .collect()
}

fn quantity(fields: Fields<'_>) -> Result<u32, Fault> {
    let number = match fields.value("quantity") {
        None => return Ok(1),
        Some(Value::Number(number)) => whole(&number.to_string()),
        Some(Value::String(text)) => whole(text.trim()),
        Some(_) => None,
    };
    number
        .filter(|number| (1..=MAX_QUANTITY).contains(number))
        .ok_or_else(|| {
            let reason = format!("is not a whole number from 1 to {MAX_QUANTITY}");
            fields.fault("quantity", reason)
        })
}

fn whole(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nothing_after = fraction.bytes().all(|digit| digit == b'0');
    nothing_after.then(|| whole.parse().ok()).flatten()
}

/// What prices of the call are in.
pub(super) fn currency(properties: Fields<'_>, source: Currency) -> Result<Currency, Fault> {
    match properties.text("currency")? {
        None => Ok(source),
        Some(code) => code
            .parse()
            .map_err(|error: MoneyError| properties.fault("currency", error.to_string())),
    }
}

/// An amount: a decimal as text or as a JSON number, never below zero.
pub(super) fn money(
    fields: Fields<'_>,
    name: &str,
    currency: Currency,
) -> Result<Option<Money>, Fault> {
    let money = match fields.value(name) {
        None => return Ok(None),
        Some(Value::String(text)) => Money::parse_decimal(text, currency),
        Some(Value::Number(number)) => from_number(&number.to_string(), currency),
        Some(_) => return Err(fields.fault(name, "is not a decimal")),
    };
    let money = money.map_err(|error| fields.fault(name, error.to_string()))?;
    if money.minor < 0 {
        return Err(fields.fault(name, "is below zero"));
    }
    Ok(Some(money))
}

/// A JSON number by its decimal text.
fn from_number(text: &str, currency: Currency) -> Result<Money, MoneyError> {
    match Money::parse_decimal(text, currency) {
        Err(MoneyError::TooPrecise(..)) => without_noise(text, currency),
        read => read,
    }
}

fn without_noise(text: &str, currency: Currency) -> Result<Money, MoneyError> {
    let too_precise = || MoneyError::TooPrecise(text.chars().take(24).collect(), currency);
    let (whole, fraction) = text.split_once('.').ok_or_else(too_precise)?;
    let (kept, rest) = fraction
        .split_at_checked(usize::from(currency.exponent()))
        .ok_or_else(too_precise)?;
    let noise = rest.get(..NOISE_DIGITS).ok_or_else(too_precise)?;
    let floor = Money::parse_decimal(&format!("{whole}.{kept}"), currency)?;
    match noise {
        _ if noise.bytes().all(|digit| digit == b'0') => Ok(floor),
        _ if noise.bytes().all(|digit| digit == b'9') => floor.checked_add(Money::new(
            if text.starts_with('-') { -1 } else { 1 },
            currency,
        )),
        _ => Err(too_precise()),
    }
}
