//! What was refused is kept, shown and mended; what has to be numbered anew keeps its order; what was changed shows.

use crate::testing::{
    CUSTOMERS, Feed, Home, at, checkpoint, customer_id, note, page, queue, try_queue,
};
use crate::{NewCommand, ReplicaError};
use domain::api::device::Delivery;
use domain::api::sync::{CommandResult, CommandStatus, PushResponse, Scope};
use domain::ids::{CommandId, DeviceId};
use serde_json::{Value, json, value::RawValue};
use std::collections::BTreeMap;

fn keep(home: &Home, id: &str, kind: &str, args: &Value) -> Result<u64, ReplicaError> {
    with_command(id, kind, args, |command| home.replica.queue(command))
}

fn with_command<T>(
    id: &str,
    kind: &str,
    args: &Value,
    then: impl FnOnce(&NewCommand<'_>) -> T,
) -> T {
    let args = RawValue::from_string(args.to_string()).unwrap();
    then(&NewCommand {
        id: &command(id),
        kind,
        version: 1,
        args: &args,
        issued_at: at("2026-05-17T09:00:00Z"),
    })
}

fn command(id: &str) -> CommandId {
    CommandId::parse(id).unwrap()
}

fn change(base: u64, text: &str, pinned: bool) -> Value {
    json!({"id": "n-1", "customer": "c-1", "base": base, "text": text, "pinned": pinned, "author": "a-1"})
}

fn settle(home: &Home, cseq: u64, status: CommandStatus, seq: Option<u64>) {
    let seqs = seq.map(|seq| (Scope::parse(CUSTOMERS).unwrap(), seq));
    let refused = status == CommandStatus::Rejected;
    let result = CommandResult {
        cseq,
        status,
        code: refused.then(|| "note-moved".to_owned()),
        message: refused.then(|| "Somebody else changed it".to_owned()),
        seqs: BTreeMap::from_iter(seqs),
    };
    let response = PushResponse {
        last_cseq: cseq,
        results: vec![result],
    };
    home.replica.settle(&response).unwrap();
}

/// Number and id of each command of the next push.
fn push(home: &Home) -> Vec<(u64, String)> {
    let device = DeviceId::parse("d-1").unwrap();
    let push = home.replica.next_push(&device, 100).unwrap();
    let commands = push.map(|push| push.commands).unwrap_or_default();
    let numbers = commands.iter().map(|sent| (sent.cseq, sent.id.to_string()));
    numbers.collect()
}

fn numbered(numbers: &[(u64, &str)]) -> Vec<(u64, String)> {
    let owned = numbers.iter().map(|(cseq, id)| (*cseq, (*id).to_owned()));
    owned.collect()
}

/// A customer with a note of version 2, and what the feed tells next.
fn noted() -> (Home, Feed) {
    let home = Home::new();
    let mut feed = Feed::new();
    feed.customer("c-1", "Ana", "Souza");
    home.pull(feed.put(CUSTOMERS, "note", "n-1", &note("n-1", "c-1", "old")));
    (home, feed)
}

fn shown(home: &Home) -> Vec<(String, u64, Delivery)> {
    let notes = home.replica.notes(&customer_id("c-1"), 50).unwrap();
    let shown = notes
        .into_iter()
        .map(|view| (view.note.text, view.version, view.state));
    shown.collect()
}

#[test]
fn i10_changes_of_a_note_show_at_once_and_once() {
    let (home, mut feed) = noted();
    keep(&home, "cmd-1", "note.change", &change(2, "new", true)).unwrap();
    keep(&home, "cmd-2", "note.change", &change(3, "newer", true)).unwrap();
    let newer = |state| vec![("newer".to_owned(), 4, state)];
    assert_eq!(shown(&home), newer(Delivery::Kept));
    settle(&home, 1, CommandStatus::Applied, Some(3));
    settle(&home, 2, CommandStatus::Applied, Some(4));
    assert_eq!(
        shown(&home),
        newer(Delivery::Sent),
        "its changes are still on the way"
    );
    let mut body = note("n-1", "c-1", "newer");
    body["pinned"] = json!(true);
    feed.put(CUSTOMERS, "note", "n-1", &body)
        .confirming("cmd-1");
    feed.put(CUSTOMERS, "note", "n-1", &body)
        .confirming("cmd-2");
    assert_eq!(home.pull(&mut feed).confirmed, 2);
    assert_eq!(shown(&home), newer(Delivery::Sent));
    let removal = json!({"id": "n-1", "customer": "c-1", "base": 4, "author": "a-1"});
    keep(&home, "cmd-3", "note.remove", &removal).unwrap();
    assert!(shown(&home).is_empty());
    settle(&home, 3, CommandStatus::Superseded, None);
    assert_eq!(shown(&home).len(), 1, "the cloud has a newer one");
}

#[test]
fn i2_a_refused_change_says_why_and_what_the_cloud_has() {
    let (home, _) = noted();
    keep(&home, "cmd-1", "note.change", &change(1, "mine", false)).unwrap();
    settle(&home, 1, CommandStatus::Rejected, None);
    let home = home.reopen();
    let refused = Delivery::Refused("Somebody else changed it".to_owned());
    assert_eq!(shown(&home), [("old".to_owned(), 2, refused.clone())]);
    let unsent = home.replica.unsent(9).unwrap();
    assert_eq!((unsent.len(), &unsent[0].state), (1, &refused));
    assert_eq!(unsent[0].code.as_deref(), Some("note-moved"));
    assert_eq!(unsent[0].about.as_deref(), Some("Ana Souza"));
    let theirs = unsent[0].theirs.clone().unwrap();
    assert_eq!((theirs.version, theirs.text.as_str()), (2, "old"));
    assert_eq!(home.replica.standing().unwrap().needs_attention, 1);
}

#[test]
fn a_mended_command_takes_the_place_of_the_refused_one() {
    let (home, _) = noted();
    keep(&home, "cmd-1", "note.change", &change(1, "mine", false)).unwrap();
    let mend = |refused: &str, id: &str| {
        with_command(id, "note.change", &change(2, "mine", false), |new| {
            home.replica.mend(&command(refused), new)
        })
    };
    assert!(
        matches!(mend("cmd-1", "cmd-2"), Err(ReplicaError::NotRefused { .. })),
        "it is not decided yet"
    );
    settle(&home, 1, CommandStatus::Rejected, None);
    assert_eq!(mend("cmd-1", "cmd-2").unwrap(), 2);
    assert_eq!(mend("cmd-1", "cmd-2").unwrap(), 2, "a repeat");
    assert!(matches!(
        mend("cmd-1", "cmd-3"),
        Err(ReplicaError::NotRefused { .. })
    ));
    assert_eq!(push(&home), numbered(&[(2, "cmd-2")]));
    let standing = home.replica.standing().unwrap();
    assert_eq!((standing.unsent, standing.needs_attention), (1, 0));
    assert_eq!(shown(&home), [("mine".to_owned(), 3, Delivery::Kept)]);
}

#[test]
fn what_is_set_aside_is_kept_and_waits_for_nobody() {
    let (home, _) = noted();
    queue(&home.replica, "cmd-1", &note("n-2", "c-1", "mine"));
    assert!(matches!(
        home.replica.set_aside(&command("cmd-1")),
        Err(ReplicaError::NotRefused { .. })
    ));
    settle(&home, 1, CommandStatus::Rejected, None);
    assert_eq!(shown(&home).len(), 2);
    for _ in 0..2 {
        home.replica.set_aside(&command("cmd-1")).unwrap();
    }
    let standing = home.replica.standing().unwrap();
    assert_eq!((standing.needs_attention, standing.aside), (0, 1));
    assert!(home.replica.unsent(9).unwrap()[0].set_aside);
    assert_eq!(shown(&home).len(), 1, "the card has what is true");
    let mended = with_command("cmd-2", "note.add", &note("n-2", "c-1", "better"), |new| {
        home.replica.mend(&command("cmd-1"), new)
    });
    assert_eq!(mended.unwrap(), 2);
    assert_eq!(home.replica.standing().unwrap().aside, 0);
}

#[test]
fn what_is_not_in_the_cloud_can_be_given_to_somebody() {
    let (home, _) = noted();
    queue(&home.replica, "cmd-1", &note("n-2", "c-1", "refused"));
    queue(&home.replica, "cmd-2", &note("n-3", "c-1", "waits"));
    settle(&home, 1, CommandStatus::Rejected, None);
    let export: Value = serde_json::from_str(&home.replica.export_unsent().unwrap()).unwrap();
    let commands = export["commands"].as_array().unwrap();
    assert_eq!((commands.len(), &export["more"]), (2, &json!(false)));
    assert_eq!(commands[0]["state"], "refused");
    assert_eq!(commands[0]["code"], "note-moved");
    assert_eq!(commands[0]["args"]["text"], "refused");
    assert_eq!(
        (&commands[1]["state"], &commands[1]["id"]),
        (&json!("queued"), &json!("cmd-2"))
    );
}

#[test]
fn a_restored_cloud_gets_the_queue_with_its_own_numbers_and_what_it_forgot() {
    let (home, _) = noted();
    for n in 1..=5 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("m-{n}"), "c-1", "x"),
        );
    }
    settle(&home, 1, CommandStatus::Rejected, None);
    settle(&home, 2, CommandStatus::Applied, Some(90));
    settle(&home, 3, CommandStatus::Applied, Some(91));
    // The cloud knows of two commands, the refused one among them.
    assert_eq!(home.replica.renumber(3).unwrap(), 3);
    assert_eq!(
        push(&home),
        numbered(&[(3, "cmd-3"), (4, "cmd-4"), (5, "cmd-5")])
    );
    assert_eq!(home.replica.renumber(1).unwrap(), 4);
    let expected = numbered(&[(1, "cmd-2"), (2, "cmd-3"), (3, "cmd-4"), (4, "cmd-5")]);
    assert_eq!(push(&home), expected);
    let standing = home.replica.standing().unwrap();
    assert_eq!((standing.last_cseq, standing.needs_attention), (0, 1));
    assert_eq!(queue(&home.replica, "cmd-6", &note("m-6", "c-1", "x")), 5);
    assert_eq!(push(&home.reopen()).len(), 5);
}

#[test]
fn what_a_restored_cloud_has_forgotten_waits_again() {
    let (home, _) = noted();
    for n in 1..=2 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("m-{n}"), "c-1", "x"),
        );
        settle(&home, n, CommandStatus::Applied, Some(89 + n));
    }
    assert_eq!(push(&home), []);
    let of_a_backup = |last_cseq| page(&[checkpoint(&BTreeMap::new(), 1, last_cseq)]);
    let applied = home.replica.apply(&of_a_backup(2)).unwrap();
    assert_eq!((applied.forgotten, push(&home)), (0, vec![]));
    let applied = home.replica.apply(&of_a_backup(1)).unwrap();
    assert_eq!(applied.forgotten, 1);
    assert_eq!(push(&home), numbered(&[(2, "cmd-2")]));
}

#[test]
fn a_restored_tablet_numbers_its_queue_after_what_the_cloud_decided() {
    let (home, _) = noted();
    for n in 1..=3 {
        queue(
            &home.replica,
            &format!("cmd-{n}"),
            &note(&format!("m-{n}"), "c-1", "x"),
        );
    }
    settle(&home, 1, CommandStatus::Applied, Some(90));
    assert_eq!(home.replica.renumber(10).unwrap(), 2);
    assert_eq!(push(&home), numbered(&[(10, "cmd-2"), (11, "cmd-3")]));
    assert_eq!(home.replica.renumber(10).unwrap(), 2, "again is the same");
    assert_eq!(home.replica.standing().unwrap().last_cseq, 9);
    settle(&home, 10, CommandStatus::Applied, Some(91));
    assert_eq!(push(&home), numbered(&[(11, "cmd-3")]));
    assert_eq!(
        home.replica.renumber(u64::MAX - 1).map_err(|_| ()),
        Err(()),
        "no number is left"
    );
    assert_eq!(push(&home), numbered(&[(11, "cmd-3")]));
}

#[test]
fn a_confirmed_command_does_not_wait_for_a_feed_that_began_anew() {
    let (home, mut feed) = noted();
    queue(&home.replica, "cmd-1", &note("n-2", "c-1", "mine"));
    settle(&home, 1, CommandStatus::Applied, Some(90));
    feed.last_cseq = 1;
    home.pull(feed.customer("c-2", "Eva", "Lima"));
    assert_eq!(shown(&home).len(), 2, "its change is still to come");
    feed.restart(2);
    feed.customer("c-1", "Ana", "Souza");
    let applied = home.pull(feed.put(CUSTOMERS, "note", "n-2", &note("n-2", "c-1", "mine")));
    assert_eq!((applied.confirmed, shown(&home).len()), (1, 1));
}

#[test]
fn a_confirmed_command_does_not_wait_for_a_life_that_a_restore_took_back() {
    let (home, mut feed) = noted();
    feed.restart(2);
    home.pull(feed.customer("c-1", "Ana", "Souza"));
    // The cloud is restored to the feed's first life and decides there, before the device knows of it.
    queue(&home.replica, "cmd-1", &note("n-2", "c-1", "mine"));
    settle(&home, 1, CommandStatus::Applied, Some(3));
    feed.last_cseq = 1;
    let applied = home.pull(feed.customer("c-2", "Eva", "Lima"));
    assert_eq!(applied.confirmed, 0, "it is still to come");
    feed.revoke(CUSTOMERS);
    feed.grant(CUSTOMERS);
    feed.restart(1);
    feed.customer("c-1", "Ana", "Souza");
    let applied = home.pull(feed.put(CUSTOMERS, "note", "n-2", &note("n-2", "c-1", "mine")));
    assert_eq!((applied.confirmed, shown(&home).len()), (1, 1));
}

#[test]
fn a_full_queue_is_told_and_takes_no_number() {
    let (home, _) = noted();
    home.replica
        .writer()
        .execute_batch(
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 50000)
             INSERT INTO outbox (cseq, id, kind, version, args, issued_at, state)
             SELECT n, 'old-' || n, 'note.add', 1, '{}', 0, 0 FROM n; UPDATE standing SET next_cseq = 50001",
        )
        .unwrap();
    let full = try_queue(&home.replica, "cmd-1", &note("n-2", "c-1", "x"));
    assert!(
        matches!(
            full,
            Err(ReplicaError::QueueFull {
                limit: crate::MAX_QUEUE
            })
        ),
        "{full:?}"
    );
    settle(&home, 1, CommandStatus::Applied, None);
    let mut feed = Feed::new();
    feed.last_cseq = 1;
    home.pull(&mut feed);
    assert_eq!(
        queue(&home.replica, "cmd-1", &note("n-2", "c-1", "x")),
        50_001
    );
}
