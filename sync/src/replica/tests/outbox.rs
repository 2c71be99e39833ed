//! I2 and I10: each command ends in one way, visible; what was noted shows at once, and once.

use crate::testing::{CUSTOMERS, Feed, Home, customer_id, note, queue, try_queue};
use crate::{ReplicaError, Settled};
use domain::api::device::Delivery;
use domain::api::sync::{CommandResult, CommandStatus, PushResponse, Scope};
use domain::ids::DeviceId;
use std::collections::BTreeMap;

fn response(last_cseq: u64, results: &[(u64, CommandStatus)]) -> PushResponse {
    let results = results.iter().map(|(cseq, status)| CommandResult {
        cseq: *cseq,
        status: *status,
        code: (*status == CommandStatus::Rejected).then(|| "note-invalid".to_owned()),
        message: None,
        seqs: BTreeMap::new(),
    });
    PushResponse {
        last_cseq,
        results: results.collect(),
    }
}

fn push(home: &Home, limit: usize) -> Vec<u64> {
    let push = home
        .replica
        .next_push(&DeviceId::parse("d-1").unwrap(), limit)
        .unwrap();
    let Some(push) = push else {
        return Vec::new();
    };
    assert_eq!(push.first_cseq, push.commands[0].cseq);
    push.commands.iter().map(|command| command.cseq).collect()
}

fn states(home: &Home, of: &str) -> Vec<(String, Delivery)> {
    let notes = home.replica.notes(&customer_id(of), 50).unwrap();
    notes
        .into_iter()
        .map(|view| (view.note.text, view.state))
        .collect()
}

#[test]
fn i10_a_note_shows_at_once_and_once_on_its_whole_way() {
    let home = Home::new();
    let mut feed = Feed::new();
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    let body = note("n-1", "c-1", "likes tents");
    queue(&home.replica, "cmd-1", &body);
    let shown = |state| vec![("likes tents".to_owned(), state)];
    assert_eq!(states(&home, "c-1"), shown(Delivery::Kept));
    let mut answer = response(1, &[(1, CommandStatus::Applied)]);
    answer.results[0]
        .seqs
        .insert(Scope::parse(CUSTOMERS).unwrap(), 2);
    home.replica.settle(&answer).unwrap();
    assert_eq!(states(&home, "c-1"), shown(Delivery::Sent));
    assert_eq!(home.replica.standing().unwrap().unsent, 0);
    feed.last_cseq = 1;
    home.pull(&mut feed);
    assert_eq!(
        states(&home, "c-1"),
        shown(Delivery::Sent),
        "its change is still on the way"
    );
    feed.put(CUSTOMERS, "note", "n-1", &body)
        .confirming("cmd-1");
    assert_eq!(home.pull(&mut feed).confirmed, 1);
    assert_eq!(states(&home, "c-1"), shown(Delivery::Sent));
    assert!(
        !crate::testing::dump(&home.replica)
            .iter()
            .any(|line| line.starts_with("outbox"))
    );
}

#[test]
fn i10_a_change_that_comes_before_the_answer_shows_once() {
    let home = Home::new();
    let mut feed = Feed::new();
    let body = note("n-1", "c-1", "likes tents");
    queue(&home.replica, "cmd-1", &body);
    queue(&home.replica, "cmd-2", &note("n-2", "c-1", "size 39"));
    // Another device's copy of the feed does not name the command.
    home.pull(feed.put(CUSTOMERS, "note", "n-1", &body));
    assert_eq!(states(&home, "c-1").len(), 2);
    assert_eq!(
        push(&home, 10),
        [1, 2],
        "it is sent again: the cloud answers that it was done"
    );
    home.replica
        .settle(&response(
            2,
            &[(1, CommandStatus::Duplicate), (2, CommandStatus::Applied)],
        ))
        .unwrap();
    feed.last_cseq = 2;
    assert_eq!(home.pull(&mut feed).confirmed, 2);
}

#[test]
fn i2_each_command_ends_in_one_way() {
    use CommandStatus::{Applied, Duplicate, Rejected, Superseded};
    let home = Home::new();
    for n in 1..=5 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("n-{n}"), "c-1", "x"),
        );
    }
    let answer = response(
        4,
        &[
            (1, Applied),
            (2, Duplicate),
            (3, Rejected),
            (4, Superseded),
            (5, Applied),
        ],
    );
    let settled = home.replica.settle(&answer).unwrap();
    assert_eq!(
        settled,
        Settled {
            confirmed: 3,
            rejected: 1
        }
    );
    assert_eq!(
        push(&home, 10),
        [5],
        "a decision beyond the mark is not believed"
    );
    assert_eq!(
        home.replica.settle(&answer).unwrap(),
        Settled::default(),
        "a repeat settles nothing"
    );
    let standing = home.replica.standing().unwrap();
    assert_eq!(
        (
            standing.unsent,
            standing.needs_attention,
            standing.last_cseq
        ),
        (1, 1, 4)
    );
    assert!(standing.oldest_unsent_at.is_some());
}

#[test]
fn a_rejected_command_keeps_its_payload_and_blocks_nothing() {
    let home = Home::new();
    for n in 1..=3 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("n-{n}"), "c-1", "x"),
        );
    }
    home.replica
        .settle(&response(1, &[(1, CommandStatus::Rejected)]))
        .unwrap();
    assert_eq!(push(&home, 10), [2, 3]);
    let home = home.reopen();
    let unsent = home.replica.unsent(10).unwrap();
    assert_eq!(
        unsent[0].state,
        Delivery::Refused("note-invalid".to_owned())
    );
    assert_eq!(unsent[0].args["text"], "x");
    assert_eq!(
        states(&home, "c-1").len(),
        3,
        "and it still shows on the card"
    );
}

#[test]
fn a_push_has_numbers_without_a_gap() {
    let home = Home::new();
    let mut feed = Feed::new();
    for n in 1..=4 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("n-{n}"), "c-1", "x"),
        );
    }
    // The answer of the push was lost, the change of its second command came.
    feed.put(CUSTOMERS, "note", "n-2", &note("n-2", "c-1", "x"))
        .confirming("cmd-2");
    home.pull(&mut feed);
    assert_eq!(push(&home, 10), [1]);
    home.replica
        .settle(&response(2, &[(1, CommandStatus::Duplicate)]))
        .unwrap();
    assert_eq!(push(&home, 10), [3, 4]);
    assert_eq!(push(&home, 1), [3]);
    assert_eq!(push(&home, 0), [0; 0]);
}

#[test]
fn a_push_is_bounded_in_bytes() {
    let home = Home::new();
    for n in 1..=6 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("n-{n}"), "c-1", &"x".repeat(250_000)),
        );
    }
    assert_eq!(push(&home, 10), [1, 2, 3, 4]);
    let long = try_queue(
        &home.replica,
        "cmd-7",
        &note("n-7", "c-1", &"x".repeat(300_000)),
    );
    assert!(matches!(long, Err(ReplicaError::TooLarge { .. })));
}

#[test]
fn the_same_id_with_other_arguments_is_refused() {
    let home = Home::new();
    queue(&home.replica, "cmd-1", &note("n-1", "c-1", "x"));
    let other = try_queue(&home.replica, "cmd-1", &note("n-1", "c-1", "y"));
    assert!(matches!(other, Err(ReplicaError::CommandMismatch { .. })));
    assert_eq!(
        queue(&home.replica, "cmd-2", &note("n-2", "c-1", "x")),
        2,
        "no number was taken"
    );
}

#[test]
fn the_arguments_are_sent_byte_for_byte() {
    let home = Home::new();
    let args =
        serde_json::value::RawValue::from_string(r#"{ "b":1.50,  "a":"é" }"#.to_owned()).unwrap();
    let id = domain::ids::CommandId::parse("cmd-1").unwrap();
    let issued_at = crate::testing::at("2026-05-17T09:00:00.123Z");
    let command = crate::NewCommand {
        id: &id,
        kind: "later.kind",
        version: 3,
        args: &args,
        issued_at,
    };
    home.replica.queue(&command).unwrap();
    let push = home
        .reopen()
        .replica
        .next_push(&DeviceId::parse("d").unwrap(), 9)
        .unwrap()
        .unwrap();
    let sent = &push.commands[0];
    assert_eq!(
        (sent.args.get(), sent.kind.as_str(), sent.version),
        (args.get(), "later.kind", 3)
    );
    assert_eq!(sent.issued_at_device, issued_at);
}
