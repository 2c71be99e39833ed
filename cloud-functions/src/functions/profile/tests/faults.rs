use super::*;
use crate::engines::memory::MemoryLedger;
use crate::ports::ledger::{Ledger, LedgerError, Stored};
use async_trait::async_trait;
use proptest::prelude::*;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Mutex;

#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_events_before_it_count() {
    let desk = Desk::open();
    let mut broken = delivery(2, who("a-1", ""), viewed("tent"));
    broken.event.data = serde_json::value::to_raw_value("nonsense").unwrap();
    let events = [
        delivery(1, who("a-1", ""), viewed("tent")),
        broken,
        delivery(3, who("a-1", ""), viewed("lamp")),
    ];
    let failed = desk.consume(&events).await.unwrap_err();
    assert_eq!(failed.sequence, 2);
    desk.consume(&events[2..]).await.unwrap();
    assert_eq!(
        skus(&desk.anonymous("a-1").await.unwrap().profile),
        ["lamp", "tent"]
    );
}

#[tokio::test]
async fn a_broken_record_stops_one_person_only() {
    let desk = Desk::open();
    let broken = Key::new("P#a/a-1", "V");
    let name = crate::table::named(&broken);
    desk.put(broken, "not JSON").await;
    let events = [
        delivery(1, who("a-2", ""), viewed("tent")),
        delivery(2, who("a-1", ""), viewed("tent")),
        delivery(3, who("a-3", ""), viewed("tent")),
    ];
    let failed = desk.consume(&events).await.unwrap_err();
    assert_eq!(failed.sequence, 2);
    assert!(failed.reason.contains(&name), "{}", failed.reason);
    assert!(desk.anonymous("a-2").await.is_some());
    assert!(desk.anonymous("a-3").await.is_some());
}

#[tokio::test]
async fn a_replayed_event_counts_though_later_ones_did() {
    let desk = Desk::open();
    desk.consume(&[delivery(9, who("a-1", ""), viewed("tent"))])
        .await
        .unwrap();
    let mut late = delivery(3, who("a-1", ""), viewed("lamp"));
    desk.consume(&[late.clone()]).await.unwrap();
    assert_eq!(
        skus(&desk.anonymous("a-1").await.unwrap().profile),
        ["tent"]
    );
    late.replayed = true;
    desk.consume(&[late]).await.unwrap();
    let kept = desk.anonymous("a-1").await.unwrap();
    assert_eq!(skus(&kept.profile), ["tent", "lamp"]);
    assert_eq!(kept.through, 9);
}

/// What goes wrong with a write.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// Nothing.
    None,
    /// It does not happen.
    Lost,
    /// It happens, and nobody hears of it.
    Unheard,
    /// Somebody else wrote first.
    Conflict,
}

/// A ledger whose writes go wrong as planned.
struct Faulty {
    inner: MemoryLedger,
    faults: Mutex<VecDeque<Fault>>,
}

#[async_trait]
impl Ledger for Faulty {
    async fn read(&self, key: &Key) -> Result<Option<Stored>, LedgerError> {
        self.inner.read(key).await
    }

    async fn read_all(&self, keys: &[Key]) -> Result<Vec<Option<Stored>>, LedgerError> {
        self.inner.read_all(keys).await
    }

    async fn range(
        &self,
        partition: &str,
        range: Range<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>, LedgerError> {
        self.inner.range(partition, range, limit).await
    }

    async fn write(&self, batch: Vec<Write>) -> Result<(), LedgerError> {
        let fault = self.faults.lock().unwrap().pop_front();
        match fault.unwrap_or(Fault::None) {
            Fault::None => self.inner.write(batch).await,
            Fault::Lost => Err(LedgerError::Unavailable("lost".into())),
            Fault::Conflict => Err(LedgerError::Conflict { index: 0 }),
            Fault::Unheard => {
                self.inner.write(batch).await?;
                Err(LedgerError::UnknownOutcome("unheard".into()))
            }
        }
    }
}

/// What everybody's records are in the end, without how often they were written.
async fn outcome(desk: &Desk) -> Vec<String> {
    let mut outcome = Vec::new();
    for n in 0..3 {
        let kept = desk.anonymous(&format!("a-{n}")).await;
        let parked = desk.parked(&format!("c-{n}")).await;
        let card = desk.card(&format!("c-{n}")).await;
        outcome.push(format!("{kept:?} {parked:?} {card:?}"));
    }
    outcome
}

async fn open(faults: Vec<Fault>) -> Desk {
    let mut bench = bench();
    let ledger = Faulty {
        inner: MemoryLedger::default(),
        faults: Mutex::default(),
    };
    let ledger = Arc::new(ledger);
    bench.services.ledger = ledger.clone();
    let desk = Desk {
        consumer: consumer(bench.services.clone()),
        bench,
    };
    // The customer c-2 stays unknown.
    desk.know("c-0", json!([])).await;
    desk.know("c-1", json!([])).await;
    ledger.faults.lock().unwrap().extend(faults);
    desk
}

/// As the pump does: from the event that failed on, until everything is taken.
async fn pump(desk: &Desk, events: &[Delivery], batch: usize) {
    let mut cursor = 0;
    while cursor < events.len() {
        let end = events.len().min(cursor + batch);
        cursor = match desk.consume(&events[cursor..end]).await {
            Ok(()) => end,
            Err(failed) => events
                .iter()
                .position(|delivery| delivery.sequence == failed.sequence)
                .unwrap(),
        };
    }
}

fn any_event() -> impl Strategy<Value = (Who, Action)> {
    let ids = (0..4_u8, 0..4_u8).prop_map(|(a, c)| {
        let id = |kind: &str, n: u8| {
            if n < 3 {
                format!("{kind}-{n}")
            } else {
                String::new()
            }
        };
        who(&id("a", a), &id("c", c))
    });
    let actions = (0..4_u8, 0..5_u8).prop_map(|(kind, n)| match kind {
        0 => viewed(&format!("s-{n}")),
        1 => Action::ProductAdded(product(&format!("s-{n}"))),
        2 => ordered("o", 100 * i64::from(n)),
        _ => Action::Identified,
    });
    (ids, actions)
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => Just(Fault::None),
        1 => Just(Fault::Lost),
        1 => Just(Fault::Unheard),
        1 => Just(Fault::Conflict),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn at_least_once_comes_to_the_same_as_once(
        events in prop::collection::vec(any_event(), 1..60),
        faults in prop::collection::vec(any_fault(), 0..40),
        batch in 1_usize..40,
    ) {
        let events: Vec<_> = (1..).zip(events).map(|(n, (who, action))| delivery(n, who, action)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let calm = open(Vec::new()).await;
            pump(&calm, &events, 1).await;
            let rough = open(faults).await;
            pump(&rough, &events, batch).await;
            assert_eq!(outcome(&calm).await, outcome(&rough).await);
        });
    }
}
