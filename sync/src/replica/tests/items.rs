//! The item finder.

use crate::testing::{CATALOGUE, Feed, Home, at};
use domain::gtin::Gtin;
use domain::ids::{DepartmentId, Sku, StyleId};
use serde_json::{Value, json};

fn item(sku: &str, title: &str, department: &str, more: Value) -> Value {
    let mut body = json!({"sku": sku, "title": title, "department": department});
    let Value::Object(more) = more else {
        panic!("fields")
    };
    body.as_object_mut().unwrap().extend(more);
    body
}

fn shop() -> (Home, Feed) {
    let home = Home::new();
    let mut feed = Feed::new();
    for (sku, title, department, more) in [
        (
            "TENT-001-GRN",
            "Ridge tent",
            "outdoor",
            json!({"colour": "Green", "brand": "Nordfjell", "style": "ridge", "gtin": "4006381333931"}),
        ),
        (
            "TENT-001-RED",
            "Ridge tent",
            "outdoor",
            json!({"colour": "Red", "brand": "Nordfjell", "style": "ridge"}),
        ),
        ("LAMP-7", "Tent lamp", "outdoor", json!({})),
        (
            "RUG-1",
            "Wool rug",
            "home",
            json!({"art": "rug", "colour": "Red"}),
        ),
    ] {
        feed.put(CATALOGUE, "item", sku, &item(sku, title, department, more));
    }
    for (sku, on_hand) in [("TENT-001-GRN", 0), ("TENT-001-RED", 2), ("RUG-1", 1)] {
        feed.put(CATALOGUE, "stock", &format!("1/{sku}"), &json!({"sku": sku, "store": "1", "on_hand": on_hand, "counted_at": "2026-05-01T00:00:00Z"}));
    }
    let price = json!({"sku": "RUG-1", "amount": {"minor": 100, "currency": "EUR"}, "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2026-06-01T00:00:00Z"});
    feed.put(CATALOGUE, "price", "RUG-1", &price);
    home.pull(&mut feed);
    (home, feed)
}

fn found(home: &Home, typed: &str, department: Option<&str>) -> Vec<String> {
    let department = department.map(|department| DepartmentId::parse(department).unwrap());
    let now = at("2026-05-17T00:00:00Z");
    let hits = home
        .replica
        .search_items(typed, department.as_ref(), 0, 10, now)
        .unwrap();
    hits.hits
        .into_iter()
        .map(|view| view.item.sku.to_string())
        .collect()
}

#[test]
fn items_are_found_by_what_is_printed_on_them() {
    let (home, _) = shop();
    assert_eq!(
        found(&home, "tent", None),
        ["TENT-001-RED", "TENT-001-GRN", "LAMP-7"],
        "in stock first"
    );
    assert_eq!(found(&home, "nordf green", None), ["TENT-001-GRN"]);
    assert_eq!(found(&home, "tent-001", None).len(), 2);
    assert_eq!(found(&home, "tent001g", None), ["TENT-001-GRN"]);
    assert_eq!(found(&home, "nordfjel", None).len(), 2);
    assert_eq!(found(&home, "nrodfjell", None).len(), 2, "with a mistake");
    assert_eq!(found(&home, "red", Some("home")), ["RUG-1"]);
    assert_eq!(found(&home, "4006381333931", None), ["TENT-001-GRN"]);
    assert_eq!(found(&home, "zzz", None), [""; 0]);
}

#[test]
fn nothing_typed_lists_the_department_page_by_page() {
    let (home, _) = shop();
    assert_eq!(
        found(&home, "", Some("outdoor")),
        ["TENT-001-RED", "TENT-001-GRN", "LAMP-7"]
    );
    let now = at("2026-05-17T00:00:00Z");
    let page = home.replica.search_items("", None, 1, 2, now).unwrap();
    assert_eq!(
        (page.hits[0].item.sku.as_str(), page.hits.len(), page.more),
        ("RUG-1", 2, true)
    );
    let tiles = home.replica.departments().unwrap();
    let tiles: Vec<_> = tiles
        .iter()
        .map(|tile| (tile.department.as_str(), tile.items, tile.art.as_str()))
        .collect();
    assert_eq!(tiles, [("home", 1, "rug"), ("outdoor", 3, "")]);
}

#[test]
fn an_item_has_its_price_stock_and_variants() {
    let (home, mut feed) = shop();
    let sku = Sku::parse("RUG-1").unwrap();
    let view = home
        .replica
        .item_view(&sku, at("2026-05-17T00:00:00Z"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (view.price.unwrap().amount.minor, view.on_hand),
        (100, Some(1))
    );
    assert!(
        home.replica
            .price(&sku, at("2026-07-01T00:00:00Z"))
            .unwrap()
            .is_none(),
        "a price ends"
    );
    assert_eq!(home.replica.on_hand(&sku).unwrap(), Some(1));
    let style = StyleId::parse("ridge").unwrap();
    assert_eq!(
        home.replica
            .variants(&style, at("2026-05-17T00:00:00Z"))
            .unwrap()
            .len(),
        2
    );
    let gtin = Gtin::parse("4006381333931").unwrap();
    assert!(home.replica.item_by_gtin(gtin).unwrap().is_some());
    home.pull(
        feed.delete(CATALOGUE, "stock", "1/RUG-1")
            .delete(CATALOGUE, "item", "TENT-001-GRN"),
    );
    assert!(
        home.replica.on_hand(&sku).unwrap().is_none()
            && home.replica.item_by_gtin(gtin).unwrap().is_none()
    );
    assert_eq!(found(&home, "tent", None).len(), 2);
    let after = home
        .replica
        .items(Some(&Sku::parse("LAMP-7").unwrap()), 10)
        .unwrap();
    assert_eq!(after.len(), 2);
    assert_eq!(
        home.reopen()
            .replica
            .on_hand(&Sku::parse("TENT-001-RED").unwrap())
            .unwrap(),
        Some(2)
    );
}
