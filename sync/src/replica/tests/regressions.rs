//! What other stores' users lost, and what keeps it from happening here: each test is named after the fault it guards
//! against, with the report of it.
//!
//! Further ones are elsewhere under names of their own: a crash that leaves a half-applied page (powersync-sqlite-core#162)
//! in `crash_points`; disk full that leaves a hole (atuin#2879) is `i21_a_command_that_does_not_fit_takes_no_number`; a
//! backlog that stalls until the next local write (powersync-native#15) is a test of the device's driver; what needs both
//! sides is a scenario.

use crate::testing::{CUSTOMERS, Feed, Home, at, customer_id, dump, note, queue};
use crate::{NewCommand, ReplicaError};
use domain::api::device::Delivery;
use domain::api::sync::{Command, CommandResult, CommandStatus, PushResponse};
use domain::ids::{CommandId, DeviceId};
use serde_json::{json, value::RawValue};
use std::collections::BTreeMap;

fn answer(last_cseq: u64, results: &[(u64, CommandStatus)]) -> PushResponse {
    let results = results.iter().map(|(cseq, status)| CommandResult {
        cseq: *cseq,
        status: *status,
        code: None,
        message: None,
        seqs: BTreeMap::new(),
    });
    PushResponse {
        last_cseq,
        results: results.collect(),
    }
}

fn change(home: &Home, id: &str, text: &str) {
    let args = json!({"id": "n-1", "customer": "c-1", "base": 1, "text": text, "pinned": false, "author": "a-1"});
    let args = RawValue::from_string(args.to_string()).unwrap();
    let command = NewCommand {
        id: &CommandId::parse(id).unwrap(),
        kind: "note.change",
        version: 1,
        args: &args,
        issued_at: at("2026-05-17T09:00:00Z"),
    };
    home.replica.queue(&command).unwrap();
}

fn to_send(home: &Home) -> Vec<Command> {
    let device = DeviceId::parse("d-1").unwrap();
    let push = home.replica.next_push(&device, 100).unwrap();
    push.map(|push| push.commands).unwrap_or_default()
}

fn names(home: &Home) -> Vec<String> {
    let hits = home.replica.search_customers("", 50).unwrap().hits;
    hits.into_iter().map(|hit| hit.name).collect()
}

/// amplify-js#9979: an outbox that says that it is empty while records are missing.
#[test]
fn the_queue_is_empty_only_when_everything_was_decided() {
    let home = Home::new();
    for n in 1..=3 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("n-{n}"), "c-1", "x"),
        );
    }
    // An answer that decides on two of three, and one that says it decided on all and names one.
    home.replica
        .settle(&answer(
            2,
            &[(1, CommandStatus::Applied), (2, CommandStatus::Applied)],
        ))
        .unwrap();
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
    home.replica.settle(&answer(3, &[])).unwrap();
    assert_eq!(home.replica.standing().unwrap().unsent, 1);
    let mut feed = Feed::new();
    feed.last_cseq = 3;
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    assert_eq!(
        home.replica.standing().unwrap().unsent,
        1,
        "nor does a page say so"
    );
    let left: Vec<u64> = to_send(&home).iter().map(|command| command.cseq).collect();
    assert_eq!(left, [3]);
}

/// amplify-js#6363: a second update of the same record is dropped while the first is under way.
#[test]
fn a_second_update_of_a_note_is_sent_after_the_first() {
    let home = Home::new();
    change(&home, "cmd-1", "first");
    let under_way = to_send(&home);
    change(&home, "cmd-2", "second");
    assert_eq!(under_way.len(), 1);
    home.replica
        .settle(&answer(1, &[(1, CommandStatus::Applied)]))
        .unwrap();
    let home = home.reopen();
    let left = to_send(&home);
    assert_eq!(left.len(), 1);
    assert!(left[0].args.get().contains("second"), "{left:?}");
}

/// amplify-js#14766: a create that failed is gone from the screen and from the device.
#[test]
fn a_note_that_was_refused_stays_on_the_card_through_everything() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    queue(&home.replica, "cmd-1", &note("n-1", "c-1", "size 39"));
    home.replica
        .settle(&answer(1, &[(1, CommandStatus::Rejected)]))
        .unwrap();
    feed.last_cseq = 1;
    home.pull(feed.customer("c-1", "Ana", "Lima"));
    feed.restart(2);
    home.pull(feed.customer("c-1", "Ana", "Lima"));
    let home = home.reopen();
    let notes = home.replica.notes(&customer_id("c-1"), 5).unwrap();
    assert_eq!(notes.len(), 1);
    assert_eq!(notes[0].note.text, "size 39");
    assert!(matches!(notes[0].state, Delivery::Refused(_)));
    assert_eq!(home.replica.standing().unwrap().needs_attention, 1);
}

/// pouchdb#7645: what was deleted comes back when an older copy of it arrives late.
#[test]
fn a_deleted_customer_does_not_come_back_with_a_late_page() {
    let home = Home::new();
    let mut feed = Feed::new();
    let first = feed.customer("c-1", "Ana", "Souza").page();
    home.replica.apply(&first).unwrap();
    let both = feed.customer("c-2", "Eva", "Lima").page();
    home.replica.apply(&both).unwrap();
    home.pull(feed.delete(CUSTOMERS, "customer", "c-1"));
    let before = dump(&home.replica);
    for late in [&first, &both] {
        home.replica.apply(late).unwrap();
        assert_eq!(dump(&home.replica), before);
    }
    assert_eq!(names(&home.reopen()), ["Eva Lima"]);
}

/// turso#6617: an update that comes after a delete loses to it.
#[test]
fn what_is_put_again_after_a_delete_is_there() {
    let in_one_page = Home::new();
    let mut feed = Feed::new();
    feed.customer("c-1", "Ana", "Souza")
        .delete(CUSTOMERS, "customer", "c-1");
    in_one_page.pull(feed.customer("c-1", "Ana", "Lima"));
    assert_eq!(names(&in_one_page), ["Ana Lima"]);

    let page_by_page = Home::new();
    let mut feed = Feed::new();
    page_by_page.pull(feed.customer("c-1", "Ana", "Souza"));
    page_by_page.pull(feed.delete(CUSTOMERS, "customer", "c-1"));
    assert_eq!(names(&page_by_page), [""; 0]);
    page_by_page.pull(feed.customer("c-1", "Ana", "Lima"));
    assert_eq!(names(&page_by_page.reopen()), ["Ana Lima"]);
}

/// firebase-js#5031: once the quota is full, nothing works any more, and nothing comes back.
#[test]
fn a_full_quota_stops_writing_alone_and_ends_when_there_is_room() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    queue(&home.replica, "cmd-1", &note("n-1", "c-1", "x"));
    home.replica.limit_pages(home.replica.count_pages());
    for n in 10..400 {
        feed.customer(&format!("c-{n}"), "Ida", "Berg");
    }
    let page = feed.page();
    for _ in 0..3 {
        let full = home.replica.apply(&page);
        assert!(matches!(full, Err(ReplicaError::StorageFull)), "{full:?}");
        assert_eq!(
            names(&home),
            ["Ana Souza"],
            "what is here is read as before"
        );
        assert_eq!(to_send(&home).len(), 1, "and what is queued is sent");
    }
    home.replica
        .settle(&answer(1, &[(1, CommandStatus::Applied)]))
        .unwrap();
    home.replica.limit_pages(1 << 20);
    home.replica.apply(&page).unwrap();
    assert_eq!(home.replica.count_customers().unwrap(), 391);
    assert_eq!(queue(&home.replica, "cmd-2", &note("n-2", "c-1", "x")), 2);
}
