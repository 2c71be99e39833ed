//! Functions as programs of their own on one folder: an event comes in at one and goes through another.

use crate::client;
use crate::program::{Program, cloud, complaint, serve, until};
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring;
use cloud_functions::ports::events::{DeadLetter, Delivery};
use cloud_functions::ports::ledger::{Condition, Key, Write};
use cloud_functions::services::Services;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

pub(crate) const WRITE_KEY: &str = "shop-key";

pub(crate) fn services(data: &Path) -> Services {
    let folder = DataFolder::open(data).unwrap();
    wiring::open(&folder).unwrap().services
}

pub(crate) async fn with_source(data: &Path) -> Services {
    let services = services(data);
    let source = json!({"source": "shop", "currency": "EUR"}).to_string();
    let key = Key::new(format!("W#{WRITE_KEY}"), "V");
    let put = Write::put(key, source, Condition::Any);
    services.ledger.write(vec![put]).await.unwrap();
    services
}

fn function(program: &str, data: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command
        .env("PORT", "0")
        .env("AISLE_HOST", "127.0.0.1")
        .env("AISLE_DATA", data)
        .envs(variables.iter().copied());
    command
}

fn ingest(data: &Path) -> Command {
    function(env!("CARGO_BIN_EXE_aisle-ingest"), data, &[])
}

fn profile(data: &Path, variables: &[(&str, &str)]) -> Command {
    function(env!("CARGO_BIN_EXE_aisle-profile"), data, variables)
}

async fn view_product(url: &str, message: &str) {
    let call = json!({
        "type": "track",
        "event": "Product Viewed",
        "messageId": message,
        "anonymousId": "somebody",
        "timestamp": "2026-06-01T12:00:00Z",
        "properties": {"product_id": "tent-2", "name": "Tent", "category": "outdoor"},
    });
    let posted = client()
        .post(format!("{url}/v1/track"))
        .basic_auth(WRITE_KEY, Some(""))
        .json(&call)
        .send()
        .await
        .unwrap();
    assert_eq!(posted.status().as_u16(), 200);
}

async fn views(services: &Services) -> Option<Value> {
    let profile = services.ledger.read(&Key::new("P#a/somebody", "V")).await;
    Some(serde_json::from_str(&profile.unwrap()?.body).unwrap())
}

fn event(id: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/segment/shop", "type": "product.viewed.v1",
        "time": "2026-06-01T12:00:00Z", "partitionkey": "somebody", "data": data,
    })
}

fn view() -> Value {
    json!({
        "message_id": "m-1", "who": {"anonymous": "somebody"}, "at": "2026-06-01T12:00:00Z",
        "received_at": "2026-06-01T12:00:01Z",
        "action": {"type": "product_viewed", "sku": "tent-2"},
    })
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn an_event_goes_from_one_program_through_another() {
    let folder = tempfile::tempdir().unwrap();
    let services = with_source(folder.path()).await;
    let ingest = Program::start(&mut ingest(folder.path()));
    let mut profile = Program::start(&mut profile(folder.path(), &[("AISLE_PUMP", "1")]));
    view_product(&ingest.url, "m-1").await;
    let kept = until("a profile", async || views(&services).await).await;
    assert!(kept.to_string().contains("tent-2"), "{kept}");
    assert!(profile.terminate().success());
}

#[tokio::test]
async fn a_platform_delivers_events_with_the_token_and_learns_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    let services = with_source(folder.path()).await;
    let token = [("AISLE_EVENTS_TOKEN", "delivery-secret")];
    let profile = Program::start(&mut profile(folder.path(), &token));
    let batch = json!([event("good", &view()), event("bad", &json!({"nothing": 1}))]);
    let deliver = async |token: &str| {
        let response = client()
            .post(format!("{}/events", profile.url))
            .bearer_auth(token)
            .header("content-type", "application/cloudevents-batch+json")
            .body(batch.to_string())
            .send()
            .await
            .unwrap();
        (
            response.status().as_u16(),
            response.json::<Value>().await.unwrap(),
        )
    };
    assert_eq!(deliver("another").await.0, 401);
    assert_eq!(views(&services).await, None);
    let failures = json!({"batchItemFailures": [{"itemIdentifier": "bad"}]});
    assert_eq!(deliver("delivery-secret").await, (200, failures));
    let kept = views(&services).await.unwrap();
    assert!(kept.to_string().contains("tent-2"), "{kept}");
}

#[tokio::test]
async fn a_dead_letter_is_listed_and_replayed_from_outside_while_the_cloud_serves() {
    let folder = tempfile::tempdir().unwrap();
    let services = with_source(folder.path()).await;
    let letter = DeadLetter {
        consumer: "profile".to_owned(),
        delivery: Delivery {
            sequence: 7,
            replayed: false,
            event: serde_json::from_value(event("m-1", &view())).unwrap(),
        },
        attempts: 10,
        reason: "the ledger was away".to_owned(),
        given_up_at: services.clock.now(),
    };
    let backlog = wiring::open(&DataFolder::open(folder.path()).unwrap());
    backlog.unwrap().backlog.give_up(&letter).await.unwrap();
    let _cloud = Program::start(&mut serve(folder.path()));
    let list = || output(&mut cloud(&["dead-letters", "list"], folder.path()));
    let listed: Value = serde_json::from_str(&list()).unwrap();
    assert_eq!(listed["reason"], "the ledger was away");
    assert_eq!(listed.get("data"), None);
    let replay = ["dead-letters", "replay", "--consumer", "profile"];
    let replay = output(&mut cloud(&replay, folder.path()));
    assert_eq!(replay, "{\"found\":1}\n");
    let kept = until("a profile", async || views(&services).await).await;
    assert!(kept.to_string().contains("tent-2"), "{kept}");
    until("an empty list", async || list().is_empty().then_some(())).await;
}

#[test]
fn a_function_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let lacking = complaint(ingest(folder.path()).env_remove("AISLE_DATA"));
    assert!(lacking.contains("AISLE_DATA"), "{lacking}");
    let _cloud = Program::start(&mut serve(folder.path()));
    let in_use = complaint(&mut ingest(folder.path()));
    assert!(in_use.contains("in use by another aisle-cloud"), "{in_use}");
}

#[test]
fn a_consumer_is_pumped_by_one_program() {
    let folder = tempfile::tempdir().unwrap();
    let pump = [("AISLE_PUMP", "1")];
    let _first = Program::start(&mut profile(folder.path(), &pump));
    let _deaf = Program::start(&mut profile(folder.path(), &[]));
    let second = complaint(&mut profile(folder.path(), &pump));
    assert!(second.contains("pump of profile"), "{second}");
}
