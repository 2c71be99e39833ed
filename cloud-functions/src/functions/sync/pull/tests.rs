use super::*;
use crate::feed;
use crate::functions::identity::revoke;
use crate::functions::sync::routes;
use crate::ports::ledger::{Condition, Ledger as _, Write};
use crate::testing::faults::FaultyLedger;
use crate::testing::shop::{Shop, store};
use crate::testing::wire::{Answer, Served, serve};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::{Change, Cursor, Offer, SCHEMA, Sum, kind, row_hash};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

/// A device of store 1 that pulls over a wire.
struct Device {
    shop: Shop,
    served: Served,
    enrolment: Enrolment,
    token: String,
    ledger: Arc<FaultyLedger>,
}

/// An answer, read.
#[derive(Debug)]
struct Pulled {
    granted: Vec<String>,
    revoked: Vec<String>,
    offers: Vec<Offer>,
    changes: Vec<Change>,
    checkpoint: Checkpoint,
}

async fn device(kind: DeviceKind) -> Device {
    let ledger = OnceLock::new();
    let shop = Shop::open_on(|inner| ledger.get_or_init(|| FaultyLedger::over(inner)).clone());
    let shop = shop.await;
    let enrolment = shop.enrol("1", kind).await;
    let token = shop.token(&enrolment).await;
    let served = serve(routes(shop.bench.services.clone())).await;
    Device {
        shop,
        served,
        enrolment,
        token,
        ledger: ledger.into_inner().unwrap(),
    }
}

fn ask(cursors: &BTreeMap<Scope, Cursor>, limit: usize) -> PullRequest {
    PullRequest {
        schema: SCHEMA,
        cursors: cursors.clone(),
        limit,
        wait_ms: 0,
        verify: false,
    }
}

impl Device {
    async fn send(&self, request: &PullRequest) -> Answer {
        self.served
            .post("/v1/sync/pull", &self.token, request)
            .await
    }

    async fn send_packed(&self, encoding: &str, body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("content-encoding", encoding),
        ];
        self.served
            .send("POST", "/v1/sync/pull", &headers, body)
            .await
    }

    async fn pull(&self, cursors: &BTreeMap<Scope, Cursor>, limit: usize) -> Pulled {
        read(&self.send(&ask(cursors, limit)).await)
    }

    async fn problem(&self, request: &PullRequest) -> (u16, String) {
        let answer = self.send(request).await;
        (answer.status, answer.problem())
    }

    /// Pulls until there is no more: everything, and the cursors after it.
    async fn pull_all(&self, limit: usize) -> (Vec<Change>, BTreeMap<Scope, Cursor>) {
        let (mut changes, mut cursors) = (Vec::new(), BTreeMap::new());
        for _ in 0..1_000 {
            let pulled = self.pull(&cursors, limit).await;
            assert!(pulled.changes.len() <= limit);
            changes.extend(pulled.changes);
            cursors.extend(pulled.checkpoint.cursors);
            if !pulled.checkpoint.more {
                return (changes, cursors);
            }
            assert!(!changes.is_empty(), "more, and nothing came");
        }
        panic!("the pages never end");
    }

    async fn items(&self, count: usize) {
        for n in 0..count {
            let shard = u8::try_from(n % 16).unwrap();
            let body = json!({"sku": format!("s-{n}")});
            let scope = Scope::catalogue(shard);
            self.shop
                .put(scope, kind::ITEM, &format!("s-{n}"), &body)
                .await;
        }
    }
}

/// Reads the wire: compressed lines, in their order.
fn read(answer: &Answer) -> Pulled {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    assert_eq!(answer.headers["content-encoding"], "zstd");
    let text = String::from_utf8(zstd::decode_all(&*answer.body).unwrap()).unwrap();
    assert!(text.ends_with('\n'));
    let (mut granted, mut revoked, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut offers, mut checkpoint) = (Vec::new(), None);
    for line in text.lines() {
        assert!(checkpoint.is_none(), "nothing follows the checkpoint");
        match serde_json::from_str(line).unwrap() {
            PullLine::Grant { .. } | PullLine::Revoke { .. } if !changes.is_empty() => {
                panic!("access comes before changes")
            }
            PullLine::Grant { scope } => granted.push(scope.to_string()),
            PullLine::Revoke { scope } => revoked.push(scope.to_string()),
            PullLine::Change(change) => changes.push(change),
            PullLine::Offer(offer) => offers.push(offer),
            PullLine::Checkpoint(last) => checkpoint = Some(last),
        }
    }
    Pulled {
        granted,
        revoked,
        offers,
        changes,
        checkpoint: checkpoint.unwrap(),
    }
}

fn names(changes: &[Change]) -> BTreeSet<(&str, &str)> {
    changes
        .iter()
        .map(|change| (change.kind.as_str(), change.id.as_str()))
        .collect()
}

#[tokio::test]
async fn a_tablet_gets_its_store_and_the_catalogue() {
    let tablet = device(DeviceKind::Tablet).await;
    tablet.items(3).await;
    let pulled = tablet.pull(&BTreeMap::new(), 100).await;
    assert_eq!(pulled.granted.len(), 21);
    assert_eq!((pulled.revoked.len(), pulled.offers.len()), (0, 0));
    let expected = [
        ("associate", "a-1"),
        ("associate", "m-1"),
        ("customer", "c-1"),
        ("item", "s-0"),
        ("item", "s-1"),
        ("item", "s-2"),
        ("store", "1"),
    ];
    assert_eq!(names(&pulled.changes), expected.into());
    assert_eq!(pulled.checkpoint.cursors.len(), 21);
    assert_eq!(
        (pulled.checkpoint.more, pulled.checkpoint.last_cseq),
        (false, 0)
    );
    assert_eq!(
        pulled.checkpoint.server_time,
        tablet.shop.bench.services.clock.now()
    );
    let again = tablet.pull(&pulled.checkpoint.cursors, 100).await;
    assert_eq!((again.granted.len(), again.changes.len()), (0, 0));
    assert_eq!(again.checkpoint.cursors, BTreeMap::new(), "nothing moved");
}

#[tokio::test]
async fn a_kiosk_never_gets_people_and_gives_up_what_it_may_not_hold() {
    let kiosk = device(DeviceKind::Kiosk).await;
    let foreign = Scope::customers(&store("1"));
    let cursors = [(foreign.clone(), Cursor { epoch: 1, seq: 1 })].into();
    let pulled = kiosk.pull(&cursors, 100).await;
    assert_eq!(pulled.revoked, [foreign.to_string()]);
    assert_eq!(names(&pulled.changes), [("store", "1")].into());
    assert!(!pulled.checkpoint.cursors.contains_key(&foreign));
}

#[tokio::test]
async fn pages_together_are_everything_exactly_once() {
    let tablet = device(DeviceKind::Tablet).await;
    tablet.items(100).await;
    for n in 0..30 {
        tablet.shop.customer(&store("1"), &format!("x-{n}")).await;
    }
    for limit in [1, 7, 5_000] {
        let (changes, cursors) = tablet.pull_all(limit).await;
        assert_eq!(changes.len(), 134);
        let mut last = BTreeMap::new();
        for change in &changes {
            let seq = last.entry(change.scope.clone()).or_insert(0);
            assert_eq!(change.seq, *seq + 1, "in order, without a gap");
            *seq = change.seq;
        }
        for (scope, seq) in last {
            let head = feed::read_head(&*tablet.ledger, &scope).await.unwrap();
            assert_eq!((head.seq, cursors[&scope].seq), (seq, seq));
        }
    }
}

#[tokio::test]
async fn a_page_is_bounded_in_bytes_too() {
    let tablet = device(DeviceKind::Tablet).await;
    let body = json!({"text": "x".repeat(380_000)});
    for n in 0..20 {
        let scope = Scope::catalogue(0);
        tablet
            .shop
            .put(scope, kind::ITEM, &format!("s-{n}"), &body)
            .await;
    }
    let first = tablet.pull(&BTreeMap::new(), 5_000).await;
    assert!(first.checkpoint.more);
    let cursor = first.checkpoint.cursors[&Scope::catalogue(0)];
    assert_eq!(cursor.seq, 12, "4 MiB, and the change that passes them");
    let (changes, _) = tablet.pull_all(5_000).await;
    assert_eq!(changes.len(), 24);
}

#[tokio::test]
async fn a_number_that_is_not_filled_yet_is_not_skipped() {
    let tablet = device(DeviceKind::Tablet).await;
    tablet.items(1).await;
    let scope = Scope::catalogue(0);
    let key = |sort: &str| crate::ports::ledger::Key::new(format!("S#{scope}"), sort);
    let entry = tablet
        .ledger
        .read(&key("F#00000000000000000001"))
        .await
        .unwrap()
        .unwrap();
    let sum = Sum::default();
    let head = json!({"epoch": 1, "seq": 3, "floor": 0, "min_schema": 1, "sum": sum}).to_string();
    let third = Write::put(
        key("F#00000000000000000003"),
        entry.body.clone(),
        Condition::Absent,
    );
    let head = Write::put(key("HEAD"), head, Condition::Any);
    tablet.ledger.write(vec![head, third]).await.unwrap();
    let pulled = tablet.pull(&BTreeMap::new(), 100).await;
    assert_eq!(pulled.checkpoint.cursors[&scope].seq, 1);
    assert!(
        !pulled.checkpoint.more,
        "asking again at once would not help"
    );
    let second = Write::put(key("F#00000000000000000002"), entry.body, Condition::Absent);
    tablet.ledger.write(vec![second]).await.unwrap();
    let pulled = tablet.pull(&pulled.checkpoint.cursors, 100).await;
    assert_eq!(pulled.checkpoint.cursors[&scope].seq, 3);
}

#[tokio::test]
async fn a_cursor_of_another_epoch_and_one_ahead_begin_anew() {
    let tablet = device(DeviceKind::Tablet).await;
    let (_, mut cursors) = tablet.pull_all(100).await;
    let scope = Scope::customers(&store("1"));
    cursors.insert(scope.clone(), Cursor { epoch: 9, seq: 1 });
    let pulled = tablet.pull(&cursors, 100).await;
    assert_eq!(pulled.revoked, [scope.to_string()]);
    assert_eq!(pulled.granted, [scope.to_string()]);
    assert_eq!(names(&pulled.changes), [("customer", "c-1")].into());
    assert_eq!(
        pulled.checkpoint.cursors[&scope],
        Cursor { epoch: 1, seq: 1 }
    );
    cursors.insert(scope.clone(), Cursor { epoch: 1, seq: 2 });
    let ahead = tablet.pull(&cursors, 100).await;
    assert_eq!(ahead.revoked, [scope.to_string()]);
    assert_eq!(names(&ahead.changes), [("customer", "c-1")].into());
}

#[tokio::test]
async fn other_schemas_and_bad_requests_are_refused() {
    let tablet = device(DeviceKind::Tablet).await;
    for schema in [0, SCHEMA + 1] {
        let request = PullRequest {
            schema,
            ..ask(&BTreeMap::new(), 1)
        };
        assert_eq!(tablet.problem(&request).await, (426, "schema".to_owned()));
    }
    let scope: Scope = serde_json::from_str("\"a#b\"").unwrap();
    let odd = ask(&[(scope, Cursor::default())].into(), 1);
    assert_eq!(
        tablet.problem(&odd).await,
        (400, "invalid-request".to_owned())
    );
    let none = tablet.pull(&BTreeMap::new(), 0).await;
    assert_eq!(none.changes.len(), 1, "a page holds at least one change");
}

#[tokio::test]
async fn people_do_not_pull_and_a_revoked_device_neither() {
    let tablet = device(DeviceKind::Tablet).await;
    let request = ask(&BTreeMap::new(), 1);
    let manager = tablet.shop.manager("1").await;
    let answer = tablet
        .served
        .post("/v1/sync/pull", &manager, &request)
        .await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (403, "forbidden")
    );
    let answer = tablet.served.post("/v1/sync/pull", "", &request).await;
    assert_eq!(answer.status, 401);
    let services = &tablet.shop.bench.services;
    revoke(services, &tablet.enrolment.device).await.unwrap();
    assert_eq!(tablet.problem(&request).await, (403, "revoked".to_owned()));
}

/// Pulls and waits; the answer, or the end of the test's patience, which is shorter than the wait.
fn waiting(tablet: &Device, cursors: &BTreeMap<Scope, Cursor>) -> tokio::task::JoinHandle<Pull> {
    let services = tablet.shop.bench.services.clone();
    let device = tablet.enrolment.device.clone();
    let request = PullRequest {
        wait_ms: MAX_WAIT_MS,
        verify: false,
        ..ask(cursors, 100)
    };
    tokio::spawn(async move {
        let pull = pull(&services, &device, &request);
        let patience = Duration::from_millis(MAX_WAIT_MS - 5_000);
        tokio::time::timeout(patience, pull)
            .await
            .expect("it was poked")
    })
}

type Pull = Result<Vec<u8>, PullRefusal>;

#[tokio::test]
async fn a_waiting_pull_wakes_when_its_feed_moves_and_sleeps_on_when_others_do() {
    let tablet = device(DeviceKind::Tablet).await;
    let (_, cursors) = tablet.pull_all(100).await;
    let looked = || tablet.ledger.looked.notified();
    // Earlier looks may have left a permit.
    let _ = tokio::time::timeout(Duration::ZERO, looked()).await;
    let pull = waiting(&tablet, &cursors);
    looked().await;
    tablet.shop.customer(&store("2"), "other").await;
    tablet.shop.customer(&store("1"), "new").await;
    let lines = String::from_utf8(pull.await.unwrap().unwrap()).unwrap();
    assert!(lines.contains("\"id\":\"new\""), "{lines}");
    assert!(!lines.contains("\"id\":\"other\""), "{lines}");
}

#[tokio::test]
async fn a_change_between_look_and_wait_is_not_missed() {
    let tablet = device(DeviceKind::Tablet).await;
    let (_, cursors) = tablet.pull_all(100).await;
    let services = tablet.shop.bench.services.clone();
    let moved = feed::Move {
        scope: Scope::prices(),
        kind: kind::PRICE,
        id: "s-1".to_owned(),
        body: Some(serde_json::value::to_raw_value(&json!({})).unwrap()),
        command: None,
        condition: Condition::Any,
    };
    tablet.ledger.after_next_look(async move {
        let (ledger, poke) = (&*services.ledger, &services.poke);
        feed::publish(ledger, poke, &[moved], &[]).await.unwrap();
    });
    let lines = waiting(&tablet, &cursors).await.unwrap().unwrap();
    assert!(
        String::from_utf8(lines)
            .unwrap()
            .contains("\"kind\":\"price\"")
    );
}

#[tokio::test]
async fn a_device_that_is_revoked_while_it_waits_gets_nothing() {
    let tablet = device(DeviceKind::Tablet).await;
    let (_, cursors) = tablet.pull_all(100).await;
    let looked = || tablet.ledger.looked.notified();
    let _ = tokio::time::timeout(Duration::ZERO, looked()).await;
    let pull = waiting(&tablet, &cursors);
    looked().await;
    revoke(&tablet.shop.bench.services, &tablet.enrolment.device)
        .await
        .unwrap();
    tablet.shop.customer(&store("1"), "new").await;
    assert!(matches!(pull.await.unwrap(), Err(PullRefusal::Revoked)));
}

#[tokio::test]
async fn a_wait_that_is_over_answers_a_checkpoint_alone() {
    let tablet = device(DeviceKind::Tablet).await;
    let (_, cursors) = tablet.pull_all(100).await;
    let request = PullRequest {
        wait_ms: 1,
        verify: false,
        ..ask(&cursors, 100)
    };
    let pulled = read(&tablet.send(&request).await);
    assert_eq!((pulled.changes.len(), pulled.granted.len()), (0, 0));
    assert_eq!(pulled.checkpoint.cursors, BTreeMap::new());
}

#[tokio::test]
async fn sums_are_told_of_feeds_that_stand_at_their_head_and_moved_or_of_all() {
    let tablet = device(DeviceKind::Tablet).await;
    tablet.items(2).await;
    let scope = Scope::customers(&store("1"));
    for id in ["c-3", "c-4"] {
        tablet.shop.customer(&store("1"), id).await;
    }
    let page = tablet.pull(&BTreeMap::new(), 6).await;
    assert!(page.checkpoint.more);
    assert!(
        !page.checkpoint.sums.contains_key(&scope),
        "it is half told"
    );
    let (changes, cursors) = tablet.pull_all(100).await;
    let mut sums = BTreeMap::<Scope, Sum>::new();
    for change in &changes {
        let body = change.body.as_ref().unwrap().get();
        let hash = row_hash(&change.kind, &change.id, change.version, body);
        sums.entry(change.scope.clone()).or_default().add(hash);
    }
    let whole = tablet.pull(&BTreeMap::new(), 100).await.checkpoint.sums;
    assert_eq!(whole.len(), 21, "those that hold nothing too");
    assert!(sums.iter().all(|(scope, sum)| whole[scope] == *sum));
    tablet.shop.customer(&store("1"), "c-3").await;
    let moved = tablet.pull(&cursors, 100).await.checkpoint;
    assert_eq!(moved.sums.keys().collect::<Vec<_>>(), [&scope]);
    let verify = PullRequest {
        verify: true,
        wait_ms: MAX_WAIT_MS,
        ..ask(&cursors, 100)
    };
    let verified = read(&tablet.send(&verify).await);
    assert_eq!(verified.checkpoint.sums.len(), 21);
}

#[tokio::test]
async fn nothing_to_do_is_told_in_few_bytes() {
    let tablet = device(DeviceKind::Tablet).await;
    let (_, cursors) = tablet.pull_all(100).await;
    let plain = serde_json::to_vec(&ask(&cursors, 5_000)).unwrap();
    let packed = zstd::bulk::compress(&plain, 3).unwrap();
    let answer = tablet.send_packed("zstd", &packed).await;
    assert_eq!(read(&answer).changes.len(), 0);
    let bytes = packed.len() + answer.body.len();
    assert!(bytes <= 500, "{} and {}", packed.len(), answer.body.len());
}

#[tokio::test]
async fn a_packed_request_is_bounded_and_must_be_one() {
    let tablet = device(DeviceKind::Tablet).await;
    let bomb = zstd::bulk::compress(&vec![b' '; 64 << 20], 3).unwrap();
    let cases = [
        ("zstd", bomb.as_slice(), 413, "too-much"),
        ("zstd", b"{}", 400, "invalid-request"),
        ("gzip", b"{}", 415, "media-type"),
    ];
    for (encoding, body, status, problem) in cases {
        let answer = tablet.send_packed(encoding, body).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (status, problem)
        );
    }
    let no_pull = zstd::bulk::compress(b"[]", 3).unwrap();
    let answer = tablet.send_packed("zstd", &no_pull).await;
    assert_eq!(answer.status, 400);
}
