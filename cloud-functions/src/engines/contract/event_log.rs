//! What every event log promises.

use crate::ports::backlog::{Backlog, DeadLetters, LetterId, Replay};
use crate::ports::events::Appended::{Duplicate, New};
use crate::ports::events::{CloudEvent, DeadLetter, Delivery, EventLog, LogError, MAX_APPEND};
use serde_json::value::RawValue;
use std::future::Future;
use std::sync::Arc;

/// All sides of a log.
pub(crate) trait Log: EventLog + Backlog + DeadLetters {}
impl<L: EventLog + Backlog + DeadLetters> Log for L {}

/// Runs the whole suite, each part on a log of its own.
pub(crate) async fn all<L: Log + 'static, F: Future<Output = L>>(make: impl Fn() -> F) {
    an_event_comes_back_as_it_was(&make().await).await;
    a_second_arrival_is_a_duplicate(&make().await).await;
    source_and_id_are_told_apart(&make().await).await;
    appenders_that_collide_claim_once(Arc::new(make().await)).await;
    deliveries_are_in_the_order_of_appending(&make().await).await;
    an_append_is_bounded(&make().await).await;
    a_cursor_moves_forward_only(&make().await).await;
    giving_up_keeps_the_letter_and_moves_on(&make().await).await;
    letters_come_in_pages(&make().await).await;
    a_replay_is_for_its_consumer_until_it_is_settled(&make().await).await;
    a_failed_replay_waits_for_somebody_to_ask_again(&make().await).await;
    appends_and_replays_are_told(&make().await).await;
}

pub(crate) fn event(id: &str) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".to_owned(),
        id: id.to_owned(),
        source: "/test".to_owned(),
        kind: "thing.happened.v1".to_owned(),
        time: "2026-06-01T12:00:00.123456Z".parse().unwrap(),
        partitionkey: "one".to_owned(),
        traceparent: None,
        data: RawValue::from_string(format!(r#"{{"id": "{id}",  "price": 1.10}}"#)).unwrap(),
    }
}

async fn append(log: &dyn Log, ids: &[&str]) {
    let events = ids.iter().map(|id| event(id)).collect();
    assert_eq!(log.append(events).await.unwrap(), vec![New; ids.len()]);
}

async fn read_all(log: &dyn Log) -> Vec<Delivery> {
    log.read_after(0, 1_000).await.unwrap()
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|d| d.event.id.as_str()).collect()
}

fn letter(consumer: &str, delivery: Delivery) -> DeadLetter {
    DeadLetter {
        consumer: consumer.to_owned(),
        delivery,
        attempts: 8,
        reason: "a reason".to_owned(),
        given_up_at: "2026-06-01T12:00:01Z".parse().unwrap(),
    }
}

/// Appends `count` events and gives each up for `consumer`.
async fn give_up_on(log: &dyn Log, consumer: &str, count: usize) -> Vec<LetterId> {
    let names: Vec<String> = (0..count).map(|n| format!("{consumer}-{n}")).collect();
    let before = read_all(log).await.len();
    append(log, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut given_up = Vec::new();
    for delivery in read_all(log).await.into_iter().skip(before) {
        let letter = letter(consumer, delivery);
        log.give_up(&letter).await.unwrap();
        given_up.push(LetterId::of(&letter));
    }
    given_up
}

async fn listed(log: &dyn Log, consumer: Option<&str>, after: Option<&LetterId>) -> Vec<LetterId> {
    let page = log.list(consumer, after, 100).await.unwrap();
    page.iter().map(LetterId::of).collect()
}

async fn an_event_comes_back_as_it_was(log: &dyn Log) {
    let mut sent = event("ä \"quoted\" \u{1f6d2}".replace('"', "'").as_str());
    sent.traceparent = Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    log.append(vec![sent.clone()]).await.unwrap();
    let read = &read_all(log).await[0];
    let json = |event: &CloudEvent| serde_json::to_string(event).unwrap();
    assert_eq!(json(&read.event), json(&sent));
    assert!(!read.replayed);
}

async fn a_second_arrival_is_a_duplicate(log: &dyn Log) {
    let twice = log.append(vec![event("a"), event("b"), event("a")]).await;
    assert_eq!(twice.unwrap(), [New, New, Duplicate]);
    let mut elsewhere = event("b");
    elsewhere.source = "/other".to_owned();
    let again = log.append(vec![event("a"), event("c"), elsewhere]).await;
    assert_eq!(again.unwrap(), [Duplicate, New, New]);
    assert_eq!(ids(&read_all(log).await), ["a", "b", "c", "b"]);
    assert_eq!(log.append(vec![]).await.unwrap(), []);
}

async fn source_and_id_are_told_apart(log: &dyn Log) {
    let pairs = [("/a", "bc"), ("/ab", "c"), ("/abc", ""), ("", "/abc")];
    let events = pairs.map(|(source, id)| CloudEvent {
        source: source.to_owned(),
        ..event(id)
    });
    let appended = log.append(events.to_vec()).await.unwrap();
    assert_eq!(appended, [New; 4]);
}

async fn appenders_that_collide_claim_once<L: Log + 'static>(log: Arc<L>) {
    let mut appenders = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let log = Arc::clone(&log);
        appenders.spawn(async move {
            let events = (0..50).map(|n| event(&n.to_string()));
            let appended = log.append(events.collect()).await.unwrap();
            appended.iter().filter(|one| **one == New).count()
        });
    }
    let claimed: usize = appenders.join_all().await.iter().sum();
    assert_eq!(claimed, 50);
    assert_eq!(read_all(log.as_ref()).await.len(), 50);
}

async fn deliveries_are_in_the_order_of_appending(log: &dyn Log) {
    append(log, &["c", "a"]).await;
    append(log, &["b"]).await;
    let all = read_all(log).await;
    assert_eq!(ids(&all), ["c", "a", "b"]);
    assert!(all.is_sorted_by(|a, b| a.sequence < b.sequence));
    assert!(all[0].sequence > 0);
    let page = log.read_after(all[0].sequence, 1).await.unwrap();
    assert_eq!(ids(&page), ["a"]);
    let end = log.read_after(all[2].sequence, 10).await.unwrap();
    assert_eq!(ids(&end), [""; 0]);
    let beyond = log.read_after(u64::MAX, 10).await.unwrap();
    assert_eq!(ids(&beyond), [""; 0]);
}

async fn an_append_is_bounded(log: &dyn Log) {
    let most = |count| (0..count).map(|n| event(&n.to_string())).collect();
    let outcome = log.append(most(MAX_APPEND + 1)).await;
    assert!(matches!(outcome, Err(LogError::TooMuch(_))));
    assert_eq!(read_all(log).await.len(), 0);
    assert!(log.append(most(MAX_APPEND)).await.is_ok());
}

async fn a_cursor_moves_forward_only(log: &dyn Log) {
    assert_eq!(log.cursor("one").await, Ok(0));
    log.advance("one", 5).await.unwrap();
    log.advance("one", 3).await.unwrap();
    assert_eq!(log.cursor("one").await, Ok(5));
    assert_eq!(log.cursor("two").await, Ok(0));
}

async fn giving_up_keeps_the_letter_and_moves_on(log: &dyn Log) {
    append(log, &["a", "b"]).await;
    let delivery = read_all(log).await.remove(0);
    let sequence = delivery.sequence;
    log.give_up(&letter("one", delivery)).await.unwrap();
    assert_eq!(log.cursor("one").await, Ok(sequence));
    let kept = log.list(None, None, 10).await.unwrap().remove(0);
    assert_eq!(kept.consumer, "one");
    assert_eq!(kept.delivery.event.id, "a");
    assert_eq!((kept.attempts, kept.reason.as_str()), (8, "a reason"));
    assert_eq!(kept.given_up_at.to_rfc3339(), "2026-06-01T12:00:01+00:00");
}

async fn letters_come_in_pages(log: &dyn Log) {
    let two = give_up_on(log, "two", 2).await;
    let one = give_up_on(log, "one", 3).await;
    let everything = [one.clone(), two.clone()].concat();
    assert_eq!(listed(log, None, None).await, everything);
    assert_eq!(listed(log, None, Some(&one[1])).await, everything[2..]);
    assert_eq!(listed(log, Some("two"), None).await, two);
    assert_eq!(listed(log, Some("two"), Some(&two[0])).await, two[1..]);
    assert_eq!(listed(log, Some("none"), None).await, []);
    let page = log.list(None, None, 2).await.unwrap();
    assert_eq!(page.len(), 2);
}

async fn a_replay_is_for_its_consumer_until_it_is_settled(log: &dyn Log) {
    let one = give_up_on(log, "one", 2).await;
    let two = give_up_on(log, "two", 2).await;
    let wanted = async |consumer: &str| {
        let replays = log.replays(consumer, 10).await.unwrap();
        replays.iter().map(LetterId::of).collect::<Vec<_>>()
    };
    assert_eq!(wanted("one").await, []);
    let ask = log.replay(&Replay::One(one[1].clone())).await;
    assert_eq!(ask, Ok(1));
    assert_eq!(wanted("one").await, one[1..]);
    let consumer = "two".to_owned();
    assert_eq!(log.replay(&Replay::All { consumer }).await, Ok(2));
    assert_eq!(wanted("two").await, two);
    assert_eq!(wanted("one").await, one[1..]);
    log.settle(&one[1]).await.unwrap();
    assert_eq!(wanted("one").await, []);
    assert_eq!(listed(log, Some("one"), None).await, one[..1]);
    assert_eq!(log.replay(&Replay::One(one[1].clone())).await, Ok(0));
}

async fn a_failed_replay_waits_for_somebody_to_ask_again(log: &dyn Log) {
    let one = give_up_on(log, "one", 1).await;
    log.advance("one", 1_000).await.unwrap();
    log.replay(&Replay::One(one[0].clone())).await.unwrap();
    let mut again = log.replays("one", 1).await.unwrap().remove(0);
    again.attempts += 1;
    log.give_up(&again).await.unwrap();
    assert_eq!(log.replays("one", 1).await.unwrap().len(), 0);
    let kept = log.list(None, None, 10).await.unwrap();
    assert_eq!(kept[0].attempts, 9);
    assert_eq!(log.cursor("one").await, Ok(1_000));
}

async fn appends_and_replays_are_told(log: &dyn Log) {
    let mut arrivals = log.arrivals();
    append(log, &["a"]).await;
    assert!(arrivals.has_changed().unwrap());
    arrivals.mark_unchanged();
    let consumer = "one".to_owned();
    log.replay(&Replay::All { consumer }).await.unwrap();
    assert!(arrivals.has_changed().unwrap());
}

/// What a log that rests on a disk promises besides: nothing changes over a restart.
pub(crate) async fn survives_a_restart<L: Log>(open: impl Fn() -> L) {
    let log = open();
    append(&log, &["a", "b"]).await;
    let sequences: Vec<u64> = read_all(&log).await.iter().map(|d| d.sequence).collect();
    let letters = give_up_on(&log, "one", 1).await;
    log.advance("two", sequences[0]).await.unwrap();
    drop(log);
    let log = open();
    assert_eq!(log.cursor("two").await, Ok(sequences[0]));
    assert_eq!(log.cursor("one").await, Ok(letters[0].sequence));
    assert_eq!(listed(&log, None, None).await, letters);
    let again = log.append(vec![event("a"), event("z")]).await;
    assert_eq!(again.unwrap(), [Duplicate, New]);
    let rest = log.read_after(sequences[0], 10).await.unwrap();
    assert_eq!(ids(&rest), ["b", "one-0", "z"]);
}
