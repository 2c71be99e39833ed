//! Notes that are added, changed and taken away, by whom and in whatever order.

use super::tests::{Tablet, add, change, command_with, faulty, note, rejected, remove, tablet};
use crate::feed::{self, entity_key};
use crate::ports::ledger::{Condition, Write};
use chrono::TimeDelta;
use domain::api::sync::{Command, CommandStatus, Op, Scope, command as kinds, kind};
use domain::note::Note;
use serde_json::{Value, json};

const APPLIED: (CommandStatus, &str) = (CommandStatus::Applied, "-");

async fn decided(tablet: &Tablet, command: Command) -> (CommandStatus, String) {
    let result = tablet.decided(command).await;
    let (status, code) = rejected(&result);
    (status, code.to_owned())
}

async fn kept(tablet: &Tablet, id: &str) -> Option<Note> {
    let key = entity_key(kind::NOTE, id);
    let stored = tablet.shop.bench.services.ledger.read(&key).await.unwrap();
    stored.map(|stored| serde_json::from_str(&stored.body).unwrap())
}

#[tokio::test]
async fn a_change_goes_on_from_what_its_author_saw_and_keeps_who_wrote_it() {
    let tablet = tablet().await;
    tablet.push(vec![add(1, &note(1))]).await;
    assert_eq!(
        decided(&tablet, change(2, &note(1), 1, "two")).await,
        (APPLIED.0, "-".into())
    );
    let late = decided(&tablet, change(3, &note(1), 1, "three")).await;
    assert_eq!(late, (CommandStatus::Rejected, "note-moved".to_owned()));
    let now = kept(&tablet, "n-1").await.unwrap();
    assert_eq!((now.text.as_str(), now.author.as_str()), ("two", "a-1"));
    let change = tablet.feed().await.pop().unwrap();
    assert_eq!((change.version, change.op), (2, Op::Put));
    assert_eq!(change.command.unwrap().as_str(), "k-2");
}

#[tokio::test]
async fn the_same_change_again_is_done_and_changes_nothing() {
    let tablet = tablet().await;
    tablet
        .push(vec![add(1, &note(1)), change(2, &note(1), 1, "two")])
        .await;
    // A tablet that was set back numbers what it kept anew.
    let again = tablet.decided(change(3, &note(1), 1, "two")).await;
    assert_eq!(
        (again.status, again.seqs.len()),
        (CommandStatus::Applied, 0)
    );
    assert_eq!(tablet.notes().await, ["n-1", "n-1"]);
}

#[tokio::test]
async fn a_note_that_was_changed_since_is_not_added_again_and_is_not_refused() {
    let tablet = tablet().await;
    tablet
        .push(vec![add(1, &note(1)), change(2, &note(1), 1, "two")])
        .await;
    // A tablet that was set back to before its first push numbers what it kept anew.
    let again = tablet.decided(add(3, &note(1))).await;
    assert_eq!(rejected(&again), (CommandStatus::Superseded, "-"));
    let mut another = note(1);
    another["written_at"] = json!("2026-05-31T10:00:01Z");
    let refused = decided(&tablet, add(4, &another)).await;
    assert_eq!(refused, (CommandStatus::Rejected, "note-exists".to_owned()));
    assert_eq!(kept(&tablet, "n-1").await.unwrap().text, "two");
    assert_eq!(tablet.notes().await, ["n-1", "n-1"]);
}

#[tokio::test]
async fn a_note_that_was_taken_away_never_comes_back() {
    let tablet = tablet().await;
    let response = tablet
        .push(vec![add(1, &note(1)), remove(2, &note(1), 1)])
        .await;
    assert!(
        response
            .results
            .iter()
            .all(|result| result.status == APPLIED.0)
    );
    assert_eq!(kept(&tablet, "n-1").await, None);
    let gone = tablet.feed().await.pop().unwrap();
    assert_eq!((gone.op, gone.version), (Op::Delete, 2));
    for (cseq, again) in [(3, add(3, &note(1))), (4, remove(4, &note(1), 1))] {
        let result = tablet.decided(again.clone()).await;
        assert_eq!(
            (result.cseq, rejected(&result)),
            (cseq, (CommandStatus::Superseded, "-"))
        );
        assert_eq!(tablet.decided(again).await, result, "the same each time");
    }
    let change = decided(&tablet, change(5, &note(1), 1, "x")).await;
    assert_eq!(change, (CommandStatus::Rejected, "note-gone".to_owned()));
    assert_eq!(kept(&tablet, "n-1").await, None);
}

/// Another tablet of the same store.
async fn another(tablet: &Tablet) -> Tablet {
    super::tests::of(crate::testing::shop::Shop {
        bench: crate::testing::Bench {
            // Another instance: within one, whoever is second waits.
            services: crate::services::Services {
                poke: crate::ports::poke::Poke::default(),
                ..tablet.shop.bench.services.clone()
            },
            clock: tablet.shop.bench.clock.clone(),
            log: tablet.shop.bench.log.clone(),
        },
    })
    .await
}

#[tokio::test]
async fn another_note_with_its_id_that_comes_between_decision_and_write_stays() {
    let (tablet, ledger) = faulty().await;
    let other = another(&tablet).await;
    let mut theirs = note(1);
    theirs["text"] = json!("theirs");
    theirs["written_at"] = json!("2026-05-31T10:00:01Z");
    ledger.before_next_write(async move {
        other.push(vec![add(1, &theirs)]).await;
    });
    let result = tablet.decided(add(1, &note(1))).await;
    assert!(ledger.is_spent());
    assert_eq!(rejected(&result), (CommandStatus::Rejected, "note-exists"));
    assert_eq!(kept(&tablet, "n-1").await.unwrap().text, "theirs");
}

#[tokio::test]
async fn a_change_that_comes_between_decision_and_write_is_not_written_over() {
    let (tablet, ledger) = faulty().await;
    tablet.push(vec![add(1, &note(1))]).await;
    let other = another(&tablet).await;
    ledger.before_next_write(async move {
        other.push(vec![change(1, &note(1), 1, "theirs")]).await;
    });
    let result = tablet.decided(change(2, &note(1), 1, "mine")).await;
    assert!(ledger.is_spent());
    assert_eq!(rejected(&result), (CommandStatus::Rejected, "note-moved"));
    assert_eq!(kept(&tablet, "n-1").await.unwrap().text, "theirs");
}

#[tokio::test]
async fn a_decision_that_is_there_is_never_overwritten() {
    // The device's mark is of an older backup than the decisions.
    let tablet = tablet().await;
    let ledger = &tablet.shop.bench.services.ledger;
    let key = crate::devices::command_key(&tablet.device.device, 1);
    let outcome = Write::put(key.clone(), "of before", Condition::Absent);
    ledger.write(vec![outcome]).await.unwrap();
    let caller = crate::testing::shop::as_device(&tablet.device);
    let request = tablet.request(vec![add(1, &note(1))]);
    let refused = super::push(&tablet.shop.bench.services, &caller, &request).await;
    assert!(refused.is_err(), "{refused:?}");
    let kept = ledger.read(&key).await.unwrap().unwrap();
    assert_eq!(kept.body, "of before");
    assert_eq!(tablet.notes().await.len(), 0);
}

#[tokio::test]
async fn a_note_that_comes_and_goes_between_decision_and_write_does_not_come_again() {
    let (tablet, ledger) = faulty().await;
    let other = another(&tablet).await;
    ledger.before_next_write(async move {
        other
            .push(vec![add(1, &note(1)), remove(2, &note(1), 1)])
            .await;
    });
    let result = tablet.decided(add(1, &note(1))).await;
    assert!(ledger.is_spent());
    assert_eq!(result.status, CommandStatus::Superseded);
    assert_eq!(kept(&tablet, "n-1").await, None);
}

#[tokio::test]
async fn who_did_not_see_the_note_as_it_is_does_not_take_it_away() {
    let tablet = tablet().await;
    tablet
        .push(vec![add(1, &note(1)), change(2, &note(1), 1, "two")])
        .await;
    let late = decided(&tablet, remove(3, &note(1), 1)).await;
    assert_eq!(late, (CommandStatus::Rejected, "note-moved".to_owned()));
    assert_eq!(
        decided(&tablet, remove(4, &note(1), 2)).await,
        (APPLIED.0, "-".into())
    );
}

#[tokio::test]
async fn a_change_is_checked_like_a_note() {
    let tablet = tablet().await;
    tablet.push(vec![add(1, &note(1))]).await;
    let with = |kind: &str, field: &str, value: Value| {
        let mut args = json!({"id": "n-1", "customer": "c-1", "base": 1, "text": "x", "pinned": true, "author": "a-1"});
        args[field] = value;
        (kind.to_owned(), args)
    };
    let (change, remove) = (kinds::NOTE_CHANGE, kinds::NOTE_REMOVE);
    let cases = [
        (with(change, "text", json!(" ")), "note-invalid"),
        (with(change, "base", json!(-1)), "note-invalid"),
        (with(change, "author", json!("a-2")), "author-unknown"),
        (with(change, "customer", json!("c-2")), "note-gone"),
        (with(change, "id", json!("n-2")), "note-gone"),
        (with(remove, "base", json!("1")), "note-invalid"),
        (with(remove, "author", json!("nobody")), "author-unknown"),
    ];
    for (cseq, ((kind, args), code)) in (2..).zip(cases) {
        let result = tablet.decided(command_with(cseq, &kind, 1, &args)).await;
        assert_eq!(rejected(&result), (CommandStatus::Rejected, code), "{args}");
    }
    assert_eq!(kept(&tablet, "n-1").await.unwrap().text, "Likes 1");
}

#[tokio::test]
async fn another_store_s_notes_are_out_of_reach() {
    let tablet = tablet().await;
    let theirs = json!({"id": "n-9", "customer": "c-2", "text": "x", "author": "a-2", "written_at": "2026-05-31T10:00:00Z", "pinned": false});
    let scope = Scope::customers(&crate::testing::shop::store("2"));
    tablet.shop.put(scope, kind::NOTE, "n-9", &theirs).await;
    for command in [change(1, &theirs, 1, "y"), remove(2, &theirs, 1)] {
        let result = tablet.decided(command).await;
        assert_eq!(
            rejected(&result),
            (CommandStatus::Rejected, "customer-unknown")
        );
    }
    assert_eq!(kept(&tablet, "n-9").await.unwrap().text, "x");
}

#[tokio::test]
async fn an_old_version_is_taken_for_half_a_year_after_it_was_replaced() {
    let tablet = tablet().await;
    let mut pinned = note(2);
    pinned["pinned"] = json!(true);
    tablet
        .push(vec![
            add(1, &note(1)),
            command_with(2, kinds::NOTE_ADD, 2, &pinned),
        ])
        .await;
    assert!(!kept(&tablet, "n-1").await.unwrap().pinned);
    assert!(kept(&tablet, "n-2").await.unwrap().pinned);
    tablet.shop.bench.clock.advance(TimeDelta::days(360));
    let services = &tablet.shop.bench.services;
    let caller = crate::testing::shop::as_device(&tablet.device);
    let request = tablet.request(vec![
        add(3, &note(3)),
        command_with(4, kinds::NOTE_ADD, 2, &note(4)),
    ]);
    let response = super::push(services, &caller, &request).await.unwrap();
    let told: Vec<_> = response.results.iter().map(rejected).collect();
    assert_eq!(
        told,
        [(CommandStatus::Rejected, "version-too-old"), APPLIED]
    );
    let scope = Scope::customers(&tablet.device.store);
    let head = feed::read_head(&*services.ledger, &scope);
    assert_eq!(head.await.unwrap().seq, 4);
}
