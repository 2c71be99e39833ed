use super::super::routes;
use super::*;
use crate::engines::memory::MemoryLedger;
use crate::engines::sqlite::SqliteLedger;
use crate::feed::snapshot::build;
use crate::feed::{self, Move};
use crate::ports::ledger::Condition;
use crate::testing::shop::{Shop, as_device, store};
use crate::testing::wire::{Answer, serve};
use domain::api::identity::{DeviceKind, Enrolment};
use domain::api::sync::kind;
use proptest::prelude::*;
use std::sync::Arc;

/// Rows by kind and id: version and body.
type Held = BTreeMap<RowKey, (u64, String)>;

fn scope() -> Scope {
    Scope::customers(&store("1"))
}

fn sums(held: &Held) -> Vec<Sum> {
    let mut sums = vec![Sum::default(); BUCKETS];
    for ((kind, id), (version, body)) in held {
        sums[usize::from(bucket(kind, id))].add(row_hash(kind, id, *version, body));
    }
    sums
}

fn request(held: &Held, seq: u64) -> RepairRequest {
    RepairRequest {
        schema: SCHEMA,
        scope: scope(),
        cursor: Cursor { epoch: 1, seq },
        sums: sums(held),
    }
}

/// Applies an answer as a device does: whole buckets. Which buckets came.
fn apply(text: &[u8], held: &mut Held) -> BTreeSet<u8> {
    let mut buckets = BTreeSet::new();
    let mut ended = false;
    for line in std::str::from_utf8(text).unwrap().lines() {
        assert!(!ended, "nothing follows the end");
        match serde_json::from_str(line).unwrap() {
            RepairLine::Bucket { bucket: of } => {
                assert!(buckets.insert(of));
                held.retain(|(kind, id), _| bucket(kind, id) != of);
            }
            RepairLine::Row(row) => {
                assert_eq!(buckets.last(), Some(&bucket(&row.kind, &row.id)));
                held.insert((row.kind, row.id), (row.version, row.body.get().to_owned()));
            }
            RepairLine::End { sum, .. } => {
                let whole = sums(held).iter().fold(Sum::default(), |whole, sum| Sum {
                    rows: whole.rows + sum.rows,
                    checksum: whole.checksum.wrapping_add(sum.checksum),
                });
                assert_eq!(whole, sum);
                ended = true;
            }
        }
    }
    assert!(ended);
    buckets
}

struct Bench {
    shop: Shop,
    tablet: Enrolment,
    /// What the scope held at each number, from 0.
    history: Vec<Held>,
}

impl Bench {
    async fn on(ledger: Arc<dyn Ledger>) -> Self {
        let shop = Shop::open_on(|_| ledger.clone()).await;
        let tablet = shop.enrol("1", DeviceKind::Tablet).await;
        let mut bench = Self {
            shop,
            tablet,
            history: vec![Held::new()],
        };
        bench.note_down().await;
        bench
    }

    /// Reads what was told since.
    async fn note_down(&mut self) {
        let seq = self.history.len() as u64 - 1;
        let ledger = &*self.shop.bench.services.ledger;
        let told = feed::read_after(ledger, &scope(), Cursor { epoch: 1, seq }, 1_000).await;
        for change in told.unwrap() {
            let mut held = self.history.last().unwrap().clone();
            let key = (change.kind, change.id);
            match change.body {
                Some(body) => held.insert(key, (change.version, body.get().to_owned())),
                None => held.remove(&key),
            };
            self.history.push(held);
        }
    }

    async fn put(&mut self, id: u8, text: Option<u8>) {
        let moved = Move {
            scope: scope(),
            kind: kind::NOTE,
            id: id.to_string(),
            body: text.map(|text| serde_json::value::to_raw_value(&text).unwrap()),
            command: None,
            condition: Condition::Any,
        };
        let services = &self.shop.bench.services;
        feed::publish(&*services.ledger, &services.poke, &[moved], &[])
            .await
            .unwrap();
        self.note_down().await;
    }

    async fn repair(&self, request: &RepairRequest) -> Result<Vec<u8>, RepairRefusal> {
        repair(&self.shop.bench.services, &as_device(&self.tablet), request).await
    }
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Option<u8>),
    Build,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..20_u8, prop::option::weighted(0.8, 0..3_u8)).prop_map(|(id, text)| Step::Put(id, text)),
        1 => Just(Step::Build),
    ];
    prop::collection::vec(step, 1..40)
}

/// What went wrong with a device's copy: rows that are gone, rows that are others.
fn faults() -> impl Strategy<Value = Vec<(u8, Option<u8>)>> {
    prop::collection::vec((0..24_u8, prop::option::of(0..3_u8)), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn exactly_the_buckets_that_differ_are_told_and_make_the_copy_right(
        steps in steps(), faults in faults(), at in 0.0..1.0_f64,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteLedger::open(&folder.path().join("ledger.db")).unwrap();
        let engines: [Arc<dyn Ledger>; 2] = [Arc::new(sqlite), Arc::new(MemoryLedger::default())];
        for ledger in engines {
            runtime.block_on(async {
                let mut bench = Bench::on(ledger.clone()).await;
                for step in &steps {
                    match step {
                        Step::Put(id, text) => bench.put(*id, *text).await,
                        Step::Build => drop(build(&*ledger, &scope()).await.unwrap()),
                    }
                }
                let head = feed::read_head(&*ledger, &scope()).await.unwrap();
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place between two numbers")]
                let seq = head.floor + ((head.seq - head.floor) as f64 * at).round() as u64;
                let truth = &bench.history[usize::try_from(seq).unwrap()];
                let mut copy = truth.clone();
                for (id, text) in &faults {
                    let key = ("note".to_owned(), id.to_string());
                    match text {
                        Some(text) => copy.insert(key, (1, text.to_string())),
                        None => copy.remove(&key),
                    };
                }
                let differing: BTreeSet<u8> = (0..=u8::MAX)
                    .filter(|n| sums(&copy)[usize::from(*n)] != sums(truth)[usize::from(*n)])
                    .collect();
                let text = bench.repair(&request(&copy, seq)).await.unwrap();
                assert_eq!(apply(&text, &mut copy), differing);
                assert_eq!(&copy, truth);
            });
        }
    }
}

async fn bench() -> Bench {
    let mut bench = Bench::on(Arc::new(MemoryLedger::default())).await;
    for id in 0..10 {
        bench.put(id, Some(1)).await;
    }
    bench
}

#[tokio::test]
async fn a_cursor_that_the_feed_does_not_have_is_begun_anew() {
    let bench = bench().await;
    let ledger = bench.shop.bench.services.ledger.clone();
    build(&*ledger, &scope()).await.unwrap();
    let held = bench.history.last().unwrap();
    let ahead = bench.repair(&request(held, 12)).await;
    assert!(matches!(ahead, Err(RepairRefusal::CursorGone)));
    let mut other = request(held, 11);
    other.cursor.epoch = 2;
    let other = bench.repair(&other).await;
    assert!(matches!(other, Err(RepairRefusal::CursorGone)));
    bench.shop.customer(&store("1"), "new").await;
    build(&*ledger, &scope()).await.unwrap();
    let below = bench.repair(&request(held, 10)).await;
    assert!(matches!(below, Err(RepairRefusal::CursorGone)));
    let mut copy = held.clone();
    let text = bench.repair(&request(&copy, 11)).await.unwrap();
    assert_eq!(
        apply(&text, &mut copy).len(),
        0,
        "the older snapshot is still there"
    );
}

#[tokio::test]
async fn what_differs_in_too_much_is_begun_anew() {
    let bench = bench().await;
    let large = serde_json::json!("x".repeat(390_000));
    for n in 0..90 {
        let id = format!("large-{n}");
        bench.shop.put(scope(), kind::NOTE, &id, &large).await;
    }
    let refused = bench.repair(&request(&Held::new(), 101)).await;
    assert!(
        matches!(refused, Err(RepairRefusal::TooMuch)),
        "{:?}",
        refused.err()
    );
}

#[tokio::test]
async fn who_finds_no_place_is_told_when_to_ask_again() {
    let bench = bench().await;
    let benches = Benches::default();
    let ask = async || {
        let services = State(bench.shop.bench.services.clone());
        let caller = Caller(as_device(&bench.tablet));
        let asked = Packed(request(bench.history.last().unwrap(), 11));
        let answer = repair_rows(services, Extension(benches.clone()), caller, asked).await;
        answer.into_response()
    };
    let others: Vec<_> = (0..MAX_REPAIRS).map(|_| benches.take().unwrap()).collect();
    let refused = ask().await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()[header::RETRY_AFTER], RETRY_SECONDS);
    drop(others);
    for _ in 0..=MAX_REPAIRS {
        assert_eq!(ask().await.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_repair_travels_packed_and_is_for_whom_it_is_granted() {
    let bench = bench().await;
    let served = serve(routes(bench.shop.bench.services.clone())).await;
    let mut copy = bench.history.last().unwrap().clone();
    copy.remove(&("note".to_owned(), "3".to_owned()));
    let asked = request(&copy, 11);
    let packed = zstd::bulk::compress(&serde_json::to_vec(&asked).unwrap(), 3).unwrap();
    assert!(packed.len() < 2_000, "{}", packed.len());
    let bearer = format!("Bearer {}", bench.shop.token(&bench.tablet).await);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("content-encoding", "zstd"),
    ];
    let answer = served
        .send("POST", "/v1/sync/repair", &headers, &packed)
        .await;
    assert_eq!(
        (answer.status, answer.headers["content-encoding"].as_str()),
        (200, "zstd")
    );
    let text = zstd::decode_all(&*answer.body).unwrap();
    assert_eq!(apply(&text, &mut copy).len(), 1);
    assert_eq!(&copy, bench.history.last().unwrap());
    let kiosk = bench.shop.enrol("1", DeviceKind::Kiosk).await;
    let kiosk = bench.shop.token(&kiosk).await;
    let tablet = bench.shop.token(&bench.tablet).await;
    let told = |answer: Answer| (answer.status, answer.problem());
    let post = async |token: &str, request: &RepairRequest| {
        told(served.post("/v1/sync/repair", token, request).await)
    };
    assert_eq!(post(&kiosk, &asked).await, (403, "not-granted".to_owned()));
    let few = RepairRequest {
        sums: vec![Sum::default(); 255],
        ..asked.clone()
    };
    assert_eq!(
        post(&tablet, &few).await,
        (400, "invalid-request".to_owned())
    );
    let older = RepairRequest {
        schema: SCHEMA + 1,
        ..asked.clone()
    };
    assert_eq!(post(&tablet, &older).await, (426, "schema".to_owned()));
    let mut ahead = asked;
    ahead.cursor.seq = 99;
    assert_eq!(post(&tablet, &ahead).await, (410, "cursor-gone".to_owned()));
}
