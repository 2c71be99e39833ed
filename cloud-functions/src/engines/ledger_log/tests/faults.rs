//! Whatever happens to its writes, an event is in its lane once, in order, and nobody reads past one that is to come.

use super::shaky::Shaky;
use super::{Lanes, LedgerEventLog, event, ids, log};
use crate::engines::memory::MemoryLedger;
use crate::ports::backlog::{Backlog, DeadLetters, LetterId, Replay};
use crate::ports::events::Appended::{self, Duplicate, New};
use crate::ports::events::{CloudEvent, DeadLetter, Delivery, EventLog, LogError};
use crate::testing::faults::{Fault, FaultyLedger};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Processes, each with its own log.
const PROCESSES: u64 = 2;
/// Tasks in each that append.
const APPENDERS: u64 = 3;
/// Events that everybody appends.
const SHARED: u64 = 6;
const KEYS: u64 = 5;
/// How often an append is tried by who appends.
const PATIENCE: usize = 2_000;

/// What was said of each event in an append that succeeded.
type Told = Vec<(String, Appended)>;

/// Events of an appender: its own, numbered, and among them some that everybody appends.
fn events_of(appender: u64, count: u64) -> Vec<CloudEvent> {
    let own = (0..count).map(|n| event(&format!("{appender}/{n:04}"), &format!("k{}", n % KEYS)));
    let shared = (0..SHARED).map(|n| event(&format!("shared/{n}"), &format!("k{}", n % KEYS)));
    own.chain(shared).collect()
}

/// Appends in portions until each is told; who is refused comes again with the same.
async fn append_all(log: LedgerEventLog, events: Vec<CloudEvent>, portion: usize) -> Told {
    let mut told = Vec::new();
    for portion in events.chunks(portion) {
        let mut tries = 0;
        let appended = loop {
            match log.append(portion.to_vec()).await {
                Ok(appended) => break appended,
                Err(LogError::Unavailable(_)) if tries < PATIENCE => tries += 1,
                Err(error) => panic!("{error}"),
            }
        };
        told.extend(portion.iter().map(|e| e.id.clone()).zip(appended));
    }
    told
}

/// Rounds without anything new after which a reader goes home: appenders come on between any two.
const IDLE_ROUNDS: usize = 50_000;

/// Reads each lane while others append, until as many events were seen, or none come any more; answers what was seen of
/// each lane.
async fn follow(log: LedgerEventLog, count: usize) -> Vec<Vec<Delivery>> {
    let mut seen: Vec<Vec<Delivery>> = log.lanes().all().map(|_| Vec::new()).collect();
    let mut idle = 0;
    while idle < IDLE_ROUNDS && seen.iter().map(Vec::len).sum::<usize>() < count {
        idle += 1;
        for (lane, seen) in log.lanes().all().zip(&mut seen) {
            let after = seen.last().map_or(0, |delivery| delivery.sequence);
            let page = log.lane(lane).unwrap().read_after(after, 7).await;
            // Settling the lanes may be refused.
            let page = page.unwrap_or_default();
            if !page.is_empty() {
                idle = 0;
            }
            seen.extend(page);
        }
        tokio::task::yield_now().await;
    }
    seen
}

async fn race(seed: u64, lanes: Lanes, count: u64, portion: usize) {
    let ledger = MemoryLedger::default();
    let mut appends = tokio::task::JoinSet::new();
    let mut expected = BTreeSet::new();
    for process in 0..PROCESSES {
        let shaky = Arc::new(Shaky::new(ledger.clone(), seed + process));
        let log = log(shaky, lanes, 1 + process);
        for appender in 0..APPENDERS {
            let events = events_of(process * APPENDERS + appender, count);
            expected.extend(events.iter().map(|event| event.id.clone()));
            appends.spawn(append_all(log.clone(), events, portion));
        }
    }
    let reader = Arc::new(Shaky::new(ledger.clone(), seed + 77));
    let reader = follow(log(reader, lanes, 99), expected.len());
    let (told, seen) = tokio::join!(appends.join_all(), reader);
    let calm = log(Arc::new(ledger), lanes, 100);
    for (lane, seen) in lanes.all().zip(&seen) {
        let end = calm.lane(lane).unwrap().read_after(0, 1_000).await.unwrap();
        // What was read while it was written is what is there: nothing appeared behind the reader's back.
        assert_eq!(ids(seen), ids(&end));
        assert!(
            end.iter()
                .all(|d| lanes.of_key(&d.event.partitionkey) == lane)
        );
    }
    let all: Vec<Delivery> = seen.into_iter().flatten().collect();
    assert_eq!(all.len(), expected.len(), "each event once");
    assert_eq!(
        ids(&all)
            .into_iter()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>(),
        expected
    );
    check_order(&all);
    check_told(told.iter().flatten());
}

/// Own events of an appender with the same key are in the order in which it appended them.
fn check_order(all: &[Delivery]) {
    let mut last: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for delivery in all {
        let (appender, number) = delivery.event.id.split_once('/').unwrap();
        if appender == "shared" {
            continue;
        }
        let before = last.insert((appender, &delivery.event.partitionkey), number);
        assert!(before < Some(number), "{appender}: {before:?} {number}");
    }
}

/// Nobody is told that an event was new that was new to somebody else.
fn check_told<'a>(told: impl Iterator<Item = &'a (String, Appended)>) {
    let mut new = BTreeSet::new();
    for (id, appended) in told {
        assert!(
            *appended == Duplicate || new.insert(id),
            "{id} was new twice"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_event_is_there_once_and_in_order_whatever_fails(
        seed in any::<u32>(), lanes in 1..4_u64, count in 0..60_u64, portion in 1..130_usize,
    ) {
        let lanes = Lanes::new(lanes).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(race(seed.into(), lanes, count, portion));
    }
}

fn faulty(faults: &[Option<Fault>]) -> (Arc<FaultyLedger>, LedgerEventLog) {
    let ledger = FaultyLedger::over(Arc::new(MemoryLedger::default()));
    // The first write tells how many lanes there are.
    let all: Vec<_> = [None].into_iter().chain(faults.iter().copied()).collect();
    ledger.next_writes(&all);
    (ledger.clone(), log(ledger, Lanes::ONE, 1))
}

#[tokio::test]
async fn a_write_whose_outcome_is_unknown_is_new_once() {
    for fault in [Fault::DoneUntold, Fault::LostUntold] {
        let (ledger, log) = faulty(&[Some(fault), None]);
        let events = vec![event("a", "k"), event("b", "k"), event("a", "k")];
        let appended = log.append(events.clone()).await;
        assert_eq!(appended, Ok(vec![New, New, Duplicate]), "{fault:?}");
        assert_eq!(log.append(events).await, Ok(vec![Duplicate; 3]));
        let read = log.first_lane().read_after(0, 10).await.unwrap();
        assert_eq!(ids(&read), ["a", "b"]);
        assert!(ledger.writes_left() <= 1);
    }
}

#[tokio::test]
async fn a_refused_write_is_told_and_leaves_nothing() {
    let (ledger, log) = faulty(&[Some(Fault::Refused)]);
    let refused = log.append(vec![event("a", "k")]).await;
    assert_eq!(refused, Err(LogError::Unavailable("busy".to_owned())));
    assert!(ledger.is_spent());
    assert_eq!(log.append(vec![event("a", "k")]).await, Ok(vec![New]));
}

/// Each batch of a large append is lost once: what is told is still right.
#[tokio::test]
async fn a_large_append_between_faults_is_whole() {
    let faults = [Fault::DoneUntold, Fault::LostUntold].map(Some).repeat(10);
    let (_ledger, log) = faulty(&faults);
    let events: Vec<_> = (0..1_000).map(|n| event(&n.to_string(), "k")).collect();
    assert_eq!(log.append(events).await, Ok(vec![New; 1_000]));
    let read = log.first_lane().read_after(0, 1_000).await.unwrap();
    let expected: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    assert_eq!(ids(&read), expected);
    assert!(read.iter().map(|d| d.sequence).eq(1..=1_000));
}

#[tokio::test]
async fn giving_up_and_settling_are_done_though_their_outcomes_are_unknown() {
    use Fault::{DoneUntold, LostUntold};
    let (ledger, log) = faulty(&[]);
    log.append(vec![event("a", "k")]).await.unwrap();
    let lane = log.first_lane();
    let letter = DeadLetter {
        consumer: "one".to_owned(),
        delivery: lane.read_after(0, 1).await.unwrap().remove(0),
        attempts: 1,
        reason: "ä".repeat(5_000),
        given_up_at: "2026-06-01T12:00:00Z".parse().unwrap(),
    };
    ledger.next_writes(&[Some(LostUntold), Some(DoneUntold), None]);
    lane.give_up(&letter).await.unwrap();
    assert_eq!(lane.cursor("one").await, Ok(1));
    assert_eq!(
        log.list(None, None, 9).await.unwrap()[0].reason,
        "ä".repeat(2_000)
    );
    ledger.next_writes(&[Some(DoneUntold), None]);
    let consumer = "one".to_owned();
    assert_eq!(log.replay(&Replay::All { consumer }).await, Ok(1));
    assert_eq!(lane.replays("one", 9).await.unwrap().len(), 1);
    ledger.next_writes(&[Some(LostUntold), Some(DoneUntold), None]);
    lane.settle(&LetterId::of(&letter)).await.unwrap();
    assert_eq!(log.list(None, None, 9).await.unwrap().len(), 0);
    assert_eq!(lane.replays("one", 9).await.unwrap().len(), 0);
}
