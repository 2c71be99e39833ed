//! The search for customers and what their cards show.

use crate::testing::{CATALOGUE, CUSTOMERS, Feed, Home, customer, customer_id, note};
use domain::ids::CardNumber;
use serde_json::json;

fn shop() -> (Home, Feed) {
    let home = Home::new();
    let mut feed = Feed::new();
    for (id, given, family, more) in [
        (
            "c-1",
            "Zoë",
            "Müller",
            json!({"phone": {"raw": "040 123456", "e164": "+4940123456"}, "last_visit_at": "2026-05-01T00:00:00Z"}),
        ),
        (
            "c-2",
            "Ana",
            "Müllerová",
            json!({"email": "ana.m@example.com", "last_visit_at": "2026-05-10T00:00:00Z"}),
        ),
        (
            "c-3",
            "Mulan",
            "Anakin",
            json!({"card": "A-100 200", "phone": {"raw": "0170 9994711"}}),
        ),
        (
            "c-4",
            "Ana",
            "Maria de la Cruz Souza",
            json!({"last_visit_at": "2026-01-01T00:00:00Z"}),
        ),
        (
            "c-5",
            "José",
            "Ñandú",
            json!({"name": {"given": "José", "family": "Ñandú", "preferred": "Pepe"}}),
        ),
        ("c-6", "Bernadette", "Ana", json!({})),
    ] {
        feed.put(
            CUSTOMERS,
            "customer",
            id,
            &customer(id, given, family, more),
        );
    }
    home.pull(&mut feed);
    (home, feed)
}

fn names(home: &Home, typed: &str) -> Vec<String> {
    let hits = home.replica.search_customers(typed, 10).unwrap();
    hits.hits.into_iter().map(|hit| hit.name).collect()
}

#[test]
fn her_own_number_finds_her_first() {
    let (home, mut feed) = shop();
    feed.put(
        CUSTOMERS,
        "customer",
        "17841",
        &customer("17841", "Customer", "17841", json!({})),
    );
    home.pull(&mut feed);
    let hits = home.replica.search_customers("17841", 10).unwrap().hits;
    assert_eq!(hits[0].matched_by.as_deref(), Some("17841"));
    assert_eq!(names(&home, "C-6")[0], "Bernadette Ana");
}

#[test]
fn names_are_found_as_they_are_typed() {
    let (home, _) = shop();
    assert_eq!(names(&home, "mul ana"), ["Ana Müllerová", "Mulan Anakin"]);
    assert_eq!(names(&home, "NAN"), ["José Ñandú"]);
    assert_eq!(names(&home, "ana cruz"), ["Ana Maria de la Cruz Souza"]);
    assert_eq!(
        names(&home, "ana"),
        [
            "Ana Müllerová",
            "Ana Maria de la Cruz Souza",
            "Bernadette Ana",
            "Mulan Anakin"
        ],
        "who was here lately first"
    );
    assert_eq!(
        names(&home, "muller"),
        ["Zoë Müller", "Ana Müllerová"],
        "the very word first"
    );
    assert_eq!(
        names(&home, "mulelr"),
        ["Ana Müllerová", "Zoë Müller"],
        "with a mistake"
    );
    assert_eq!(names(&home, "bernardette"), ["Bernadette Ana"]);
    assert_eq!(names(&home, "pepe"), ["José Ñandú"]);
    assert_eq!(
        names(&home, "ana zzz"),
        names(&home, "ana"),
        "one word that nobody has"
    );
    assert_eq!(names(&home, "zzz"), [""; 0]);
    assert_eq!(names(&home, "!?"), [""; 0]);
}

#[test]
fn numbers_and_addresses_are_found() {
    let (home, _) = shop();
    for typed in [
        "4711",
        "0170 999",
        "1709994711",
        "40123456",
        "+49 40 12",
        "0049 40 123456",
        "040 123456",
    ] {
        assert_eq!(names(&home, typed).len(), 1, "{typed}");
    }
    assert_eq!(names(&home, "zoe 3456"), ["Zoë Müller"]);
    assert_eq!(names(&home, "ana 3456"), [""; 0]);
    assert_eq!(names(&home, "a-100"), ["Mulan Anakin"]);
    assert_eq!(names(&home, "100200"), ["Mulan Anakin"]);
    assert_eq!(names(&home, "Ana.M@ex"), ["Ana Müllerová"]);
    assert_eq!(
        names(&home, "ana.m"),
        [
            "Ana Müllerová",
            "Ana Maria de la Cruz Souza",
            "Mulan Anakin"
        ]
    );
    assert_eq!(names(&home, "@"), [""; 0]);
    let by = |typed: &str| {
        home.replica.search_customers(typed, 1).unwrap().hits[0]
            .matched_by
            .clone()
            .unwrap()
    };
    assert_eq!(by("4711"), "… 4711");
    assert_eq!(by("100200"), "A-100 200");
    assert_eq!(by("a-100"), "A-100 200");
    assert_eq!(by("ana.m@"), "ana.m@example.com");
    assert_eq!(by("pepe"), "Pepe");
    let card = CardNumber::parse("a100200").unwrap();
    assert_eq!(
        home.replica
            .customer_by_card(&card)
            .unwrap()
            .unwrap()
            .id
            .as_str(),
        "c-3"
    );
}

#[test]
fn a_hit_says_what_matched_and_what_she_looked_at() {
    let (home, mut feed) = shop();
    let views = json!({"views": [{"sku": "s-1", "at": "2026-05-16T00:00:00Z"}], "last_seen_at": "2026-05-16T00:00:00Z"});
    feed.put(
        CATALOGUE,
        "item",
        "s-1",
        &json!({"sku": "s-1", "title": "Tent", "department": "outdoor"}),
    );
    feed.put(CUSTOMERS, "profile", "c-1", &views);
    feed.put(CUSTOMERS, "profile", "c-6", &views);
    let refusal = json!({"consents": [{"purpose": "personalisation", "granted": false, "at": "2026-01-01T00:00:00Z"}]});
    feed.put(
        CUSTOMERS,
        "customer",
        "c-6",
        &customer("c-6", "Bernadette", "Ana", refusal),
    );
    home.pull(&mut feed);
    let hits = home.replica.search_customers("mul", 1).unwrap();
    assert!(hits.more && hits.known == 6);
    let zoe = &home.replica.search_customers("muller", 9).unwrap().hits[0];
    assert_eq!(
        (
            zoe.matched.as_slice(),
            zoe.looked_at.as_ref().unwrap().0.as_str()
        ),
        (&[(4, 10)][..], "Tent")
    );
    let refuses = &home.replica.search_customers("bernadette", 9).unwrap().hits[0];
    assert_eq!(refuses.looked_at, None);
    let lately = names(&home, "  ");
    assert_eq!(
        lately[..3],
        ["Zoë Müller", "Ana Müllerová", "Ana Maria de la Cruz Souza"],
        "visits and browsing, the latest first"
    );
}

#[test]
fn a_change_moves_the_search_with_it() {
    let (home, mut feed) = shop();
    home.pull(feed.customer("c-1", "Zoë", "Lindqvist"));
    assert_eq!(
        names(&home, "zoe muller"),
        ["Zoë Lindqvist", "Ana Müllerová"],
        "nobody has both any more"
    );
    assert_eq!(names(&home, "lindq"), ["Zoë Lindqvist"]);
    assert_eq!(names(&home, "40123456"), [""; 0]);
    home.pull(feed.delete(CUSTOMERS, "customer", "c-1"));
    assert_eq!(names(&home, "lindq"), [""; 0]);
    home.pull(feed.customer("c-1", "Zoë", "Müller"));
    assert_eq!(names(&home, "zoe"), ["Zoë Müller"]);
    assert_eq!(home.reopen().replica.count_customers().unwrap(), 6);
}

#[test]
fn a_card_has_orders_and_notes_newest_first() {
    let (home, mut feed) = shop();
    for n in 0..12 {
        let id = format!("o-{n}");
        feed.put(
            CUSTOMERS,
            "order",
            &id,
            &json!({"id": id, "customer": "c-1", "store": "1", "channel": "store",
            "placed_at": format!("2026-05-{:02}T00:00:00Z", n + 1), "lines": []}),
        );
    }
    feed.put(CUSTOMERS, "order", "o-x", &json!({"id": "o-x", "store": "1", "channel": "store", "placed_at": "2026-05-30T00:00:00Z", "lines": []}));
    feed.put(CUSTOMERS, "note", "n-1", &note("n-1", "c-1", "hello"));
    feed.put(
        CUSTOMERS,
        "associate",
        "a-1",
        &json!({"id": "a-1", "name": "Mia", "role": "associate", "store": "1", "pin_hash": "x"}),
    );
    home.pull(&mut feed);
    let orders = home.replica.orders(&customer_id("c-1"), 10).unwrap();
    assert_eq!(
        (orders.len(), orders[0].id.as_str(), orders[9].id.as_str()),
        (10, "o-11", "o-2")
    );
    assert_eq!(
        home.replica.notes(&customer_id("c-1"), 9).unwrap()[0].author_name,
        "Mia"
    );
    assert_eq!(home.replica.team().unwrap().len(), 1);
    assert!(home.replica.profile(&customer_id("c-1")).unwrap().is_none());
}
