//! A shop of four items, two people who work there and two who buy.

use super::{NOW, pin_hash};
use chrono::{DateTime, Utc};
use domain::api::sync::{Change, Checkpoint, Cursor, Op, PullLine, Scope, kind};
use domain::ids::StoreId;
use domain::item::Item;
use recommend::ModelBuilder;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SKUS: [&str; 4] = ["boots", "socks", "wax", "tent"];

pub(crate) fn store_id() -> StoreId {
    StoreId::parse("1").unwrap()
}

fn item(sku: &str, gtin: Option<&str>) -> Value {
    json!({"sku": sku, "title": format!("The {sku}"), "department": if sku == "tent" { "camp" } else { "outdoor" },
        "gtin": gtin, "style": (sku != "tent").then_some("hike"), "art": sku})
}

/// Everything that a tablet is granted, as entities of their feeds.
fn entities() -> Vec<(Scope, &'static str, &'static str, Value)> {
    let store = store_id();
    let (catalogue, prices) = (Scope::catalogue(0), Scope::prices());
    let (inventory, team, customers) = (
        Scope::inventory(&store),
        Scope::team(&store),
        Scope::customers(&store),
    );
    let person = |id: &str, role: &str, name: &str, pin: &str| json!({"id": id, "name": name, "role": role, "store": "1", "colour": "green", "pin_hash": pin_hash(pin)});
    let mut all = vec![
        (
            inventory.clone(),
            kind::STORE,
            "1",
            json!({"id": "1", "name": "Harbour", "country": "DE", "country_code": "49",
            "locale": "de-DE", "zone": "Europe/Berlin", "currency": "EUR"}),
        ),
        (
            team.clone(),
            kind::ASSOCIATE,
            "ana",
            person("ana", "associate", "Ana", "1357"),
        ),
        (
            team,
            kind::ASSOCIATE,
            "mia",
            person("mia", "manager", "Mia", "2468"),
        ),
        (
            customers.clone(),
            kind::CUSTOMER,
            "c-1",
            json!({"id": "c-1", "name": {"given": "Zoë", "family": "Łukasz"},
            "phone": {"raw": "040 123456", "e164": "+4940123456"}, "card": "2900000000001", "tier": "gold", "points": 7,
            "home_store": "1", "wish_list": ["wax"], "last_visit_at": "2026-05-01T10:00:00Z"}),
        ),
        (
            customers.clone(),
            kind::PROFILE,
            "c-1",
            json!({"views": [{"sku": "boots", "at": "2026-05-17T09:58:00Z"}],
            "last_seen_at": "2026-05-17T09:58:00Z"}),
        ),
        (
            customers.clone(),
            kind::ORDER,
            "o-1",
            json!({"id": "o-1", "customer": "c-1", "store": "1", "channel": "store",
            "placed_at": "2026-04-01T10:00:00Z", "lines": [{"sku": "tent", "quantity": 1,
            "unit_price": {"minor": 9900, "currency": "EUR"}}]}),
        ),
        (
            customers.clone(),
            kind::PURCHASES,
            "c-1",
            json!({"items": [{"sku": "tent", "at": "2026-04-01T10:00:00Z"}]}),
        ),
        (
            customers.clone(),
            kind::CUSTOMER,
            "c-2",
            json!({"id": "c-2", "name": {"given": "Rut", "family": "Berg"},
            "home_store": "1", "last_visit_at": "2026-05-02T10:00:00Z", "consents": [
            {"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]}),
        ),
        (
            customers,
            kind::PROFILE,
            "c-2",
            json!({"views": [{"sku": "socks", "at": "2026-05-17T09:58:00Z"}],
            "last_seen_at": "2026-05-17T09:58:00Z"}),
        ),
    ];
    for sku in SKUS {
        let gtin = (sku == "boots").then_some("04006381333931");
        let pieces = if sku == "tent" { 0 } else { 4 };
        let amount = json!({"minor": 1250, "currency": "EUR"});
        all.push((catalogue.clone(), kind::ITEM, sku, item(sku, gtin)));
        all.push((
            prices.clone(),
            kind::PRICE,
            sku,
            json!({"sku": sku, "amount": amount, "valid_from": "2026-01-01T00:00:00Z"}),
        ));
        all.push((
            inventory.clone(),
            kind::STOCK,
            sku,
            json!({"sku": sku, "store": "1", "on_hand": pieces, "counted_at": NOW}),
        ));
    }
    all
}

/// Stock is one store's: its id says which.
fn entity_id(kind: &str, id: &str) -> String {
    if kind == kind::STOCK {
        format!("1/{id}")
    } else {
        id.to_owned()
    }
}

/// The whole shop as a first answer to a pull.
pub(crate) fn lines() -> Vec<PullLine> {
    let mut cursors: BTreeMap<Scope, Cursor> = BTreeMap::new();
    let mut changes = Vec::new();
    for (scope, kind, id, body) in entities() {
        let cursor = cursors
            .entry(scope.clone())
            .or_insert(Cursor { epoch: 1, seq: 0 });
        cursor.seq += 1;
        changes.push(PullLine::Change(Change {
            scope,
            seq: cursor.seq,
            kind: kind.to_owned(),
            id: entity_id(kind, id),
            version: 1,
            op: Op::Put,
            body: Some(to_raw_value(&body).unwrap()),
            command: None,
        }));
    }
    let grants = cursors.keys().map(|scope| PullLine::Grant {
        scope: scope.clone(),
    });
    let mut lines: Vec<PullLine> = grants.collect();
    lines.extend(changes);
    lines.push(checkpoint(cursors, 0));
    lines
}

pub(crate) fn checkpoint(cursors: BTreeMap<Scope, Cursor>, last_cseq: u64) -> PullLine {
    let server_time: DateTime<Utc> = NOW.parse().unwrap();
    PullLine::Checkpoint(Checkpoint {
        cursors,
        sums: BTreeMap::new(),
        last_cseq,
        server_time,
        more: false,
    })
}

/// A model in which boots lead to socks and wax, compressed as the cloud sends it.
pub(crate) fn packed_model() -> Vec<u8> {
    let items: Vec<Item> = SKUS
        .iter()
        .map(|sku| serde_json::from_value(item(sku, None)).unwrap())
        .map(|item: Item| Item {
            style: None,
            ..item
        })
        .collect();
    let mut builder = ModelBuilder::new(&items);
    let at = "2026-05-01T10:00:00Z".parse().unwrap();
    let skus: Vec<_> = items.iter().map(|item| item.sku.clone()).collect();
    for _ in 0..5 {
        builder.add_session(at, &skus[..3]);
        builder.add_basket(at, Some(&store_id()), &skus[..2]);
    }
    builder.add_session(at, &skus[3..]);
    zstd::encode_all(builder.build().to_snapshot().as_slice(), 3).unwrap()
}
