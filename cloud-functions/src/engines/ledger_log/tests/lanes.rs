//! Several lanes: an order for each partition key, and nothing between lanes.

use super::{Lanes, LedgerEventLog, event, ids, log};
use crate::engines::memory::MemoryLedger;
use crate::host::pump::{Policy, Pump};
use crate::host::stop::stop;
use crate::ports::backlog::{Backlog, DeadLetters, LetterId, Replay};
use crate::ports::events::Appended::{Duplicate, New};
use crate::ports::events::{
    CloudEvent, Consumed, Consumer, DeadLetter, Delivery, EventLog, Failed, LogError,
};
use crate::ports::ledger::MAX_BODY_BYTES;
use crate::testing::ManualClock;
use async_trait::async_trait;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

const LANES: u64 = 4;

fn lanes() -> Lanes {
    Lanes::new(LANES).unwrap()
}

/// Two processes over one ledger.
fn two() -> [LedgerEventLog; 2] {
    let ledger = MemoryLedger::default();
    [1, 2].map(|process| log(Arc::new(ledger.clone()), lanes(), process))
}

/// Events of `keys` keys in turn.
fn events(count: usize, keys: usize) -> Vec<CloudEvent> {
    let one = |n| event(&format!("{n:04}"), &format!("key {}", n % keys));
    (0..count).map(one).collect()
}

async fn read(log: &LedgerEventLog, lane: u64) -> Vec<Delivery> {
    log.lane(lane).unwrap().read_after(0, 1_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_keeps_its_order_and_its_lane() {
    let [log, _] = two();
    assert_eq!(log.append(events(1_000, 40)).await, Ok(vec![New; 1_000]));
    let (mut found, mut places) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
    for lane in lanes().all() {
        let read = read(&log, lane).await;
        assert!(!read.is_empty(), "40 keys are in all lanes");
        assert!(read.is_sorted_by(|a, b| a.sequence < b.sequence));
        for delivery in read {
            assert_eq!(lanes().of_key(&delivery.event.partitionkey), lane);
            places.push(delivery.sequence);
            let ids = found.entry(delivery.event.partitionkey).or_default();
            ids.push(delivery.event.id);
        }
    }
    places.sort_unstable();
    places.dedup();
    assert_eq!((found.len(), places.len()), (40, 1_000));
    assert!(found.values().all(|ids| ids.len() == 25 && ids.is_sorted()));
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_count_by_themselves() {
    let [log, _] = two();
    let all = events(60, 30);
    let (first, rest): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|event| lanes().of_key(&event.partitionkey) == 2);
    log.append(first.clone()).await.unwrap();
    let before: Vec<u64> = read(&log, 2).await.iter().map(|d| d.sequence).collect();
    let expected: Vec<u64> = (1..=first.len() as u64).map(|n| n * LANES + 2).collect();
    assert_eq!(before, expected);
    log.append(rest).await.unwrap();
    let after: Vec<u64> = read(&log, 2).await.iter().map(|d| d.sequence).collect();
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_collide_claim_once() {
    let logs = two();
    let mut appends = tokio::task::JoinSet::new();
    for log in logs.iter().cycle().take(8) {
        let log = log.clone();
        appends.spawn(async move {
            let appended = log.append(events(300, 40)).await.unwrap();
            appended.iter().filter(|one| **one == New).count()
        });
    }
    assert_eq!(appends.join_all().await.iter().sum::<usize>(), 300);
    let mut found = 0;
    for lane in lanes().all() {
        let (one, two) = (read(&logs[0], lane).await, read(&logs[1], lane).await);
        assert_eq!(ids(&one), ids(&two));
        found += one.len();
    }
    assert_eq!(found, 300);
}

#[tokio::test]
async fn one_event_of_two_keys_is_there_once() {
    let [log, _] = two();
    let keys = ["key 1", "key 3"];
    assert_ne!(lanes().of_key(keys[0]), lanes().of_key(keys[1]));
    let [a, b] = keys.map(|key| event("same", key));
    let mut appended = log.append(vec![a, b]).await.unwrap();
    appended.sort_by_key(|one| *one == Duplicate);
    assert_eq!(appended, [New, Duplicate]);
}

#[tokio::test]
async fn another_number_of_lanes_is_refused() {
    let ledger = MemoryLedger::default();
    let four = log(Arc::new(ledger.clone()), lanes(), 1);
    four.append(vec![event("a", "k")]).await.unwrap();
    let one = log(Arc::new(ledger), Lanes::ONE, 2);
    let refused = one.append(vec![event("b", "k")]).await.unwrap_err();
    assert!(
        refused.to_string().contains("made with 4 lanes"),
        "{refused}"
    );
    let refused = one.first_lane().read_after(0, 1).await.unwrap_err();
    assert!(refused.to_string().contains("told 1"), "{refused}");
    assert!(four.lane(3).is_some() && four.lane(4).is_none());
}

#[tokio::test]
async fn an_event_that_could_not_be_kept_is_refused_with_all_beside_it() {
    let [log, _] = two();
    let mut large = event("large", "k");
    large.data = RawValue::from_string(format!("\"{}\"", "x".repeat(MAX_BODY_BYTES))).unwrap();
    let refused = log.append(vec![event("a", "k"), large]).await;
    assert!(matches!(refused, Err(LogError::TooMuch(_))));
    let lane = lanes().of_key("k");
    assert_eq!(read(&log, lane).await.len(), 0);
    // Together more than a batch of the ledger holds.
    let data = RawValue::from_string(format!("\"{}\"", "x".repeat(300_000))).unwrap();
    let heavy = (0..40).map(|n| CloudEvent {
        data: data.clone(),
        ..event(&n.to_string(), "k")
    });
    assert_eq!(log.append(heavy.collect()).await, Ok(vec![New; 40]));
    assert_eq!(read(&log, lane).await.len(), 40);
}

#[tokio::test]
async fn attempts_are_counted_in_a_row() {
    let [log, other] = two();
    let lane = log.lane(1).unwrap();
    for expected in 1..=3 {
        assert_eq!(lane.count_attempt("one", 5).await, Ok(expected));
    }
    assert_eq!(lane.count_attempt("two", 5).await, Ok(1));
    assert_eq!(other.lane(1).unwrap().count_attempt("one", 5).await, Ok(4));
    assert_eq!(lane.count_attempt("one", 9).await, Ok(1));
}

#[tokio::test]
async fn letters_of_all_lanes_are_replayed_by_their_own_lane() {
    let [log, _] = two();
    log.append(events(120, 40)).await.unwrap();
    for lane in lanes().all() {
        for delivery in read(&log, lane).await {
            let letter = DeadLetter {
                consumer: "one".to_owned(),
                delivery,
                attempts: 1,
                reason: "it is bad".to_owned(),
                given_up_at: "2026-06-01T12:00:00Z".parse().unwrap(),
            };
            log.lane(lane).unwrap().give_up(&letter).await.unwrap();
        }
    }
    let listed = log.list(Some("one"), None, 500).await.unwrap();
    assert!(listed.len() == 120 && listed.is_sorted_by_key(LetterId::of));
    let consumer = "one".to_owned();
    assert_eq!(log.replay(&Replay::All { consumer }).await, Ok(120));
    let mut wanted = 0;
    for lane in lanes().all() {
        for letter in log.lane(lane).unwrap().replays("one", 500).await.unwrap() {
            assert_eq!(lanes().of_place(letter.delivery.sequence), lane);
            log.lane(lane)
                .unwrap()
                .settle(&LetterId::of(&letter))
                .await
                .unwrap();
            wanted += 1;
        }
    }
    assert_eq!(wanted, 120);
    assert!(log.list(None, None, 500).await.unwrap().is_empty());
}

/// Keeps what it was given, and fails at each event once.
struct Fickle {
    failed: Mutex<Vec<String>>,
    taken: watch::Sender<Vec<Delivery>>,
}

#[async_trait]
impl Consumer for Fickle {
    fn name(&self) -> &'static str {
        "fickle"
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        for delivery in batch {
            let mut failed = self.failed.lock().unwrap();
            if !failed.contains(&delivery.event.id) {
                failed.push(delivery.event.id.clone());
                return Err(Failed {
                    sequence: delivery.sequence,
                    reason: "not yet".to_owned(),
                });
            }
            self.taken.send_modify(|taken| taken.push(delivery.clone()));
        }
        Ok(())
    }
}

/// The mark that a consumer keeps with what it makes of one key's events only grows: each event is new to it once.
#[tokio::test(start_paused = true)]
async fn a_pump_for_each_lane_takes_each_event_in_the_order_of_its_key() {
    let [log, other] = two();
    let consumer = Arc::new(Fickle {
        failed: Mutex::default(),
        taken: watch::Sender::default(),
    });
    let (stopper, stop) = stop();
    let mut pumps = tokio::task::JoinSet::new();
    for lane in lanes().all() {
        let backlog = Arc::new(log.lane(lane).unwrap());
        let clock = ManualClock::new();
        let pump = Pump::new(backlog, consumer.clone(), clock, Policy::default());
        pumps.spawn(pump.run(stop.clone()));
    }
    let (one, two) = tokio::join!(log.append(events(80, 20)), other.append(events(120, 20)));
    let new = [one.unwrap(), two.unwrap()].concat();
    assert_eq!(new.iter().filter(|one| **one == New).count(), 120);
    let mut taken = consumer.taken.subscribe();
    let different = |taken: &Vec<Delivery>| {
        let ids: BTreeSet<_> = taken.iter().map(|d| d.event.id.as_str()).collect();
        ids.len()
    };
    let all_taken = taken.wait_for(|taken| different(taken) == 120).await;
    drop(all_taken.unwrap());
    stopper.stop();
    pumps.join_all().await;
    let mut through = BTreeMap::<String, (u64, usize)>::new();
    for delivery in &*consumer.taken.borrow() {
        let (mark, fresh) = through
            .entry(delivery.event.partitionkey.clone())
            .or_default();
        if delivery.sequence > *mark {
            *mark = delivery.sequence;
            *fresh += 1;
        }
    }
    // Were one event of a key to come after a later one, it would be taken for one that was taken.
    assert_eq!(through.values().map(|(_, fresh)| fresh).sum::<usize>(), 120);
}
