//! What every ledger promises.

use crate::ports::ledger::Condition::{Absent, Any, Revision};
use crate::ports::ledger::{
    Condition, Key, Ledger, LedgerError, MAX_BODY_BYTES, MAX_KEY_BYTES, MAX_PAGE, MAX_WRITES,
    Stored, Write,
};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

/// Runs the whole suite, each part on a ledger of its own.
pub(crate) async fn all<L, F>(make: impl Fn() -> F)
where
    L: Ledger + 'static,
    F: Future<Output = L>,
{
    what_is_not_there_is_none(&make().await).await;
    an_item_is_made_once(&make().await).await;
    a_revision_grows_with_each_write(&make().await).await;
    a_stale_revision_is_refused(&make().await).await;
    a_deleted_item_starts_anew(&make().await).await;
    a_delete_has_conditions(&make().await).await;
    a_check_writes_nothing_and_guards_the_batch(&make().await).await;
    a_refused_batch_leaves_nothing_and_names_the_first(&make().await).await;
    a_batch_is_bounded(&make().await).await;
    a_largest_batch_is_written(&make().await).await;
    pages_are_in_the_order_of_bytes(&make().await).await;
    a_range_is_half_open_and_limited(&make().await).await;
    a_page_has_a_bound(&make().await).await;
    partitions_are_apart(&make().await).await;
    read_all_keeps_the_order_of_its_keys(&make().await).await;
    a_generation_ends_with_every_write(&make().await).await;
    writers_that_collide_lose_nothing(Arc::new(make().await)).await;
}

fn key(sort: &str) -> Key {
    Key::new("P", sort)
}

fn put(sort: &str, body: &str, condition: Condition) -> Write {
    Write::put(key(sort), body, condition)
}

async fn put_one(ledger: &dyn Ledger, sort: &str, body: &str) {
    ledger.write(vec![put(sort, body, Any)]).await.unwrap();
}

async fn read(ledger: &dyn Ledger, sort: &str) -> Option<(u64, String)> {
    let stored = ledger.read(&key(sort)).await.unwrap();
    stored.map(|stored| (stored.revision, stored.body))
}

fn refused(index: usize) -> Result<(), LedgerError> {
    Err(LedgerError::Conflict { index })
}

fn sorts(page: &[Stored]) -> Vec<&str> {
    page.iter().map(|stored| stored.key.sort.as_str()).collect()
}

/// Where an engine tells generations at all.
async fn a_generation_ends_with_every_write(ledger: &dyn Ledger) {
    let mut seen = BTreeSet::new();
    for round in 0..5 {
        let before = ledger.generation();
        assert_eq!(ledger.generation(), before, "reading ends none");
        assert!(before.is_none_or(|before| seen.insert(before)));
        put_one(ledger, "a", &round.to_string()).await;
    }
    let before = ledger.generation();
    assert!(ledger.write(vec![put("a", "x", Absent)]).await.is_err());
    let key = key("a");
    assert_eq!(read(ledger, "a").await.unwrap().1, "4");
    assert!(before.is_none() || !seen.contains(&before.unwrap()));
    let delete = Write::Delete {
        key,
        condition: Any,
    };
    let before = ledger.generation();
    ledger.write(vec![delete]).await.unwrap();
    assert!(before.is_none() || before != ledger.generation());
}

async fn what_is_not_there_is_none(ledger: &dyn Ledger) {
    assert_eq!(read(ledger, "a").await, None);
    assert_eq!(ledger.range("P", "".."z", 10).await, Ok(vec![]));
    assert_eq!(ledger.write(vec![]).await, Ok(()));
}

async fn an_item_is_made_once(ledger: &dyn Ledger) {
    let make = |body| ledger.write(vec![put("a", body, Absent)]);
    assert_eq!(make("1").await, Ok(()));
    assert_eq!(make("2").await, refused(0));
    assert_eq!(read(ledger, "a").await, Some((1, "1".to_owned())));
}

async fn a_revision_grows_with_each_write(ledger: &dyn Ledger) {
    for revision in 1..=3 {
        put_one(ledger, "a", "x").await;
        assert_eq!(read(ledger, "a").await, Some((revision, "x".to_owned())));
    }
    let stored = ledger.read(&key("a")).await.unwrap().unwrap();
    assert_eq!(stored.key, key("a"));
}

async fn a_stale_revision_is_refused(ledger: &dyn Ledger) {
    put_one(ledger, "a", "1").await;
    let change = |body, revision| ledger.write(vec![put("a", body, Revision(revision))]);
    assert_eq!(change("2", 1).await, Ok(()));
    assert_eq!(change("3", 1).await, refused(0));
    assert_eq!(change("3", 3).await, refused(0));
    assert_eq!(change("3", u64::MAX).await, refused(0));
    assert_eq!(read(ledger, "a").await, Some((2, "2".to_owned())));
    let missing = ledger.write(vec![put("b", "1", Revision(1))]).await;
    assert_eq!(missing, refused(0));
}

async fn a_deleted_item_starts_anew(ledger: &dyn Ledger) {
    put_one(ledger, "a", "1").await;
    put_one(ledger, "a", "2").await;
    let delete = Write::Delete {
        key: key("a"),
        condition: Revision(2),
    };
    assert_eq!(ledger.write(vec![delete]).await, Ok(()));
    assert_eq!(read(ledger, "a").await, None);
    assert_eq!(ledger.write(vec![put("a", "3", Absent)]).await, Ok(()));
    assert_eq!(read(ledger, "a").await, Some((1, "3".to_owned())));
}

async fn a_delete_has_conditions(ledger: &dyn Ledger) {
    let delete = |condition| {
        let key = key("a");
        ledger.write(vec![Write::Delete { key, condition }])
    };
    assert_eq!(delete(Revision(1)).await, refused(0));
    assert_eq!(delete(Any).await, Ok(()));
    assert_eq!(delete(Absent).await, Ok(()));
    put_one(ledger, "a", "1").await;
    assert_eq!(delete(Absent).await, refused(0));
    assert_eq!(delete(Revision(2)).await, refused(0));
    assert_eq!(delete(Any).await, Ok(()));
    assert_eq!(read(ledger, "a").await, None);
}

async fn a_check_writes_nothing_and_guards_the_batch(ledger: &dyn Ledger) {
    put_one(ledger, "guard", "1").await;
    let guarded = |sort, condition| {
        let key = key("guard");
        ledger.write(vec![put(sort, "x", Any), Write::Check { key, condition }])
    };
    assert_eq!(guarded("a", Revision(1)).await, Ok(()));
    assert_eq!(guarded("b", Absent).await, refused(1));
    assert_eq!(guarded("b", Revision(2)).await, refused(1));
    assert_eq!(guarded("c", Any).await, Ok(()));
    let page = ledger.range("P", "".."z", 10).await.unwrap();
    assert_eq!(sorts(&page), ["a", "c", "guard"]);
    assert_eq!(read(ledger, "guard").await, Some((1, "1".to_owned())));
}

async fn a_refused_batch_leaves_nothing_and_names_the_first(ledger: &dyn Ledger) {
    put_one(ledger, "kept", "1").await;
    let delete = Write::Delete {
        key: key("kept"),
        condition: Any,
    };
    let batch = vec![
        put("a", "1", Any),
        delete,
        put("b", "1", Revision(1)),
        put("c", "1", Revision(1)),
        put("d", "1", Any),
    ];
    assert_eq!(ledger.write(batch).await, refused(2));
    let page = ledger.range("P", "".."z", 10).await.unwrap();
    assert_eq!(sorts(&page), ["kept"]);
}

async fn a_batch_is_bounded(ledger: &dyn Ledger) {
    let many = (0..=MAX_WRITES).map(|n| put(&n.to_string(), "", Any));
    let big = "x".repeat(MAX_BODY_BYTES + 1);
    let long = "k".repeat(MAX_KEY_BYTES + 1);
    let most = "x".repeat(MAX_BODY_BYTES);
    let heavy = (0..11).map(|n| put(&n.to_string(), &most, Any));
    let batches = [
        many.collect(),
        vec![put("a", &big, Any)],
        vec![put("", "", Any)],
        vec![Write::put(Key::new("", "a"), "", Any)],
        vec![put(&long, "", Any)],
        vec![put("a", "1", Any), put("a", "2", Any)],
        heavy.collect(),
    ];
    for batch in batches {
        let writes = batch.len();
        let outcome = ledger.write(batch).await;
        let too_much = matches!(outcome, Err(LedgerError::TooMuch(_)));
        assert!(too_much, "{writes} writes: {outcome:?}");
    }
    assert_eq!(ledger.range("P", "".."~", 10).await, Ok(vec![]));
}

async fn a_largest_batch_is_written(ledger: &dyn Ledger) {
    let body = "x".repeat(40_000);
    let long = "k".repeat(MAX_KEY_BYTES - 3);
    let batch = (0..MAX_WRITES).map(|n| put(&format!("{long}{n:03}"), &body, Absent));
    assert_eq!(ledger.write(batch.collect()).await, Ok(()));
    let page = ledger.range("P", "".."~", MAX_PAGE).await.unwrap();
    assert_eq!(page.len(), MAX_WRITES);
    assert!(page.iter().all(|stored| stored.body == body));
}

async fn pages_are_in_the_order_of_bytes(ledger: &dyn Ledger) {
    let expected = [
        "!", "10", "9", "A", "B", "a", "a\u{0}b", "a!", "z", "ä", "漢", "𝄞",
    ];
    let mut shuffled = expected;
    shuffled.reverse();
    for sort in shuffled {
        put_one(ledger, sort, "x").await;
    }
    let page = ledger.range("P", "".."\u{10ffff}", 100).await.unwrap();
    assert_eq!(sorts(&page), expected);
    for sort in expected {
        assert_eq!(read(ledger, sort).await, Some((1, "x".to_owned())));
    }
}

async fn a_range_is_half_open_and_limited(ledger: &dyn Ledger) {
    for sort in ["a", "b", "c", "d"] {
        put_one(ledger, sort, "x").await;
    }
    let range = async |from: &str, to: &str, limit| {
        let page = ledger.range("P", from..to, limit).await.unwrap();
        sorts(&page).concat()
    };
    assert_eq!(range("b", "d", 10).await, "bc");
    assert_eq!(range("b", "d\u{0}", 10).await, "bcd");
    assert_eq!(range("", "z", 3).await, "abc");
    assert_eq!(range("c\u{0}", "z", 3).await, "d");
    assert_eq!(range("", "z", 0).await, "");
    assert_eq!(range("b", "b", 10).await, "");
    assert_eq!(range("d", "b", 10).await, "");
}

async fn a_page_has_a_bound(ledger: &dyn Ledger) {
    let sorts: Vec<String> = (0..MAX_PAGE + 5).map(|n| format!("{n:05}")).collect();
    for chunk in sorts.chunks(MAX_WRITES) {
        let batch = chunk.iter().map(|sort| put(sort, "", Absent)).collect();
        ledger.write(batch).await.unwrap();
    }
    let page = ledger.range("P", "".."z", usize::MAX).await.unwrap();
    assert_eq!(page.len(), MAX_PAGE);
    let last = page.last().unwrap().key.sort.clone() + "\u{0}";
    let rest = ledger.range("P", &last.."z", MAX_PAGE).await.unwrap();
    assert_eq!(rest.len(), 5);
    let keys: Vec<Key> = sorts.iter().map(|sort| key(sort)).collect();
    let too_many = ledger.read_all(&keys).await;
    assert!(matches!(too_many, Err(LedgerError::TooMuch(_))));
    let most = ledger.read_all(&keys[..MAX_PAGE]).await.unwrap();
    assert!(most.iter().all(Option::is_some));
}

async fn partitions_are_apart(ledger: &dyn Ledger) {
    let batch = ["P", "P2", "Q"].map(|p| Write::put(Key::new(p, "a"), p, Absent));
    ledger.write(batch.to_vec()).await.unwrap();
    let page = ledger.range("P", "".."z", 10).await.unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].body, "P");
}

async fn read_all_keeps_the_order_of_its_keys(ledger: &dyn Ledger) {
    for sort in ["a", "b"] {
        put_one(ledger, sort, sort).await;
    }
    let keys = ["b", "missing", "a", "b"].map(key);
    let found = ledger.read_all(&keys).await.unwrap();
    let bodies: Vec<_> = found.into_iter().map(|f| f.map(|s| s.body)).collect();
    let some = |body: &str| Some(body.to_owned());
    assert_eq!(bodies, [some("b"), None, some("a"), some("b")]);
    assert_eq!(ledger.read_all(&[]).await, Ok(vec![]));
}

const WRITERS: usize = 8;
const EACH: usize = 25;

async fn writers_that_collide_lose_nothing<L: Ledger + 'static>(ledger: Arc<L>) {
    ledger.write(vec![put("count", "0", Absent)]).await.unwrap();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let ledger = Arc::clone(&ledger);
        writers.spawn(async move {
            for _ in 0..EACH {
                count_one(ledger.as_ref()).await;
            }
        });
    }
    writers.join_all().await;
    let total = WRITERS * EACH;
    let (revision, count) = read(ledger.as_ref(), "count").await.unwrap();
    assert_eq!(count, total.to_string());
    assert_eq!(revision, total as u64 + 1);
}

async fn count_one(ledger: &dyn Ledger) {
    loop {
        let (revision, body) = read(ledger, "count").await.unwrap();
        let next = (body.parse::<u64>().unwrap() + 1).to_string();
        match ledger
            .write(vec![put("count", &next, Revision(revision))])
            .await
        {
            Ok(()) => return,
            Err(LedgerError::Conflict { index: 0 }) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    }
}

/// What a ledger that rests on a disk promises besides: nothing changes over a restart.
pub(crate) async fn survives_a_restart<L: Ledger>(open: impl Fn() -> L) {
    let ledger = open();
    put_one(&ledger, "a", "1").await;
    put_one(&ledger, "a", "2").await;
    put_one(&ledger, "b", "1").await;
    let refusal = ledger.write(vec![put("c", "1", Any), put("a", "3", Absent)]);
    assert_eq!(refusal.await, refused(1));
    drop(ledger);
    let ledger = open();
    assert_eq!(read(&ledger, "a").await, Some((2, "2".to_owned())));
    assert_eq!(read(&ledger, "b").await, Some((1, "1".to_owned())));
    assert_eq!(read(&ledger, "c").await, None);
    let next = ledger.write(vec![put("a", "3", Revision(2))]);
    assert_eq!(next.await, Ok(()));
}
