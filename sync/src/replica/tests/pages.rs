//! I6 and I7: a cursor means that all before it is applied, once, and it moves with the rows.

use crate::testing::{
    CATALOGUE, CUSTOMERS, Feed, Home, checkpoint, customer, customer_id, dump, note, page,
};
use crate::{PlanError, ReplicaError};
use domain::api::sync::{Cursor, Scope};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn i6_a_page_that_was_applied_changes_nothing_when_it_comes_again() {
    let home = Home::new();
    let mut feed = Feed::new();
    let first = feed.customer("c-1", "Ana", "Souza").page();
    let second = feed
        .customer("c-1", "Ana", "Lima")
        .delete(CUSTOMERS, "customer", "c-9")
        .page();
    home.replica.apply(&first).unwrap();
    home.replica.apply(&second).unwrap();
    let before = dump(&home.replica);
    for again in [&first, &second, &first] {
        assert_eq!(home.replica.apply(again).unwrap().changes, 0);
        assert_eq!(dump(&home.replica), before);
    }
    assert_eq!(
        home.replica
            .customer(&customer_id("c-1"))
            .unwrap()
            .unwrap()
            .name
            .family,
        "Lima"
    );
}

#[test]
fn i6_a_page_that_skips_is_refused() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    feed.customer("c-2", "Eva", "Lima").lines();
    let late = feed.customer("c-3", "Ida", "Berg").page();
    let before = dump(&home.replica);
    let error = home.replica.apply(&late).unwrap_err();
    assert!(
        matches!(
            error,
            ReplicaError::Plan(PlanError::Gap {
                have: 1,
                first: 3,
                ..
            })
        ),
        "{error:?}"
    );
    assert_eq!(dump(&home.replica), before);
}

#[test]
fn i7_the_cursor_moves_with_the_rows_or_not_at_all() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    let scope = Scope::parse(CUSTOMERS).unwrap();
    assert_eq!(
        home.replica.cursors().unwrap()[&scope],
        Cursor { epoch: 1, seq: 1 }
    );
    // The last row breaks after the first ones were written: none of them stays.
    home.replica
        .writer()
        .execute_batch("CREATE TRIGGER broken BEFORE INSERT ON entity WHEN NEW.id = 'c-3' BEGIN SELECT raise(ABORT, 'no'); END")
        .unwrap();
    let before = dump(&home.replica);
    let page = feed
        .customer("c-2", "Eva", "Lima")
        .customer("c-3", "Ida", "Berg")
        .page();
    assert!(home.replica.apply(&page).is_err());
    assert_eq!(dump(&home.replica), before);
    home.replica
        .writer()
        .execute_batch("DROP TRIGGER broken")
        .unwrap();
    assert_eq!(home.replica.apply(&page).unwrap().changes, 2);
}

#[test]
fn a_new_epoch_begins_anew_and_keeps_the_queue() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(
        feed.customer("c-1", "Ana", "Souza")
            .customer("c-2", "Eva", "Lima"),
    );
    crate::testing::queue(&home.replica, "cmd-1", &note("n-1", "c-1", "hello"));
    feed.restart(2);
    let applied = home.pull(feed.customer("c-2", "Eva", "Lima"));
    assert!(applied.everything && applied.purged.len() == 1);
    assert!(
        home.replica
            .customer(&customer_id("c-1"))
            .unwrap()
            .is_none()
    );
    assert_eq!(
        home.replica.search_customers("eva", 5).unwrap().hits.len(),
        1
    );
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
}

#[test]
fn unknown_kinds_and_unreadable_bodies_are_kept_as_they_came() {
    let home = Home::new();
    let mut feed = Feed::new();
    feed.customer("c-1", "Ana", "Souza");
    feed.put(CUSTOMERS, "wardrobe", "w-1", &json!({"x": 1.5}));
    feed.put(
        CUSTOMERS,
        "customer",
        "c-2",
        &json!({"id": "c-2", "name": 7}),
    );
    home.pull(feed.put(
        CUSTOMERS,
        "customer",
        "c-3",
        &customer("c-4", "Eva", "Lima", json!({})),
    ));
    assert_eq!(
        home.replica
            .entity("wardrobe", "w-1")
            .unwrap()
            .unwrap()
            .get(),
        r#"{"x":1.5}"#
    );
    assert_eq!(
        home.replica
            .entity("customer", "c-2")
            .unwrap()
            .unwrap()
            .get(),
        r#"{"id":"c-2","name":7}"#
    );
    assert!(
        home.replica
            .customer(&customer_id("c-2"))
            .unwrap()
            .is_none()
    );
    assert_eq!(
        home.replica.count_customers().unwrap(),
        1,
        "what cannot be read is not searched"
    );
    // A customer who was read before and cannot be read any more is not found by what she was called.
    home.pull(feed.put(
        CUSTOMERS,
        "customer",
        "c-1",
        &json!({"id": "c-1", "name": 7}),
    ));
    assert_eq!(
        home.replica.search_customers("ana", 5).unwrap().hits.len(),
        0
    );
}

#[test]
fn what_was_touched_is_told() {
    let home = Home::new();
    let mut feed = Feed::new();
    feed.customer("c-1", "Ana", "Souza");
    let applied = home.pull(feed.put(CUSTOMERS, "note", "n-1", &note("n-1", "c-2", "hello")));
    let touched: Vec<_> = applied.customers.iter().map(ToString::to_string).collect();
    assert_eq!(
        (touched, applied.everything),
        (vec!["c-1".to_owned(), "c-2".to_owned()], false)
    );
    let applied = home.pull(feed.delete(CUSTOMERS, "note", "n-1"));
    assert_eq!(applied.customers.first().unwrap().as_str(), "c-2");
    let item = json!({"sku": "s", "title": "Tent", "department": "outdoor"});
    assert!(
        home.pull(feed.put(CATALOGUE, "item", "s", &item))
            .everything
    );
    for n in 0..100 {
        feed.customer(&format!("m-{n}"), "Eva", "Lima");
    }
    let many = home.pull(&mut feed);
    assert!(many.everything && many.customers.len() == crate::MAX_TOUCHED);
}

#[test]
fn the_standing_follows_the_checkpoint() {
    let home = Home::new();
    assert_eq!(home.replica.standing().unwrap(), crate::Standing::default());
    let mut feed = Feed::new();
    feed.last_cseq = 7;
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    let standing = home.replica.standing().unwrap();
    assert!(standing.complete && standing.last_cseq == 7);
    assert_eq!(
        standing.as_of,
        Some(crate::testing::at("2026-05-17T10:00:00Z"))
    );
    assert_eq!(home.replica.next_pull(5).unwrap().cursors.len(), 2);
}

/// A random history of two feeds that share entities.
fn history() -> impl Strategy<Value = Vec<(bool, u8, u8, u8)>> {
    proptest::collection::vec((any::<bool>(), 0_u8..4, 0_u8..6, 0_u8..4), 1..40)
}

fn tell(feed: &mut Feed, (first, action, id, text): (bool, u8, u8, u8)) {
    let scope = if first { CUSTOMERS } else { CATALOGUE };
    let id = format!("e-{id}");
    let given = ["Ana", "Eva", "Ida", "Ada"][usize::from(text)];
    match action {
        0 => feed.delete(scope, "customer", &id),
        1 => feed.put(scope, "note", &id, &note(&id, "e-1", given)),
        2 => feed.put(
            scope,
            "profile",
            &id,
            &json!({"last_seen_at": format!("2026-05-1{text}T00:00:00Z")}),
        ),
        _ => feed.put(
            scope,
            "customer",
            &id,
            &customer(&id, given, "Souza", json!({})),
        ),
    };
}

/// Cuts a stream of changes into pages, each with the checkpoint that stands there.
fn cut(lines: &[Value], cuts: &[usize]) -> Vec<Vec<Value>> {
    let (mut pages, mut seqs, mut page) = (Vec::new(), BTreeMap::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        page.push(line.clone());
        if let Some(change) = line.get("change") {
            seqs.insert(
                change["scope"].as_str().unwrap().to_owned(),
                change["seq"].as_u64().unwrap(),
            );
        }
        if index + 1 == lines.len() || (line.get("change").is_some() && cuts.contains(&index)) {
            page.push(checkpoint(&seqs, 1, 0));
            pages.push(std::mem::take(&mut page));
        }
    }
    pages
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_split_into_pages_and_any_repeat_gives_the_same_replica(
        history in history(),
        cuts in proptest::collection::vec(0_usize..40, 0..8),
        repeats in proptest::collection::vec(any::<bool>(), 48),
    ) {
        let mut feed = Feed::new();
        history.into_iter().for_each(|step| tell(&mut feed, step));
        let lines = feed.lines();
        let whole = Home::new();
        for lines in cut(&lines, &[]) {
            whole.replica.apply(&page(&lines)).unwrap();
        }
        let split = Home::new();
        let mut told: Vec<crate::Page> = Vec::new();
        for (lines, repeat) in cut(&lines, &cuts).into_iter().zip(repeats) {
            told.push(page(&lines));
            split.replica.apply(told.last().unwrap()).unwrap();
            if repeat {
                for again in &told {
                    prop_assert_eq!(split.replica.apply(again).unwrap().changes, 0);
                }
            }
        }
        prop_assert_eq!(dump(&whole.replica), dump(&split.replica));
        let names = |home: &Home| home.replica.search_customers("souza", 50).unwrap();
        prop_assert_eq!(names(&whole), names(&split));
        let split = split.reopen();
        prop_assert_eq!(names(&whole), names(&split));
    }
}
