//! I12: no row outside granted scopes, in the database, the WAL or the search index.

use crate::testing::{CUSTOMERS, Feed, Home, customer, customer_id, dump, note};
use crate::{PlanError, ReplicaError};
use serde_json::json;

const CANARY: &str = "Quetzalcoatlus";
const OTHER: &str = "store/2/customers";

fn filled(home: &Home) -> Feed {
    let mut feed = Feed::new();
    feed.grant(OTHER);
    for n in 0..300 {
        let more = json!({"email": format!("{}{n}@example.com", CANARY.to_lowercase()), "card": format!("{CANARY}-{n}"),
            "phone": {"raw": "0", "e164": format!("+49401234{n:03}")}});
        let id = format!("c-{n}");
        feed.put(
            CUSTOMERS,
            "customer",
            &id,
            &customer(&id, CANARY, "Souza", more),
        );
        feed.put(
            CUSTOMERS,
            "note",
            &format!("n-{n}"),
            &note(&format!("n-{n}"), &id, CANARY),
        );
    }
    feed.put(
        OTHER,
        "customer",
        "c-1",
        &customer("c-1", "Ana", "Shared", json!({})),
    );
    home.pull(&mut feed);
    feed
}

#[test]
fn i12_a_revoked_scope_leaves_no_byte_behind() {
    let home = Home::plain();
    let mut feed = filled(&home);
    assert!(home.holds(CANARY) && home.holds("quetzalcoatlus"));
    feed.revoke(CUSTOMERS);
    let applied = home.pull(&mut feed);
    assert!(!applied.purge_due && applied.everything);
    for left in [CANARY, "quetzalcoatlus", "401234"] {
        assert!(!home.holds(left), "{left}");
    }
    for typed in ["quetz", "401234", "quetzalcoatlus7@", "Quetzalcoatlus-7"] {
        assert_eq!(
            home.replica.search_customers(typed, 5).unwrap().hits.len(),
            0,
            "{typed}"
        );
    }
    assert!(
        !format!("{:?}", home.replica.search()).contains("quetz"),
        "nor in memory"
    );
    assert_eq!(home.replica.notes(&customer_id("c-1"), 5).unwrap().len(), 0);
}

#[test]
fn i12_what_another_scope_holds_too_stays() {
    let home = Home::new();
    let mut feed = filled(&home);
    feed.revoke(CUSTOMERS);
    home.pull(&mut feed);
    let hits = home.replica.search_customers("", 50).unwrap();
    assert_eq!((hits.known, hits.hits[0].name.as_str()), (1, "Ana Shared"));
    home.pull(feed.delete(OTHER, "customer", "c-1"));
    assert_eq!(home.replica.count_customers().unwrap(), 0);
    assert!(
        !dump(&home.replica)
            .iter()
            .any(|line| line.starts_with("entity") || line.starts_with("also_in"))
    );
}

#[test]
fn i12_rows_of_a_scope_that_is_not_granted_are_refused() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(&mut feed);
    let page = feed
        .put(
            OTHER,
            "customer",
            "c-1",
            &customer("c-1", "Ana", "Souza", json!({})),
        )
        .page();
    let error = home.replica.apply(&page).unwrap_err();
    assert!(
        matches!(error, ReplicaError::Plan(PlanError::NotGranted { .. })),
        "{error:?}"
    );
    assert_eq!(home.replica.count_customers().unwrap(), 0);
}

#[test]
fn a_revocation_keeps_the_queue_and_a_new_grant_begins_anew() {
    let home = Home::new();
    let mut feed = filled(&home);
    crate::testing::queue(&home.replica, "cmd-1", &note("n-9", "c-1", "hello"));
    feed.revoke(CUSTOMERS);
    home.pull(&mut feed);
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
    feed.grant(CUSTOMERS);
    home.pull(feed.customer("c-5", "Eva", "Lima"));
    assert_eq!(
        home.replica.search_customers("eva", 5).unwrap().hits.len(),
        1
    );
    assert_eq!(home.replica.cursors().unwrap().len(), 3);
}

#[test]
fn i2_what_a_revoked_device_did_not_send_ends_as_refused_and_is_kept() {
    let home = Home::new();
    let _ = filled(&home);
    for n in 1..=3 {
        let id = format!("cmd-{n}");
        crate::testing::queue(&home.replica, &id, &note(&format!("m-{n}"), "c-1", "hello"));
    }
    let applied = json!({"last_cseq": 1, "results": [{"cseq": 1, "status": "applied"}]});
    let answer = serde_json::from_value(applied).unwrap();
    home.replica.settle(&answer).unwrap();
    home.replica.purge().unwrap();
    home.replica.purge().unwrap();
    let home = home.reopen();
    let standing = home.replica.standing().unwrap();
    assert_eq!((standing.unsent, standing.needs_attention), (0, 2));
    let device = domain::ids::DeviceId::parse("d-1").unwrap();
    assert!(home.replica.next_push(&device, 9).unwrap().is_none());
    let kept = home.replica.unsent(9).unwrap();
    assert_eq!((kept.len(), kept[0].code.as_deref()), (2, Some("revoked")));
    let waits = dump(&home.replica);
    let waits = waits.iter().filter(|line| line.starts_with("outbox"));
    assert_eq!(waits.count(), 2, "what was done has left");
    assert_eq!(home.replica.count_customers().unwrap(), 0);
}

#[test]
fn i12_a_purge_that_was_cut_short_is_finished_at_the_next_start() {
    let home = Home::plain();
    let mut feed = filled(&home);
    feed.revoke(CUSTOMERS);
    // Somebody who reads keeps the WAL from being truncated.
    let reading = rusqlite::Connection::open(home.path()).unwrap();
    reading
        .execute_batch("BEGIN; SELECT count(*) FROM entity")
        .unwrap();
    home.replica
        .writer()
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    assert!(home.pull(&mut feed).purge_due);
    assert!(home.holds(CANARY), "the test would see it");
    reading.execute_batch("ROLLBACK").unwrap();
    drop(reading);
    let path = home.path();
    let Home { folder, replica } = home;
    drop(replica);
    let replica = crate::Replica::open_with(&path, None).unwrap();
    let home = Home { folder, replica };
    assert!(!home.holds(CANARY));
}
