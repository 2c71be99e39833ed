//! A function as Lambda would run it, without Lambda.

use super::*;
use crate::http::Routes;
use crate::ports::events::{Consumed, Consumer, Delivery, Failed};
use crate::ports::ledger::{Condition, Key, Write};
use crate::testing::{Bench, bench};
use async_trait::async_trait;
use base64::Engine as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

/// Takes what is not called `bad`, and keeps its upkeep in the ledger.
const PICKY: Function = Function {
    name: "picky",
    routes: Routes::new,
    consumer: Some(picky),
    upkeep: Some(note_upkeep),
};

struct Picky;

#[async_trait]
impl Consumer for Picky {
    fn name(&self) -> &'static str {
        "picky"
    }
    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let bad = batch.iter().find(|delivery| delivery.event.id == "bad");
        bad.map_or(Ok(()), |delivery| {
            Err(Failed {
                sequence: delivery.sequence,
                reason: "it is bad".to_owned(),
            })
        })
    }
}

fn picky(_: Services) -> Arc<dyn Consumer> {
    Arc::new(Picky)
}

fn done() -> Key {
    Key::new("UPKEEP", "V")
}

fn note_upkeep(services: Services) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let put = Write::put(done(), "{}", Condition::Any);
        services.ledger.write(vec![put]).await.unwrap();
    })
}

fn host(bench: &Bench) -> Host {
    let log: Arc<dyn crate::ports::backlog::Backlog> = Arc::new(bench.log.clone());
    let wired = Wired {
        services: bench.services.clone(),
        lanes: vec![Arc::clone(&log)],
        backlog: log,
    };
    Host::new(&PICKY, &wired)
}

/// An invocation that may take this long.
async fn take_within(bench: &Bench, event: Value, left_ms: i64) -> Result<Value, EventError> {
    let mut context = Context::default();
    let deadline = bench.clock_ms() + left_ms + MARGIN_MS;
    context.deadline = u64::try_from(deadline).unwrap();
    let event = to_raw_value(&event).unwrap();
    let answer = host(bench).take(&event, &context).await?;
    Ok(serde_json::from_str(answer.get()).unwrap())
}

trait Now {
    fn clock_ms(&self) -> i64;
}

impl Now for Bench {
    fn clock_ms(&self) -> i64 {
        self.services.clock.now().timestamp_millis()
    }
}

async fn append(bench: &Bench, ids: &[&str]) {
    let events = ids.iter().map(|id| {
        let event = json!({
            "specversion": "1.0", "id": id, "source": "/test", "type": "thing.happened.v1",
            "time": "2026-06-01T12:00:00Z", "partitionkey": "one", "data": {},
        });
        serde_json::from_value(event).unwrap()
    });
    bench
        .services
        .events
        .append(events.collect())
        .await
        .unwrap();
}

/// As Kinesis tells of places in the log's first lane.
fn kinesis(places: &[u64]) -> Value {
    let record = |place: &u64| {
        let event = json!({"sequence": place.to_string(), "lane": "0"}).to_string();
        let data = base64::engine::general_purpose::STANDARD.encode(event);
        let record = json!({"sequenceNumber": format!("4959{place}"), "data": data});
        json!({"eventSource": "aws:kinesis", "kinesis": record})
    };
    json!({"Records": places.iter().map(record).collect::<Vec<_>>()})
}

fn get(path: &str) -> Value {
    let context = json!({"http": {"method": "GET"}, "stage": "$default"});
    json!({"version": "2.0", "rawPath": path, "requestContext": context})
}

#[tokio::test]
async fn a_request_is_answered_by_the_same_application_as_anywhere() {
    let bench = bench();
    let healthy = take_within(&bench, get("/healthz"), 5_000).await.unwrap();
    assert_eq!(healthy["statusCode"], 200);
    assert_eq!(healthy["body"], r#"{"status":"ok"}"#);
    let nowhere = take_within(&bench, get("/nowhere"), 5_000).await.unwrap();
    assert_eq!(nowhere["statusCode"], 404);
    let patience = Duration::from_secs(25);
    assert_eq!(
        bench.services.poke.bounded(patience),
        Duration::from_millis(2_500)
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_is_no_failure_and_what_fails_comes_again_from_there() {
    let bench = bench();
    append(&bench, &["a", "b"]).await;
    let taken = take_within(&bench, kinesis(&[1, 2]), 5_000).await.unwrap();
    assert_eq!(taken, json!({"batchItemFailures": []}));
    append(&bench, &["c", "bad", "d"]).await;
    let taken = take_within(&bench, kinesis(&[3, 4, 5]), 10).await.unwrap();
    let again = json!([{"itemIdentifier": "49594"}]);
    assert_eq!(taken, json!({"batchItemFailures": again}));
    // What was taken before comes once more, and is no failure.
    let taken = take_within(&bench, kinesis(&[1, 2, 3]), 10).await.unwrap();
    assert_eq!(taken, json!({"batchItemFailures": []}));
}

#[tokio::test]
async fn a_record_of_a_lane_that_is_not_there_comes_again() {
    let bench = bench();
    let event = json!({"sequence": "1", "lane": "7"}).to_string();
    let data = base64::engine::general_purpose::STANDARD.encode(event);
    let record = json!({"sequenceNumber": "1", "data": data});
    let batch = json!({"Records": [{"eventSource": "aws:kinesis", "kinesis": record}]});
    let taken = take_within(&bench, batch, 1_000).await.unwrap();
    assert_eq!(
        taken,
        json!({"batchItemFailures": [{"itemIdentifier": "1"}]})
    );
}

#[tokio::test(start_paused = true)]
async fn a_schedule_catches_up_and_does_the_upkeep() {
    let bench = bench();
    append(&bench, &["a", "b"]).await;
    let schedule = json!({"version": "0", "detail-type": "Scheduled Event"});
    let done_of = async || bench.services.ledger.read(&done()).await.unwrap();
    take_within(&bench, schedule.clone(), 5_000).await.unwrap();
    assert!(done_of().await.is_some());
    use crate::ports::backlog::Backlog;
    assert_eq!(bench.log.cursor("picky").await.unwrap(), 2);
    append(&bench, &["bad"]).await;
    let behind = take_within(&bench, schedule, 10).await.unwrap_err();
    assert_eq!(Diagnostic::from(behind).error_type, "Behind");
}

#[tokio::test]
async fn what_is_nothing_of_ours_is_an_error_that_says_so() {
    let bench = bench();
    for (event, kind) in [
        (json!({"hello": "world"}), "UnknownEvent"),
        (
            json!({"version": "2.0", "requestContext": {}}),
            "InvalidRequest",
        ),
    ] {
        let error = take_within(&bench, event, 1_000).await.unwrap_err();
        assert_eq!(Diagnostic::from(error).error_type, kind);
    }
}

#[test]
fn an_environment_that_the_runtime_would_panic_at_is_refused() {
    let check = |memory: Option<&str>| {
        let variable = |name: &str| match name {
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" => memory.map(str::to_owned),
            _ => Some("set".to_owned()),
        };
        check_environment(&variable).map_err(|error| error.to_string())
    };
    assert_eq!(check(Some("256")), Ok(()));
    for memory in [None, Some("much")] {
        let error = check(memory).unwrap_err();
        assert!(error.contains("MEMORY_SIZE"), "{error}");
    }
}
