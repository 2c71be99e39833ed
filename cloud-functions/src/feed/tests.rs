//! Feeds under collisions, refusals and gaps.

use super::*;
use crate::engines::memory::MemoryLedger;
use crate::engines::sqlite::SqliteLedger;
use crate::ports::ledger::{Condition, Ledger, Write};
use crate::ports::poke::Poke;
use crate::testing::faults::FaultyLedger;
use domain::api::sync::{Change, Cursor, kind, row_hash};
use domain::ids::StoreId;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn scope(store: &str) -> Scope {
    Scope::customers(&StoreId::parse(store).unwrap())
}

fn note(store: &str, id: &str, text: &str, condition: Condition) -> Move {
    let body = serde_json::to_string(text).unwrap();
    Move {
        scope: scope(store),
        kind: kind::NOTE,
        id: id.to_owned(),
        body: Some(RawValue::from_string(body).unwrap()),
        command: None,
        condition,
    }
}

fn gone(store: &str, id: &str) -> Move {
    Move {
        body: None,
        ..note(store, id, "", Condition::Any)
    }
}

async fn published(ledger: &MemoryLedger, moves: &[Move]) -> BTreeMap<Scope, u64> {
    let poke = Poke::default();
    publish(ledger, &poke, moves, &[]).await.unwrap()
}

async fn changes(ledger: &MemoryLedger, store: &str, after: u64, limit: usize) -> Vec<Change> {
    let cursor = Cursor {
        epoch: 1,
        seq: after,
    };
    read_after(ledger, &scope(store), cursor, limit)
        .await
        .unwrap()
}

fn told(changes: &[Change]) -> Vec<(u64, &str, u64, Op)> {
    let told = changes.iter();
    told.map(|c| (c.seq, c.id.as_str(), c.version, c.op))
        .collect()
}

#[tokio::test]
async fn a_publish_numbers_its_changes_and_moves_the_entities() {
    let ledger = MemoryLedger::default();
    let seqs = published(
        &ledger,
        &[
            note("1", "a", "x", Condition::Any),
            note("2", "b", "y", Condition::Any),
            note("1", "c", "z", Condition::Absent),
        ],
    )
    .await;
    assert_eq!(seqs, BTreeMap::from([(scope("1"), 2), (scope("2"), 1)]));
    let again = published(&ledger, &[note("1", "a", "xx", Condition::Revision(1))]).await;
    assert_eq!(again, BTreeMap::from([(scope("1"), 3)]));
    assert_eq!(
        told(&changes(&ledger, "1", 0, 10).await),
        [
            (1, "a", 1, Op::Put),
            (2, "c", 1, Op::Put),
            (3, "a", 2, Op::Put)
        ]
    );
    let entity = ledger.read(&entity_key(kind::NOTE, "a")).await.unwrap();
    let entity = entity.unwrap();
    assert_eq!((entity.revision, entity.body.as_str()), (2, "\"xx\""));
    assert_eq!(read_head(&ledger, &scope("1")).await.unwrap().seq, 3);
}

#[tokio::test]
async fn a_deleted_entity_is_told_and_can_be_made_again() {
    let ledger = MemoryLedger::default();
    published(&ledger, &[note("1", "a", "x", Condition::Any)]).await;
    published(&ledger, &[gone("1", "a")]).await;
    published(&ledger, &[note("1", "a", "y", Condition::Absent)]).await;
    assert_eq!(
        told(&changes(&ledger, "1", 0, 10).await),
        [
            (1, "a", 1, Op::Put),
            (2, "a", 2, Op::Delete),
            (3, "a", 1, Op::Put)
        ]
    );
}

#[tokio::test]
async fn who_saw_an_old_entity_writes_nothing() {
    let ledger = MemoryLedger::default();
    let poke = Poke::default();
    published(&ledger, &[note("1", "a", "x", Condition::Any)]).await;
    let stale = [
        note("1", "b", "y", Condition::Any),
        note("1", "a", "z", Condition::Absent),
    ];
    let refused = publish(&ledger, &poke, &stale, &[]).await;
    let moved = matches!(&refused, Err(PublishError::Moved { id, .. }) if id == "a");
    assert!(moved, "{refused:?}");
    assert_eq!(changes(&ledger, "1", 0, 10).await.len(), 1);
    assert_eq!(ledger.read(&entity_key(kind::NOTE, "b")).await, Ok(None));
}

#[tokio::test]
async fn what_is_beside_the_feed_is_written_with_it_or_refuses_it() {
    let ledger = MemoryLedger::default();
    let poke = Poke::default();
    let beside = [
        Write::put(Key::new("D#1", "STATE"), "{}", Condition::Any),
        Write::put(Key::new("D#1", "C#1"), "{}", Condition::Absent),
    ];
    let moves = [note("1", "a", "x", Condition::Any)];
    publish(&ledger, &poke, &moves, &beside).await.unwrap();
    let again = publish(&ledger, &poke, &moves, &beside).await;
    assert!(matches!(again, Err(PublishError::Beside { index: 1 })));
    assert_eq!(changes(&ledger, "1", 0, 10).await.len(), 1);
    let alone = publish(&ledger, &poke, &[], &beside[..1]).await.unwrap();
    assert_eq!(alone, BTreeMap::new());
}

#[tokio::test]
async fn a_reader_never_passes_a_gap() {
    let ledger = MemoryLedger::default();
    let moves = ["a", "b", "c"].map(|id| note("1", id, "x", Condition::Any));
    published(&ledger, &moves).await;
    let key = Key::new(format!("S#{}", scope("1")), entry_sort(2));
    let slow = ledger.read(&key).await.unwrap().unwrap();
    let delete = Write::Delete {
        key: key.clone(),
        condition: Condition::Any,
    };
    ledger.write(vec![delete]).await.unwrap();
    assert_eq!(changes(&ledger, "1", 0, 10).await.len(), 1);
    assert_eq!(changes(&ledger, "1", 1, 10).await.len(), 0);
    let fill = Write::put(key, slow.body, Condition::Absent);
    ledger.write(vec![fill]).await.unwrap();
    assert_eq!(changes(&ledger, "1", 0, 10).await.len(), 3);
}

#[tokio::test]
async fn a_feed_is_read_in_pages_to_its_end() {
    let ledger = MemoryLedger::default();
    for n in 0..5 {
        let id = n.to_string();
        published(&ledger, &[note("1", &id, "x", Condition::Any)]).await;
    }
    assert_eq!(changes(&ledger, "1", 0, 2).await.len(), 2);
    assert_eq!(changes(&ledger, "1", 3, 10).await.len(), 2);
    assert_eq!(changes(&ledger, "1", 5, 10).await.len(), 0);
    for beyond in [u64::MAX - 1, u64::MAX] {
        assert_eq!(changes(&ledger, "1", beyond, 10).await.len(), 0);
    }
    assert_eq!(changes(&ledger, "2", 0, 10).await.len(), 0);
}

/// A feed with one note, and the same on a ledger where something may happen before a write.
async fn with_one_note() -> (Arc<MemoryLedger>, Arc<FaultyLedger>) {
    let inner = Arc::new(MemoryLedger::default());
    published(&inner, &[note("1", "a", "x", Condition::Any)]).await;
    let ledger = FaultyLedger::over(inner.clone());
    (inner, ledger)
}

#[tokio::test]
async fn a_head_that_moved_meanwhile_is_not_set_back() {
    let (inner, ledger) = with_one_note().await;
    let builder = inner.clone();
    ledger.before_next_write(async move {
        snapshot::build(&*builder, &scope("1")).await.unwrap();
    });
    let moves = [note("1", "b", "y", Condition::Any)];
    publish(&*ledger, &Poke::default(), &moves, &[])
        .await
        .unwrap();
    let head = read_head(&*inner, &scope("1")).await.unwrap();
    assert_eq!((head.seq, head.snapshot.map(|at| at.seq)), (2, Some(1)));
}

#[tokio::test]
async fn an_entity_that_moved_meanwhile_is_told_as_it_became() {
    let (inner, ledger) = with_one_note().await;
    let other = inner.clone();
    ledger.before_next_write(async move {
        let entity = Write::put(entity_key(kind::NOTE, "a"), "\"z\"", Condition::Any);
        other.write(vec![entity]).await.unwrap();
    });
    let moves = [note("1", "a", "y", Condition::Any)];
    publish(&*ledger, &Poke::default(), &moves, &[])
        .await
        .unwrap();
    let entity = inner.read(&entity_key(kind::NOTE, "a")).await.unwrap();
    let told = changes(&inner, "1", 1, 9).await;
    assert_eq!((told.len(), told[0].version), (1, entity.unwrap().revision));
}

#[tokio::test]
async fn an_entry_that_is_there_is_never_overwritten() {
    // The head is of an older backup than the entries.
    let (ledger, _) = with_one_note().await;
    let key = Key::new(partition(&scope("1")), entry_sort(2));
    let entry = Write::put(key.clone(), "of before", Condition::Absent);
    ledger.write(vec![entry]).await.unwrap();
    let moves = [note("1", "b", "y", Condition::Any)];
    let refused = publish(&*ledger, &Poke::default(), &moves, &[]).await;
    assert!(matches!(refused, Err(PublishError::Busy)), "{refused:?}");
    let entry = ledger.read(&key).await.unwrap().unwrap();
    assert_eq!(entry.body, "of before");
}

const WRITERS: usize = 6;
const EACH: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn publishers_that_collide_leave_no_gap_and_lose_nothing() {
    let ledger = Arc::new(MemoryLedger::default());
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let ledger = Arc::clone(&ledger);
        writers.spawn(async move {
            for n in 0..EACH {
                let own = format!("{writer}-{n}");
                let moves = [
                    note("1", &own, "x", Condition::Absent),
                    note("1", "shared", &own, Condition::Any),
                ];
                published_patiently(&ledger, &moves).await;
            }
        });
    }
    writers.join_all().await;
    let total = WRITERS * EACH;
    let all = changes(&ledger, "1", 0, 1_000).await;
    let seqs: Vec<u64> = all.iter().map(|change| change.seq).collect();
    assert_eq!(seqs, (1..=2 * total as u64).collect::<Vec<_>>());
    let shared = all.iter().filter(|change| change.id == "shared");
    let versions: Vec<u64> = shared.map(|change| change.version).collect();
    assert_eq!(versions, (1..=total as u64).collect::<Vec<_>>());
}

async fn published_patiently(ledger: &MemoryLedger, moves: &[Move]) {
    loop {
        match publish(ledger, &Poke::default(), moves, &[]).await {
            Ok(_) => return,
            Err(PublishError::Busy) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn who_waits_for_a_scope_is_poked_once_it_has_moved() {
    let ledger = MemoryLedger::default();
    let poke = Poke::default();
    let mut listener = poke.listen();
    let moves = [note("1", "a", "x", Condition::Any)];
    publish(&ledger, &poke, &moves, &[]).await.unwrap();
    assert_eq!(listener.try_recv().unwrap(), scope("1"));
    let stale = [note("1", "a", "x", Condition::Absent)];
    assert!(publish(&ledger, &poke, &stale, &[]).await.is_err());
    assert!(listener.try_recv().is_err());
}

#[tokio::test]
async fn a_head_that_is_not_readable_is_named() {
    let ledger = MemoryLedger::default();
    let head = Write::put(head_key(&scope("1")), "not JSON", Condition::Any);
    ledger.write(vec![head]).await.unwrap();
    let moves = [note("1", "a", "x", Condition::Any)];
    let error = publish(&ledger, &Poke::default(), &moves, &[]).await;
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("S#store/1/customers / HEAD"), "{error}");
}

#[tokio::test]
async fn the_largest_publish_fits_a_batch() {
    let ledger = MemoryLedger::default();
    let moves: Vec<Move> = (0..MAX_PUBLISH)
        .map(|n| note(&(n % 10).to_string(), &n.to_string(), "x", Condition::Any))
        .collect();
    assert_eq!(published(&ledger, &moves).await.len(), 10);
}

/// What the scope holds by its feed alone.
fn recount(all: &[Change]) -> Sum {
    let mut held = BTreeMap::new();
    for change in all {
        let hash = change
            .body
            .as_ref()
            .map(|body| row_hash(&change.kind, &change.id, change.version, body.get()));
        held.insert(&change.id, hash);
    }
    let mut sum = Sum::default();
    held.into_values().flatten().for_each(|hash| sum.add(hash));
    sum
}

/// Puts and deletions of a few entities: so many are made anew.
fn histories() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
    prop::collection::vec((0..4_u8, prop::option::of(0..3_u8)), 1..60)
}

async fn play(ledger: &dyn Ledger, history: &[(u8, Option<u8>)]) {
    for (id, text) in history {
        let id = id.to_string();
        let moved = match text {
            Some(text) => note("1", &id, &text.to_string(), Condition::Any),
            None => gone("1", &id),
        };
        let poke = Poke::default();
        publish(ledger, &poke, &[moved], &[]).await.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_head_tells_what_its_scope_holds_after_any_history(history in histories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let memory = MemoryLedger::default();
        for ledger in [&sqlite as &dyn Ledger, &memory] {
            let (head, all) = runtime.block_on(async {
                play(ledger, &history).await;
                let head = read_head(ledger, &scope("1")).await.unwrap();
                let all = read_after(ledger, &scope("1"), Cursor::default(), 1_000).await;
                (head, all.unwrap())
            });
            prop_assert_eq!(head.seq, all.len() as u64);
            prop_assert_eq!(head.sum, recount(&all));
        }
    }
}

#[tokio::test]
async fn scopes_are_listed_once_in_pages() {
    let ledger = MemoryLedger::default();
    for store in ["3", "1", "2", "1"] {
        published(&ledger, &[note(store, "a", "x", Condition::Any)]).await;
    }
    let all = ["1", "2", "3"].map(scope);
    assert_eq!(list_scopes(&ledger, None, 2).await.unwrap(), all[..2]);
    let rest = list_scopes(&ledger, Some(&all[1]), 2).await.unwrap();
    assert_eq!(rest, all[2..]);
}
