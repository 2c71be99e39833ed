//! Whatever happens to a feed and to those who build, a snapshot and the tail after it are the whole history (I25).

use super::*;
use crate::engines::memory::MemoryLedger;
use crate::engines::sqlite::SqliteLedger;
use crate::feed::{Head, Move, entry_sort, partition, publish, read_after, read_head};
use crate::ports::ledger::{Condition, Ledger};
use crate::ports::poke::Poke;
use crate::testing::faults::{Fault, FaultyLedger};
use domain::api::sync::{
    Change, Cursor, MAX_PART_BYTES, Manifest, Row, Scope, Sum, kind, row_hash,
};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entities by kind and id: version and body.
type Held = BTreeMap<RowKey, (u64, String)>;

fn scope() -> Scope {
    Scope::parse("store/1/customers").unwrap()
}

fn moved(kind: &'static str, id: &str, text: Option<&str>) -> Move {
    Move {
        scope: scope(),
        kind,
        id: id.to_owned(),
        body: text.map(|text| serde_json::value::to_raw_value(text).unwrap()),
        command: None,
        condition: Condition::Any,
    }
}

async fn tell(ledger: &dyn Ledger, moves: &[Move]) {
    publish(ledger, &Poke::default(), moves, &[]).await.unwrap();
}

fn apply(held: &mut Held, change: Change) {
    let key = (change.kind, change.id);
    match change.body {
        Some(body) => held.insert(key, (change.version, body.get().to_owned())),
        None => held.remove(&key),
    };
}

fn sum(held: &Held) -> Sum {
    let mut sum = Sum::default();
    for ((kind, id), (version, body)) in held {
        sum.add(row_hash(kind, id, *version, body));
    }
    sum
}

/// Takes a snapshot as a device does: each part replaces its whole range of what is held.
async fn take(ledger: &dyn Ledger, head: &Head, at: crate::feed::SnapshotAt, held: &mut Held) {
    let manifest = lookup_manifest(ledger, &scope(), head.epoch, at).await;
    let Manifest {
        parts, sum: whole, ..
    } = manifest.unwrap().unwrap();
    let mut before = None::<RowKey>;
    for (number, part) in parts.iter().enumerate() {
        let bytes = lookup_part(ledger, &scope(), head.epoch, at, number).await;
        let bytes = bytes.unwrap().unwrap();
        assert_eq!(part.bytes, bytes.len() as u64);
        assert_eq!(part.sha256, format!("{:x}", Sha256::digest(&bytes)));
        let text = String::from_utf8(zstd::decode_all(&*bytes).unwrap()).unwrap();
        let rows: Vec<Row> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(bytes.len() <= MAX_PART_BYTES || rows.len() == 1);
        let in_range = |key: &RowKey| {
            before.as_ref().is_none_or(|before| key > before)
                && part.last.as_ref().is_none_or(|last| key <= last)
        };
        held.retain(|key, _| !in_range(key));
        let mut found = Held::new();
        for row in rows {
            let key = (row.kind, row.id);
            assert!(in_range(&key), "{key:?} is outside of its part");
            found.insert(key, (row.version, row.body.get().to_owned()));
        }
        assert_eq!(sum(&found), part.sum);
        held.extend(found);
        before.clone_from(&part.last);
        assert_eq!(part.last.is_none(), number + 1 == parts.len());
    }
    assert_eq!((sum(held), at.sum), (whole, whole));
}

/// What a device holds that had `held` at no number that the feed knows.
async fn project(ledger: &dyn Ledger, mut held: Held) -> Held {
    let head = read_head(ledger, &scope()).await.unwrap();
    let mut seq = 0;
    match head.snapshot {
        Some(at) => {
            take(ledger, &head, at, &mut held).await;
            seq = at.seq;
        }
        None => held.clear(),
    }
    let cursor = Cursor {
        epoch: head.epoch,
        seq,
    };
    for change in read_after(ledger, &scope(), cursor, 1_000).await.unwrap() {
        seq = change.seq;
        apply(&mut held, change);
    }
    assert_eq!(seq, head.seq);
    assert_eq!(sum(&held), head.sum);
    held
}

/// What lies in the scope's partition: entries, and which snapshots.
async fn left(ledger: &dyn Ledger) -> (Vec<u64>, Vec<u64>) {
    let page = ledger
        .range(&partition(&scope()), "".."~", 1_000)
        .await
        .unwrap();
    let (mut entries, mut snapshots) = (Vec::new(), Vec::new());
    for stored in page {
        let mut pieces = stored.key.sort.split('#');
        match (pieces.next(), pieces.next(), pieces.next()) {
            (Some("F"), Some(seq), _) => entries.push(seq.parse().unwrap()),
            (Some("N"), _, Some(seq)) => snapshots.push(seq.parse().unwrap()),
            _ => {}
        }
    }
    snapshots.dedup();
    (entries, snapshots)
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Delete(u8),
    Build,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..8_u8, 0..4_u8).prop_map(|(id, text)| Step::Put(id, text)),
        2 => (0..8_u8).prop_map(Step::Delete),
        1 => Just(Step::Build),
    ];
    prop::collection::vec(step, 1..60)
}

/// Plays a history; what the whole of it makes.
async fn play(ledger: &dyn Ledger, steps: &[Step]) -> Held {
    let mut held = Held::new();
    let key = |id: &u8| {
        (
            if id.is_multiple_of(2) {
                kind::NOTE
            } else {
                kind::CUSTOMER
            },
            id.to_string(),
        )
    };
    for step in steps {
        let before = read_head(ledger, &scope()).await.unwrap().seq;
        match step {
            Step::Put(id, text) => {
                let (kind, id) = key(id);
                tell(ledger, &[moved(kind, &id, Some(&text.to_string()))]).await;
            }
            Step::Delete(id) => {
                let (kind, id) = key(id);
                tell(ledger, &[moved(kind, &id, None)]).await;
            }
            Step::Build => {
                build(ledger, &scope()).await.unwrap();
            }
        }
        let cursor = Cursor {
            epoch: 1,
            seq: before,
        };
        let told = read_after(ledger, &scope(), cursor, 10).await.unwrap();
        told.into_iter().for_each(|change| apply(&mut held, change));
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn i25_snapshot_and_tail_are_the_full_replay(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let memory = MemoryLedger::default();
        for ledger in [&sqlite as &dyn Ledger, &memory] {
            let (replayed, fresh, stale) = runtime.block_on(async {
                let replayed = play(ledger, &steps).await;
                // Somebody who was never here, and somebody with another history.
                let odd = [("note", "1"), ("note", "zz"), ("a", "a"), ("zz", "1")];
                let odd = odd.map(|(kind, id)| ((kind.to_owned(), id.to_owned()), (9, "9".to_owned())));
                let fresh = project(ledger, Held::new()).await;
                let stale = project(ledger, odd.into()).await;
                (replayed, fresh, stale)
            });
            prop_assert_eq!(&fresh, &replayed);
            prop_assert_eq!(&stale, &replayed);
        }
    }
}

#[tokio::test]
async fn who_is_a_little_behind_still_gets_a_tail_and_the_rest_is_given_up() {
    let ledger = MemoryLedger::default();
    for round in 1..=3_u64 {
        for n in 0..10 {
            tell(&ledger, &[moved(kind::NOTE, &n.to_string(), Some("x"))]).await;
        }
        let built = build(&ledger, &scope()).await.unwrap().unwrap();
        assert_eq!((built.seq, built.sum.rows), (round * 10, 10));
        let head = read_head(&ledger, &scope()).await.unwrap();
        assert_eq!(head.floor, (round - 1) * 10);
        assert_eq!(head.previous.map_or(0, |at| at.seq), head.floor);
        let (entries, snapshots) = left(&ledger).await;
        assert_eq!(entries, (head.floor + 1..=head.seq).collect::<Vec<_>>());
        assert_eq!(
            snapshots,
            ((round - 1).max(1)..=round)
                .map(|n| n * 10)
                .collect::<Vec<_>>()
        );
        let mut held = Held::new();
        if let Some(previous) = head.previous {
            take(&ledger, &head, previous, &mut held).await;
        }
        let same = build(&ledger, &scope()).await.unwrap().unwrap();
        assert_eq!(same, built, "nothing new, nothing built");
    }
}

/// Letters that hardly compress.
fn noise(dice: &mut ChaCha8Rng, length: usize) -> String {
    let letter = |_| char::from(b'0' + u8::try_from(dice.next_u32() % 64).unwrap());
    (0..length).map(letter).collect()
}

#[tokio::test]
async fn a_large_scope_is_cut_into_parts_and_a_row_too_large_for_one_has_its_own() {
    let ledger = MemoryLedger::default();
    let mut dice = ChaCha8Rng::seed_from_u64(3);
    for n in 0..200 {
        let text = noise(&mut dice, 10_000);
        tell(
            &ledger,
            &[moved(kind::NOTE, &format!("{n:03}"), Some(&text))],
        )
        .await;
    }
    // The feed's entry has to fit an item too: this is about the most that there can be.
    let huge = noise(&mut dice, 392_000);
    tell(&ledger, &[moved(kind::NOTE, "100-huge", Some(&huge))]).await;
    let at = build(&ledger, &scope()).await.unwrap().unwrap();
    let manifest = lookup_manifest(&ledger, &scope(), 1, at)
        .await
        .unwrap()
        .unwrap();
    assert!(manifest.parts.len() > 6, "{} parts", manifest.parts.len());
    let alone = manifest
        .parts
        .iter()
        .filter(|part| part.bytes > MAX_PART_BYTES as u64);
    assert_eq!(alone.count(), 1);
    let held = project(&ledger, Held::new()).await;
    assert_eq!(held.len(), 201);
    tell(&ledger, &[moved(kind::NOTE, "100-huge", None)]).await;
    build(&ledger, &scope()).await.unwrap();
    assert_eq!(project(&ledger, held).await.len(), 200);
}

#[tokio::test]
async fn a_scope_that_holds_nothing_any_more_has_a_part_that_says_so() {
    let ledger = MemoryLedger::default();
    tell(&ledger, &[moved(kind::NOTE, "a", Some("x"))]).await;
    tell(&ledger, &[moved(kind::NOTE, "a", None)]).await;
    let at = build(&ledger, &scope()).await.unwrap().unwrap();
    assert_eq!((at.seq, at.sum), (2, Sum::default()));
    let held = [(("note".to_owned(), "a".to_owned()), (1, "x".to_owned()))];
    assert_eq!(project(&ledger, held.into()).await, Held::new());
    assert_eq!(
        build(&ledger, &Scope::prices()).await.unwrap(),
        None,
        "never written to"
    );
}

#[tokio::test]
async fn killed_at_any_write_a_build_leaves_what_was_and_the_next_one_finishes() {
    let mut killed = 0;
    for after in 0.. {
        let ledger = FaultyLedger::over(Arc::new(MemoryLedger::default()));
        let mut expected = Held::new();
        for round in 0..3 {
            for n in 0..4 {
                let text = format!("{round} {n}");
                tell(
                    &*ledger,
                    &[moved(kind::NOTE, &(n + round).to_string(), Some(&text))],
                )
                .await;
            }
            if round < 2 {
                build(&*ledger, &scope()).await.unwrap();
            }
            expected = project(&*ledger, expected).await;
        }
        let mut faults = vec![None; after];
        faults.extend([Some(Fault::Refused); 50]);
        ledger.next_writes(&faults);
        let died = build(&*ledger, &scope()).await.is_err();
        ledger.next_writes(&[]);
        assert_eq!(
            project(&*ledger, Held::new()).await,
            expected,
            "killed after {after}"
        );
        tell(&*ledger, &[moved(kind::NOTE, "later", Some("x"))]).await;
        build(&*ledger, &scope()).await.unwrap();
        let (entries, snapshots) = left(&*ledger).await;
        let head = read_head(&*ledger, &scope()).await.unwrap();
        assert_eq!(
            entries,
            (head.floor + 1..=13).collect::<Vec<_>>(),
            "killed after {after}"
        );
        assert_eq!(snapshots, [head.floor, 13], "killed after {after}");
        assert_eq!(
            project(&*ledger, Held::new()).await.len(),
            expected.len() + 1
        );
        if !died {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 5, "parts, manifest, head and deletions: {killed}");
}

#[tokio::test]
async fn what_a_killed_deletion_left_is_tidied_up() {
    let ledger = FaultyLedger::over(Arc::new(MemoryLedger::default()));
    for n in 0..6 {
        tell(&*ledger, &[moved(kind::NOTE, &n.to_string(), Some("x"))]).await;
        if n == 2 {
            build(&*ledger, &scope()).await.unwrap();
        }
    }
    ledger.next_writes(&[None, None, None, Some(Fault::Refused)]);
    assert!(
        build(&*ledger, &scope()).await.is_err(),
        "its head moved, and then it died"
    );
    assert_eq!(left(&*ledger).await.0.len(), 6);
    tidy(&*ledger, &scope()).await.unwrap();
    assert_eq!(left(&*ledger).await, (vec![4, 5, 6], vec![3, 6]));
    tidy(&*ledger, &scope()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn builders_and_writers_at_once_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Arc::new(SqliteLedger::open(&folder.path().join("ledger.db")).unwrap());
    let mut all = tokio::task::JoinSet::new();
    for writer in 0..2 {
        let ledger = sqlite.clone();
        all.spawn(async move {
            for n in 0..60 {
                let text = (n % 20 != 0).then(|| n.to_string());
                let moves = [moved(
                    kind::NOTE,
                    &format!("{writer}-{}", n % 7),
                    text.as_deref(),
                )];
                while publish(&*ledger, &Poke::default(), &moves, &[])
                    .await
                    .is_err()
                {}
            }
        });
    }
    for _ in 0..3 {
        let ledger = sqlite.clone();
        all.spawn(async move {
            while read_head(&*ledger, &scope()).await.unwrap().seq < 120 {
                // One that was overtaken twice finds its base gone, and says so.
                let _ = build(&*ledger, &scope()).await;
            }
        });
    }
    all.join_all().await;
    build(&*sqlite, &scope()).await.unwrap();
    let held = project(&*sqlite, Held::new()).await;
    assert_eq!(held.len(), 14);
    let head = read_head(&*sqlite, &scope()).await.unwrap();
    let (entries, snapshots) = left(&*sqlite).await;
    assert_eq!((head.seq, entries), (120, (head.floor + 1..=120).collect()));
    let named = [head.previous, head.snapshot].into_iter().flatten();
    assert_eq!(snapshots, named.map(|at| at.seq).collect::<Vec<_>>());
    assert_eq!(snapshots.last(), Some(&120));
}

#[tokio::test]
async fn a_feed_that_begins_another_life_meanwhile_keeps_no_snapshot_of_the_one_before() {
    let inner = Arc::new(MemoryLedger::default());
    tell(&*inner, &[moved(kind::NOTE, "a", Some("x"))]).await;
    let ledger = FaultyLedger::over(inner.clone());
    let restored = inner.clone();
    ledger.before_next_write(async move {
        let mut head = read_head(&*restored, &scope()).await.unwrap();
        head.epoch += 1;
        let key = crate::feed::head_key(&scope());
        let write = crate::table::put(key, &head, Condition::Any).unwrap();
        restored.write(vec![write]).await.unwrap();
    });
    build(&*ledger, &scope()).await.unwrap();
    assert!(ledger.is_spent());
    let head = read_head(&*inner, &scope()).await.unwrap();
    assert_eq!((head.epoch, head.snapshot), (2, None));
}

#[tokio::test]
async fn a_number_that_is_not_filled_ends_the_snapshot_before_it() {
    let ledger = MemoryLedger::default();
    for n in 0..4 {
        tell(&ledger, &[moved(kind::NOTE, &n.to_string(), Some("x"))]).await;
    }
    let key = crate::ports::ledger::Key::new(partition(&scope()), entry_sort(3));
    let slow = ledger.read(&key).await.unwrap().unwrap();
    let condition = Condition::Any;
    let delete = crate::ports::ledger::Write::Delete {
        key: key.clone(),
        condition,
    };
    ledger.write(vec![delete]).await.unwrap();
    assert_eq!(build(&ledger, &scope()).await.unwrap().unwrap().seq, 2);
    assert_eq!(build(&ledger, &scope()).await.unwrap().unwrap().seq, 2);
    let fill = crate::ports::ledger::Write::put(key, slow.body, condition);
    ledger.write(vec![fill]).await.unwrap();
    assert_eq!(build(&ledger, &scope()).await.unwrap().unwrap().seq, 4);
    assert_eq!(project(&ledger, Held::new()).await.len(), 4);
}

#[tokio::test]
async fn a_wrong_fold_never_replaces_the_entries() {
    let ledger = MemoryLedger::default();
    tell(&ledger, &[moved(kind::NOTE, "a", Some("x"))]).await;
    let head = Head {
        seq: 1,
        sum: Sum {
            rows: 2,
            checksum: 7,
        },
        ..Head::default()
    };
    let key = crate::feed::head_key(&scope());
    let body = serde_json::to_string(&head).unwrap();
    let write = crate::ports::ledger::Write::put(key, body, Condition::Any);
    ledger.write(vec![write]).await.unwrap();
    let refused = build(&ledger, &scope()).await;
    assert!(matches!(refused, Err(BuildError::Differs { seq: 1, .. })));
    assert_eq!(read_head(&ledger, &scope()).await.unwrap(), head);
}

#[test]
fn a_snapshot_is_due_when_the_tail_is_long_for_what_is_there() {
    let head = |seq, rows, snapshot: Option<u64>| Head {
        seq,
        sum: Sum { rows, checksum: 0 },
        snapshot: snapshot.map(|seq| crate::feed::SnapshotAt {
            seq,
            sum: Sum::default(),
            form: 1,
        }),
        ..Head::default()
    };
    assert!(!is_due(&head(2_000, 10, None)));
    assert!(is_due(&head(2_001, 10, None)));
    assert!(!is_due(&head(52_000, 40_000, Some(42_000))));
    assert!(is_due(&head(52_001, 40_000, Some(42_000))));
}
