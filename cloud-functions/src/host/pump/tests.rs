//! A consumer that fails as it is told, in virtual time.

use super::{Policy, Pump};
use crate::engines::memory::MemoryEventLog;
use crate::host::stop::{Stopper, stop};
use crate::ports::backlog::{Backlog, DeadLetters, LetterId, Replay};
use crate::ports::events::{
    CloudEvent, Consumed, Consumer, DeadLetter, Delivery, EventLog, Failed, LogError,
};
use crate::testing::ManualClock;
use async_trait::async_trait;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Counts what it takes; fails or panics at an event as often as it is told.
#[derive(Default)]
struct Fickle {
    state: Mutex<State>,
    calls: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    taken: Vec<(String, bool)>,
    failures: BTreeMap<String, u32>,
    panics: BTreeMap<String, u32>,
    hangs: BTreeMap<String, u32>,
}

fn spend(budget: &mut BTreeMap<String, u32>, id: &str) -> bool {
    let left = budget.get_mut(id).filter(|left| **left > 0);
    left.map(|left| *left -= 1).is_some()
}

#[async_trait]
impl Consumer for Fickle {
    fn name(&self) -> &'static str {
        "fickle"
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        self.calls.send_modify(|calls| *calls += 1);
        for delivery in batch {
            let id = &delivery.event.id;
            let panics = spend(&mut self.state.lock().unwrap().panics, id);
            assert!(!panics, "told to panic at {id}");
            if spend(&mut self.state.lock().unwrap().hangs, id) {
                std::future::pending::<()>().await;
            }
            let mut state = self.state.lock().unwrap();
            if spend(&mut state.failures, id) {
                return Err(Failed {
                    sequence: delivery.sequence,
                    reason: "told to".to_owned(),
                });
            }
            state.taken.push((id.clone(), delivery.replayed));
        }
        Ok(())
    }
}

impl Fickle {
    fn taken(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.taken.iter().map(|(id, _)| id.clone()).collect()
    }

    fn fail(&self, id: &str, times: u32) {
        let mut state = self.state.lock().unwrap();
        state.failures.insert(id.to_owned(), times);
    }
}

struct Running {
    log: MemoryEventLog,
    consumer: Arc<Fickle>,
    stopper: Stopper,
    pump: JoinHandle<()>,
}

fn event(id: &str) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".to_owned(),
        id: id.to_owned(),
        source: "/test".to_owned(),
        kind: "thing.happened.v1".to_owned(),
        time: "2026-06-01T12:00:00Z".parse().unwrap(),
        partitionkey: "one".to_owned(),
        traceparent: None,
        data: RawValue::from_string("{}".to_owned()).unwrap(),
    }
}

const POLICY: Policy = Policy {
    attempts_max: 4,
    first_pause: Duration::from_millis(50),
    max_pause: Duration::from_secs(30),
    patience: Duration::from_secs(60),
    poll: Duration::from_secs(3_600),
};

impl Running {
    fn start(consumer: Fickle) -> Self {
        Self::start_on(MemoryEventLog::default(), consumer)
    }

    fn start_on(log: MemoryEventLog, consumer: Fickle) -> Self {
        let consumer = Arc::new(consumer);
        let (stopper, stop) = stop();
        let taker: Arc<dyn Consumer> = consumer.clone();
        let pump = Pump::new(Arc::new(log.clone()), taker, ManualClock::new(), POLICY);
        Self {
            log,
            consumer,
            stopper,
            pump: tokio::spawn(pump.run(stop)),
        }
    }

    async fn append(&self, ids: &[&str]) {
        let events = ids.iter().map(|id| event(id)).collect();
        self.log.append(events).await.unwrap();
    }

    /// Lets virtual time run until the cursor has come so far.
    async fn until_cursor(&self, sequence: u64) {
        let passed = async {
            while self.log.cursor("fickle").await.unwrap() < sequence {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let hour = Duration::from_secs(3_600);
        tokio::time::timeout(hour, passed)
            .await
            .expect("the pump goes on");
    }

    async fn until_letters(&self, count: usize, attempts: u32) {
        let passed = async {
            loop {
                let letters = self.log.list(None, None, 10).await.unwrap();
                if letters.len() == count && letters.iter().all(|l| l.attempts == attempts) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let hour = Duration::from_secs(3_600);
        tokio::time::timeout(hour, passed)
            .await
            .expect("the letters change");
    }
}

#[tokio::test(start_paused = true)]
async fn an_append_wakes_the_pump_long_before_it_would_ask() {
    let running = Running::start(Fickle::default());
    running.append(&["a", "b"]).await;
    running.until_cursor(2).await;
    running.append(&["c"]).await;
    running.until_cursor(3).await;
    assert_eq!(running.consumer.taken(), ["a", "b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn appends_that_nobody_told_are_found_by_asking() {
    let log = MemoryEventLog::default();
    let unheard = Deaf(log.clone());
    let consumer = Arc::new(Fickle::default());
    let (_stopper, stop) = stop();
    let pump = Pump::new(
        Arc::new(unheard),
        consumer.clone(),
        ManualClock::new(),
        POLICY,
    );
    let pump = tokio::spawn(pump.run(stop));
    tokio::time::sleep(Duration::from_secs(1)).await;
    log.append(vec![event("a")]).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(consumer.taken(), [""; 0]);
    tokio::time::sleep(POLICY.poll).await;
    assert_eq!(consumer.taken(), ["a"]);
    pump.abort();
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_again_and_nothing_is_passed_over() {
    let consumer = Fickle::default();
    consumer.fail("b", 3);
    let running = Running::start(consumer);
    running.append(&["a", "b", "c"]).await;
    running.until_cursor(3).await;
    assert_eq!(running.consumer.taken(), ["a", "b", "c"]);
    assert_eq!(running.log.list(None, None, 10).await.unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_before_a_failure_is_not_delivered_again() {
    let consumer = Fickle::default();
    consumer.fail("c", 2);
    let running = Running::start(consumer);
    running.append(&["a", "b", "c", "d"]).await;
    running.until_cursor(4).await;
    assert_eq!(running.consumer.taken(), ["a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_always_fails_becomes_a_dead_letter_and_the_rest_goes_on() {
    let consumer = Fickle::default();
    consumer.fail("b", u32::MAX);
    let running = Running::start(consumer);
    running.append(&["a", "b", "c"]).await;
    running.until_cursor(3).await;
    assert_eq!(running.consumer.taken(), ["a", "c"]);
    let letters = running.log.list(None, None, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].delivery.event.id, "b");
    assert_eq!(letters[0].attempts, POLICY.attempts_max);
    assert_eq!(letters[0].reason, "told to");
}

#[tokio::test(start_paused = true)]
async fn attempts_of_one_event_do_not_count_for_the_next() {
    let consumer = Fickle::default();
    consumer.fail("a", 3);
    consumer.fail("b", 3);
    let running = Running::start(consumer);
    running.append(&["a", "b"]).await;
    running.until_cursor(2).await;
    assert_eq!(running.consumer.taken(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_costs_one_event_not_the_pump() {
    let consumer = Fickle::default();
    let panics = BTreeMap::from([("c".to_owned(), u32::MAX)]);
    consumer.state.lock().unwrap().panics = panics;
    let running = Running::start(consumer);
    running.append(&["a", "b", "c", "d"]).await;
    running.until_cursor(4).await;
    // "a" and "b" come again after the panic in the middle of their batch: at least once.
    assert_eq!(running.consumer.taken(), ["a", "b", "a", "b", "d"]);
    let letters = running.log.list(None, None, 10).await.unwrap();
    assert_eq!(letters[0].delivery.event.id, "c");
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_hangs_costs_one_event_not_the_pump() {
    let consumer = Fickle::default();
    let hangs = BTreeMap::from([("b".to_owned(), u32::MAX)]);
    consumer.state.lock().unwrap().hangs = hangs;
    let running = Running::start(consumer);
    running.append(&["a", "b", "c"]).await;
    running.until_cursor(3).await;
    assert_eq!(running.consumer.taken(), ["a", "a", "c"]);
    let letters = running.log.list(None, None, 10).await.unwrap();
    assert_eq!(letters[0].delivery.event.id, "b");
    assert_eq!(letters[0].reason, "the consumer took too long");
}

#[tokio::test(start_paused = true)]
async fn a_replayed_letter_is_marked_and_gone_once_it_is_taken() {
    let consumer = Fickle::default();
    consumer.fail("a", POLICY.attempts_max);
    let running = Running::start(consumer);
    running.append(&["a", "b"]).await;
    running.until_cursor(2).await;
    let letter = running.log.list(None, None, 10).await.unwrap().remove(0);
    let replay = Replay::One(LetterId::of(&letter));
    assert_eq!(running.log.replay(&replay).await, Ok(1));
    running.until_letters(0, 0).await;
    let state = running.consumer.state.lock().unwrap();
    let expected = [("b".to_owned(), false), ("a".to_owned(), true)];
    assert_eq!(state.taken, expected);
}

#[tokio::test(start_paused = true)]
async fn a_replay_that_fails_stays_a_letter_and_stops_nothing() {
    let consumer = Fickle::default();
    consumer.fail("a", u32::MAX);
    let running = Running::start(consumer);
    running.append(&["a"]).await;
    running.until_cursor(1).await;
    let consumer = "fickle".to_owned();
    running.log.replay(&Replay::All { consumer }).await.unwrap();
    running.append(&["b"]).await;
    running.until_letters(1, POLICY.attempts_max + 1).await;
    running.until_cursor(2).await;
    assert_eq!(running.consumer.taken(), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn a_pump_that_is_stopped_ends_and_another_goes_on_where_it_was() {
    let first = Running::start(Fickle::default());
    first.append(&["a"]).await;
    first.until_cursor(1).await;
    first.stopper.stop();
    first.pump.await.unwrap();
    let second = Running::start_on(first.log, Fickle::default());
    second.append(&["b"]).await;
    second.until_cursor(2).await;
    assert_eq!(second.consumer.taken(), ["b"]);
}

/// A log whose appends happen in another process.
struct Deaf(MemoryEventLog);

#[async_trait]
impl Backlog for Deaf {
    async fn read_after(&self, sequence: u64, limit: usize) -> Result<Vec<Delivery>, LogError> {
        self.0.read_after(sequence, limit).await
    }
    async fn cursor(&self, consumer: &str) -> Result<u64, LogError> {
        self.0.cursor(consumer).await
    }
    async fn advance(&self, consumer: &str, sequence: u64) -> Result<(), LogError> {
        self.0.advance(consumer, sequence).await
    }
    async fn give_up(&self, letter: &DeadLetter) -> Result<(), LogError> {
        self.0.give_up(letter).await
    }
    async fn replays(&self, consumer: &str, limit: usize) -> Result<Vec<DeadLetter>, LogError> {
        self.0.replays(consumer, limit).await
    }
    async fn settle(&self, letter: &LetterId) -> Result<(), LogError> {
        self.0.settle(letter).await
    }
    fn arrivals(&self) -> watch::Receiver<u64> {
        watch::channel(0).1
    }
}
