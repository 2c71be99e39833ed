//! A device and a cloud over a real socket: joins, falls silent, comes back.

use super::*;
use crate::testing::{Bench, FakeCloud, until};
use domain::api::device::{
    AddNote, Delivery, ListUnsent, Notice, OpenCustomer, ReadBoard, ReadStatus, RefusalCode,
    Signal, Source, Status, Warning,
};
use domain::api::identity::DeviceKind;
use domain::ids::CustomerId;

const QUICK: Pace = Pace {
    sync: sync::Pace {
        first_retry_ms: 5,
        longest_retry_ms: 40,
        wait_ms: 400,
        rest_ms: 400,
        verify_every: 8,
    },
    model_every: Duration::from_secs(60),
    carts_every: Duration::from_millis(20),
};

fn zoe() -> CustomerId {
    CustomerId::parse("c-1").unwrap()
}

fn start_with_code(bench: &Bench) -> Running {
    start(&bench.device, Some("GOODCODE".into()), QUICK)
}

async fn status(bench: &Bench) -> Status {
    bench.ask(ReadStatus {}).await.unwrap()
}

async fn until_status(bench: &Bench, what: &str, holds: impl Fn(&Status) -> bool) -> Status {
    until(what, async || {
        let status = status(bench).await;
        holds(&status).then_some(status)
    })
    .await
}

/// A tablet that has joined and pulled everything, its model included, with Ana signed in.
async fn joined(cloud: &FakeCloud) -> (Bench, Running) {
    let bench = Bench::new(DeviceKind::Tablet, &cloud.url);
    let running = start_with_code(&bench);
    until_status(&bench, "complete", |status| {
        status.sync.complete && status.sync.online
    })
    .await;
    bench.sign_in("ana", "1357").await.unwrap();
    (bench, running)
}

async fn note(bench: &Bench, text: &str) {
    let (customer, text) = (zoe(), text.to_owned());
    let pinned = false;
    let note = AddNote {
        customer,
        text,
        pinned,
    };
    bench.ask(note).await.unwrap();
}

async fn until_notice(listener: &mut crate::Listener) -> Notice {
    let notice = async {
        loop {
            if let Some(Signal::Notice { notice }) = listener.next().await {
                return notice;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), notice)
        .await
        .expect("a notice")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_joins_pulls_and_recommends() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let status = status(&bench).await;
    assert_eq!(status.store.unwrap().name, "Harbour");
    assert_eq!(status.warnings, [Warning::KeyInFile]);
    until("recommended", async || {
        let card = bench
            .ask(OpenCustomer { customer: zoe() })
            .await
            .unwrap()
            .value;
        (!card.recommendations.is_empty()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_without_a_cloud_joins_when_it_comes() {
    let cloud = FakeCloud::start().await;
    cloud.set_there(false);
    let bench = Bench::new(DeviceKind::Tablet, &cloud.url);
    let _running = start_with_code(&bench);
    let offline = status(&bench).await;
    assert!(offline.warnings.contains(&Warning::NotEnrolled) && !offline.sync.complete);
    cloud.set_there(true);
    until_status(&bench, "joined", |status| status.sync.complete).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrolment_whose_answer_was_lost_is_the_same_enrolment() {
    let cloud = FakeCloud::start().await;
    cloud.lose_next_answer();
    let (bench, running) = joined(&cloud).await;
    let asked = cloud.enrolments();
    assert_eq!(asked.len(), 1, "one nonce");
    assert_eq!(asked.values().copied().collect::<Vec<_>>(), [2]);
    drop(running);
    let bench = bench.restart(&cloud.url).await;
    let _running = start(&bench.device, Some("ANOTHER1".into()), QUICK);
    until_status(&bench, "online again", |status| status.sync.online).await;
    assert_eq!(
        cloud.enrolments(),
        asked,
        "a device that has joined ignores a code"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_sent_at_once_and_shown_as_sent() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    note(&bench, "Likes wool").await;
    let notes = until("sent", async || {
        let card = bench
            .ask(OpenCustomer { customer: zoe() })
            .await
            .unwrap()
            .value;
        let unsent = bench.ask(ListUnsent {}).await.unwrap();
        (unsent.is_empty() && card.notes[0].state == Delivery::Sent).then_some(card.notes)
    })
    .await;
    assert_eq!((notes.len(), cloud.notes().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_offline_arrives_once_without_a_new_write() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    cloud.set_there(false);
    until_status(&bench, "offline", |status| !status.sync.online).await;
    note(&bench, "one").await;
    note(&bench, "two").await;
    assert_eq!(status(&bench).await.sync.unsent, 2);
    let mut listener = bench.device.listen();
    cloud.set_there(true);
    assert_eq!(
        until_notice(&mut listener).await,
        Notice::Sent { commands: 2 }
    );
    until_status(&bench, "drained", |status| {
        status.sync.unsent == 0 && status.sync.online
    })
    .await;
    let texts: Vec<_> = cloud
        .notes()
        .iter()
        .map(|note| note["text"].clone())
        .collect();
    assert_eq!(texts, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_not_double_a_note() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    cloud.lose_next_answer();
    note(&bench, "once").await;
    until_status(&bench, "drained", |status| status.sync.unsent == 0).await;
    assert_eq!(cloud.notes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_offline_keeps_everything() {
    let cloud = FakeCloud::start().await;
    let (bench, running) = joined(&cloud).await;
    until("the model", async || {
        bench.device.shared().model.read().map(drop)
    })
    .await;
    cloud.set_there(false);
    until_status(&bench, "offline", |status| !status.sync.online).await;
    note(&bench, "kept").await;
    drop(running);
    let bench = bench.restart(&cloud.url).await;
    let _running = start(&bench.device, None, QUICK);
    bench.sign_in("ana", "1357").await.unwrap();
    let card = bench.ask(OpenCustomer { customer: zoe() }).await.unwrap();
    assert!(card.as_of.is_some(), "as old as the last page");
    assert_eq!(card.value.notes[0].note.text, "kept");
    assert!(!card.value.recommendations.is_empty());
    cloud.set_there(true);
    until_status(&bench, "drained", |status| status.sync.unsent == 0).await;
    assert_eq!(cloud.notes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_waits_for_somebody() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    cloud.refuse_notes();
    let mut listener = bench.device.listen();
    note(&bench, "no").await;
    assert_eq!(
        until_notice(&mut listener).await,
        Notice::NeedsAttention { commands: 1 }
    );
    let kept = bench.ask(ListUnsent {}).await.unwrap();
    assert_eq!(kept[0].state, Delivery::Refused("Not so".into()));
    assert_eq!(kept[0].args["text"], "no");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_sees_the_board_while_online() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    bench.sign_in("mia", "2468").await.unwrap();
    let board = bench.ask(ReadBoard {}).await.unwrap();
    assert_eq!(
        (board.value.shoppers_now.value, board.source),
        (3, Source::Online)
    );
    cloud.change_keys();
    bench.ask(ReadBoard {}).await.unwrap();
    cloud.set_there(false);
    let refusal = bench.ask(ReadBoard {}).await.unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Offline);
    assert!(
        refusal.message.contains("board needs the network"),
        "{refusal}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_fetched_once() {
    let cloud = FakeCloud::start().await;
    let (bench, running) = joined(&cloud).await;
    until("the model", async || {
        bench.device.shared().model.read().map(drop)
    })
    .await;
    drop(running);
    let bench = bench.restart(&cloud.url).await;
    let _running = start(&bench.device, None, QUICK);
    until_status(&bench, "online", |status| status.sync.online).await;
    let tag = bench.device.shared().model.read().unwrap().etag;
    let fetched = bench
        .device
        .shared()
        .cloud
        .recommend_snapshot(tag.as_deref())
        .await;
    assert_eq!(fetched.unwrap(), None);
    assert_eq!(cloud.models_sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_forgets_everybody() {
    let cloud = FakeCloud::start().await;
    let (bench, running) = joined(&cloud).await;
    cloud.revoke();
    let after = until_status(&bench, "revoked", |status| status.team.is_empty()).await;
    assert!(after.warnings.contains(&Warning::Revoked) && after.session.is_none());
    assert!(bench.sign_in("ana", "1357").await.is_err());
    drop(running);
    let bench = bench.restart(&cloud.url).await;
    let _running = start_with_code(&bench);
    assert!(status(&bench).await.warnings.contains(&Warning::Revoked));
}

async fn notes_of(bench: &Bench) -> Vec<(String, Delivery)> {
    let card = bench.ask(OpenCustomer { customer: zoe() }).await.unwrap();
    let notes = card.value.notes.into_iter();
    notes.map(|view| (view.note.text, view.state)).collect()
}

async fn until_drained(bench: &Bench) {
    until_status(bench, "drained", |status| status.sync.unsent == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_takes_snapshots_part_by_part() {
    let cloud = FakeCloud::start().await;
    cloud.feeds(|feeds| feeds.snapshots = true);
    let bench = Bench::new(DeviceKind::Tablet, &cloud.url);
    let _running = start_with_code(&bench);
    let after = until_status(&bench, "complete", |status| status.sync.complete).await;
    assert_eq!(after.team.len(), 2);
    bench.sign_in("ana", "1357").await.unwrap();
    assert_eq!(notes_of(&bench).await, []);
    let (_, parts, repairs) = cloud.asked();
    assert!(
        parts > 5 && repairs == 0,
        "{parts} parts, {repairs} repairs"
    );
    note(&bench, "and then the feed").await;
    until_drained(&bench).await;
    let quiet = |status: &Status| status.sync.loading.is_none() && !status.sync.repairing;
    until_status(&bench, "at rest", quiet).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_differs_is_mended() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    cloud.feeds(|feeds| feeds.tamper("c-1", |customer| customer["name"]["given"] = "Zoe".into()));
    until("the same", async || {
        let card = bench.ask(OpenCustomer { customer: zoe() }).await.unwrap();
        (card.value.customer.name.given == "Zoe").then_some(())
    })
    .await;
    assert_eq!(cloud.asked().2, 1, "one repair does it");
    until_status(&bench, "at rest", |status| !status.sync.repairing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pokes_are_heard_until_the_cloud_goes() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    let (tell, mut told) = tokio::sync::mpsc::channel(8);
    let device = bench.device.clone();
    pokes::hear(&device, &tell).await;
    assert!(
        told.try_recv().is_err(),
        "without a stream nothing is heard"
    );
    cloud.open_pokes();
    let hearing = tokio::spawn(async move { pokes::hear(&device, &tell).await });
    assert_eq!(told.recv().await, Some(Event::Listening));
    cloud.feeds(|feeds| feeds.tamper("c-1", |_| {}));
    assert_eq!(told.recv().await, Some(Event::Poked));
    cloud.set_there(false);
    hearing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_stream_everything_arrives_too() {
    let cloud = FakeCloud::start().await;
    cloud.open_pokes();
    let (bench, _running) = joined(&cloud).await;
    note(&bench, "one").await;
    let sent = [("one".to_owned(), Delivery::Sent)];
    until("confirmed", async || {
        (notes_of(&bench).await == sent).then_some(())
    })
    .await;
    cloud.set_there(false);
    until_status(&bench, "offline", |status| !status.sync.online).await;
    note(&bench, "two").await;
    cloud.set_there(true);
    until("confirmed, too", async || {
        let notes = notes_of(&bench).await;
        (notes.len() == 2 && notes.iter().all(|(_, state)| *state == Delivery::Sent)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_cloud_gets_what_it_lost_of_the_queue() {
    let cloud = FakeCloud::start().await;
    cloud.feeds(|feeds| feeds.snapshots = true);
    let (bench, _running) = joined(&cloud).await;
    note(&bench, "lost with the cloud").await;
    until("confirmed", async || {
        bench
            .ask(ListUnsent {})
            .await
            .unwrap()
            .is_empty()
            .then_some(())
    })
    .await;
    let sent =
        |notes: &[(String, Delivery)]| notes.iter().all(|(_, state)| *state == Delivery::Sent);
    until("here", async || sent(&notes_of(&bench).await).then_some(())).await;
    cloud.set_there(false);
    note(&bench, "kept through it").await;
    cloud.restore();
    cloud.set_there(true);
    until("as the cloud has it", async || {
        let notes = notes_of(&bench).await;
        (notes == [("kept through it".to_owned(), Delivery::Sent)]).then_some(())
    })
    .await;
    assert_eq!(cloud.notes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_tablet_does_not_reuse_numbers() {
    let cloud = FakeCloud::start().await;
    cloud.decided_before(&["q-a", "q-b", "q-c"]);
    let (bench, _running) = joined(&cloud).await;
    note(&bench, "one").await;
    note(&bench, "two").await;
    until_drained(&bench).await;
    assert_eq!(cloud.notes().len(), 2);
    assert_eq!(status(&bench).await.sync.needs_attention, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_command_waits_for_somebody_and_stops_no_other() {
    let cloud = FakeCloud::start().await;
    let (bench, _running) = joined(&cloud).await;
    cloud.set_there(false);
    for text in ["before", "poison", "after", "long after"] {
        note(&bench, text).await;
    }
    cloud.set_there(true);
    until_drained(&bench).await;
    let texts: Vec<_> = cloud
        .notes()
        .iter()
        .map(|note| note["text"].clone())
        .collect();
    assert_eq!(texts, ["before", "after", "long after"]);
    let kept = bench.ask(ListUnsent {}).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].state, Delivery::Refused("is poison".into()));
    assert_eq!(kept[0].code.as_deref(), Some("invalid-request"));
    assert_eq!(kept[0].about.as_deref(), Some("Zoë Łukasz"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloud_that_takes_no_compressed_requests_gets_plain_ones() {
    let cloud = FakeCloud::start().await;
    cloud.take_plain_only();
    let (bench, _running) = joined(&cloud).await;
    cloud.set_there(false);
    for text in ["one", "two", "three"] {
        note(&bench, text).await;
    }
    cloud.set_there(true);
    until_drained(&bench).await;
    assert_eq!(cloud.notes().len(), 3);
}
