//! The programs of functions on Lambda: requests, batches that are taken in part, schedules, and what makes no sense.

use aisle_tests::lambda::{Lambda, Outcome, http_event};
use base64::Engine as _;
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring::{self, Wired};
use cloud_functions::ports::ledger::{Condition, Key, Write};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

const WRITE_KEY: &str = "shop-key";
/// More than a slow machine needs.
const AMPLE: Duration = Duration::from_secs(60);
/// Enough to try, and not enough to give an event up: that takes some 25 seconds.
const SHORT: Duration = Duration::from_secs(5);

async fn wired(folder: &Path) -> Wired {
    let wired = wiring::open(&DataFolder::open(folder).unwrap()).unwrap();
    let source = json!({"source": "shop", "currency": "EUR"}).to_string();
    let put = Write::put(
        Key::new(format!("W#{WRITE_KEY}"), "V"),
        source,
        Condition::Any,
    );
    wired.services.ledger.write(vec![put]).await.unwrap();
    wired
}

async fn start(name: &str, folder: &Path) -> Lambda {
    let data = folder.to_str().unwrap();
    let log = folder.join(format!("{name}.log"));
    Lambda::start(name, &[("AISLE_DATA", data)], &log)
        .await
        .unwrap()
}

fn answer(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Error(error) => panic!("it failed: {error}"),
    }
}

fn view(message: &str) -> Value {
    let call = json!({
        "type": "track", "event": "Product Viewed", "messageId": message,
        "anonymousId": "somebody", "timestamp": "2026-06-01T12:00:00Z",
        "properties": {"product_id": "tent-2", "name": "Tent", "category": "outdoor"},
    });
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{WRITE_KEY}:"));
    let headers =
        json!({"authorization": format!("Basic {key}"), "content-type": "application/json"});
    http_event("POST", "/v1/track", &headers, Some(&call.to_string()))
}

/// A batch that tells of places in the log.
fn batch(places: &[u64]) -> Value {
    let record = |place: &u64| {
        let event = json!({"sequence": place.to_string(), "lane": "0"}).to_string();
        let data = base64::engine::general_purpose::STANDARD.encode(event);
        json!({
            "eventSource": "aws:kinesis", "eventID": format!("shardId-0:{place}"),
            "kinesis": {"sequenceNumber": format!("4959{place}"), "partitionKey": "0", "data": data},
        })
    };
    json!({"Records": places.iter().map(record).collect::<Vec<_>>()})
}

async fn profile(wired: &Wired) -> Option<String> {
    let key = Key::new("P#a/somebody", "V");
    let profile = wired.services.ledger.read(&key).await.unwrap();
    profile.map(|profile| profile.body)
}

/// An event that no consumer can read.
fn unreadable() -> cloud_functions::ports::events::CloudEvent {
    let event = json!({
        "specversion": "1.0", "id": "bad", "source": "/segment/shop", "type": "product.viewed.v1",
        "time": "2026-06-01T12:00:00Z", "partitionkey": "somebody", "data": {"nothing": 1},
    });
    serde_json::from_value(event).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_goes_from_an_http_api_over_a_stream_into_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    let wired = wired(folder.path()).await;
    let ingest = start("aisle-ingest", folder.path()).await;
    let posted = answer(ingest.invoke(&view("m-1"), AMPLE).await.unwrap());
    assert_eq!(posted["statusCode"], 200, "{posted}");
    let stranger = http_event("POST", "/v1/track", &json!({}), Some("{}"));
    let refused = answer(ingest.invoke(&stranger, AMPLE).await.unwrap());
    assert_eq!(refused["statusCode"], 401, "{refused}");

    assert_eq!(profile(&wired).await, None);
    let consumer = start("aisle-profile", folder.path()).await;
    let taken = answer(consumer.invoke(&batch(&[1]), AMPLE).await.unwrap());
    assert_eq!(taken, json!({"batchItemFailures": []}));
    assert!(profile(&wired).await.unwrap().contains("tent-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_comes_again_from_the_record_that_was_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let wired = wired(folder.path()).await;
    let ingest = start("aisle-ingest", folder.path()).await;
    answer(ingest.invoke(&view("m-1"), AMPLE).await.unwrap());
    wired
        .services
        .events
        .append(vec![unreadable()])
        .await
        .unwrap();
    answer(ingest.invoke(&view("m-2"), AMPLE).await.unwrap());

    let consumer = start("aisle-profile", folder.path()).await;
    let taken = answer(consumer.invoke(&batch(&[1, 2, 3]), SHORT).await.unwrap());
    let again = json!([{"itemIdentifier": "49592"}]);
    assert_eq!(taken, json!({"batchItemFailures": again}));
    assert_eq!(wired.backlog.cursor("profile").await.unwrap(), 1);
    let schedule =
        json!({"version": "0", "detail-type": "Scheduled Event", "source": "aws.events"});
    match consumer.invoke(&schedule, SHORT).await.unwrap() {
        Outcome::Error(error) => assert_eq!(error["errorType"], "Behind", "{error}"),
        Outcome::Answer(answer) => panic!("it says that all was taken: {answer}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_an_error_and_the_next_event_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let _wired = wired(folder.path()).await;
    let ingest = start("aisle-ingest", folder.path()).await;
    for (event, kind) in [
        (json!({"hello": "world"}), "UnknownEvent"),
        (batch(&[1]), "NoConsumer"),
        (
            json!({"version": "2.0", "requestContext": {}}),
            "InvalidRequest",
        ),
    ] {
        match ingest.invoke(&event, AMPLE).await.unwrap() {
            Outcome::Error(error) => assert_eq!(error["errorType"], kind, "{error}"),
            Outcome::Answer(answer) => panic!("{event} was answered: {answer}"),
        }
    }
    let healthy = http_event("GET", "/healthz", &json!({}), None);
    let healthy = answer(ingest.invoke(&healthy, AMPLE).await.unwrap());
    assert_eq!(healthy["statusCode"], 200);
}
