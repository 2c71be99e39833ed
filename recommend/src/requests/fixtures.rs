//! A small store for the tests of this folder.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

use crate::{Model, ModelBuilder, Purchase, Taste};
use chrono::{DateTime, Utc};
use domain::ids::{DepartmentId, Sku, StoreId, StyleId};
use domain::item::Item;
use domain::recommendation::Recommendation;

pub(super) fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

pub(super) fn skus(text: &str) -> Vec<Sku> {
    text.split_whitespace().map(sku).collect()
}

/// Noon, this many days after the epoch.
pub(super) fn day(days: i64) -> DateTime<Utc> {
    DateTime::<Utc>::from_timestamp(days * 86_400 + 43_200, 0).unwrap()
}

pub(super) fn item(text: &str, department: &str, style: &str, replenishable: bool) -> Item {
    Item {
        sku: sku(text),
        gtin: None,
        style: (!style.is_empty()).then(|| StyleId::parse(style).unwrap()),
        title: text.to_owned(),
        description: String::new(),
        brand: String::new(),
        department: DepartmentId::parse(department).unwrap(),
        category: String::new(),
        colour: String::new(),
        size: String::new(),
        art: String::new(),
        tags: Vec::new(),
        replenishable,
    }
}

/// Outdoor: boots in two sizes, socks, a tent, a stove. Grocery, bought again and again: coffee, milk,
/// tea. Home: a lamp, a rug.
pub(super) fn catalogue() -> Vec<Item> {
    vec![
        item("boots-39", "outdoor", "boots", false),
        item("boots-40", "outdoor", "boots", false),
        item("socks", "outdoor", "", false),
        item("tent", "outdoor", "", false),
        item("stove", "outdoor", "", false),
        item("coffee", "grocery", "", true),
        item("milk", "grocery", "", true),
        item("tea", "grocery", "", true),
        item("lamp", "home", "", false),
        item("rug", "home", "", false),
    ]
}

pub(super) fn store() -> Model {
    let catalogue = catalogue();
    let mut builder = ModelBuilder::new(&catalogue);
    for (at, session) in [
        (1, "boots-39 socks"),
        (2, "boots-39 boots-40 socks"),
        (3, "tent stove"),
        (4, "boots-40 tent socks"),
        (5, "lamp rug"),
        (6, "lamp rug tent"),
        (7, "coffee milk"),
    ] {
        builder.add_session(day(at), &skus(session));
    }
    for (at, place, basket) in [
        (2, "north", "boots-39 socks"),
        (3, "north", "boots-40 socks"),
        (4, "south", "coffee milk"),
        (5, "south", "coffee milk tea"),
        (6, "south", "lamp coffee"),
        (7, "north", "tent stove"),
    ] {
        builder.add_basket(
            day(at),
            Some(&StoreId::parse(place).unwrap()),
            &skus(basket),
        );
    }
    builder.build()
}

pub(super) fn looking_at(session: &str) -> Taste {
    Taste {
        session: skus(session),
        ..Taste::default()
    }
}

pub(super) fn bought(text: &str, days: i64) -> Purchase {
    Purchase {
        sku: sku(text),
        at: day(days),
    }
}

pub(super) fn shown(answer: &[Recommendation]) -> Vec<&str> {
    answer
        .iter()
        .map(|recommendation| recommendation.sku.as_str())
        .collect()
}
