//! Products as a YAML list: `id, name, category, style, description, price, current_stock`.

use super::merchant::{Product, clip, shelf};
use super::summary::RowError;
use super::{Row, Sink};
use domain::ids::{Sku, StyleId};
use domain::item::Item;
use domain::money::Money;
use domain::store::Store;
use serde::Deserialize;
use yaml_serde::Value;

#[derive(Deserialize)]
struct Entry {
    id: String,
    name: String,
    category: String,
    #[serde(default)]
    style: String,
    #[serde(default)]
    description: String,
    price: Value,
    #[serde(default)]
    current_stock: Option<i64>,
}

/// Reads every product of the list.
pub(super) fn read(text: &str, sink: Sink<'_>, store: &Store) -> Result<(), String> {
    let list: Vec<Value> =
        yaml_serde::from_str(text).map_err(|error| format!("is not a YAML list: {error}"))?;
    for (number, value) in (1..).zip(list) {
        let entry =
            yaml_serde::from_value::<Entry>(value).map_err(|error| RowError::new("product", error));
        sink(number, entry.and_then(|entry| product(entry, store)));
    }
    Ok(())
}

fn product(entry: Entry, store: &Store) -> Result<Row, RowError> {
    let (department, _) = shelf(&entry.category);
    // A price that YAML took for a number comes back as its shortest decimal, which is what was written.
    let price = match &entry.price {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Err(RowError::new("price", "is not a number")),
    };
    let price = Money::parse_decimal(&price, store.currency)
        .map_err(|error| RowError::new("price", error))?;
    let item = Item {
        sku: Sku::parse(entry.id).map_err(|error| RowError::new("id", error))?,
        gtin: None,
        // Here a style is a kind of product (`backpack`), not variants of one design.
        style: None::<StyleId>,
        title: clip(&entry.name, 150),
        description: clip(&entry.description, 5_000),
        brand: String::new(),
        department,
        category: clip(&entry.style, 100),
        colour: String::new(),
        size: String::new(),
        art: clip(&entry.style, 60),
        tags: Vec::new(),
        replenishable: false,
    };
    let product = Product {
        item,
        price: Some(price),
        was: None,
        validity: None,
        on_hand: entry.current_stock,
    };
    Ok(Row::Product(Box::new(product)))
}
