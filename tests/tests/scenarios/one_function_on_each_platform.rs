//! The same program behind every platform's way of forwarding, and the files that tell platforms of it.

mod files;

use aisle_tests::program::Program;
use base64::Engine as _;
use cloud_functions::host::folder::DataFolder;
use cloud_functions::host::wiring::{self, Wired};
use cloud_functions::ports::ledger::{Condition, Key, Write};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::path::Path;

const WRITE_KEY: &str = "shop-key";
const TOKEN: &str = "delivery-secret";

struct Place {
    folder: tempfile::TempDir,
    wired: Wired,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let wired = wiring::open(&DataFolder::open(folder.path()).unwrap()).unwrap();
    let source = json!({"source": "shop", "currency": "EUR"}).to_string();
    let put = Write::put(
        Key::new(format!("W#{WRITE_KEY}"), "V"),
        source,
        Condition::Any,
    );
    wired.services.ledger.write(vec![put]).await.unwrap();
    Place { folder, wired }
}

impl Place {
    async fn start(&self, name: &str, variables: &[(&str, &str)]) -> Program {
        let folder = self.folder.path();
        let mut all = vec![("AISLE_DATA".to_owned(), text(folder))];
        let variables = variables.iter();
        all.extend(variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let log = folder.join(format!("{name}.log"));
        Program::start_with(name, &[], &log, &all).await.unwrap()
    }

    async fn profile_of(&self, shopper: &str) -> Option<String> {
        let key = Key::new(format!("P#a/{shopper}"), "V");
        let profile = self.wired.services.ledger.read(&key).await.unwrap();
        profile.map(|profile| profile.body)
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn client() -> Client {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// A click, as a shop's page posts it.
fn click(url: &str) -> RequestBuilder {
    let call = json!({
        "type": "track", "event": "Product Viewed", "messageId": "m-1",
        "anonymousId": "somebody", "timestamp": "2026-06-01T12:00:00Z",
        "properties": {"product_id": "tent-2", "name": "Tent", "category": "outdoor"},
    });
    let post = client().post(format!("{url}/v1/track"));
    post.basic_auth(WRITE_KEY, Some("")).json(&call)
}

fn viewed(shopper: &str) -> Value {
    json!({
        "message_id": format!("m-{shopper}"), "who": {"anonymous": shopper},
        "at": "2026-06-01T12:00:00Z", "received_at": "2026-06-01T12:00:01Z",
        "action": {"type": "product_viewed", "sku": "tent-2"},
    })
}

fn event(shopper: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": format!("m-{shopper}"), "source": "/segment/shop",
        "type": "product.viewed.v1", "time": "2026-06-01T12:00:00Z", "partitionkey": shopper,
        "data": data,
    })
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn azure_forwards_requests_and_wraps_events() {
    let place = place().await;
    // The port of a custom handler is the host's to choose; here it is whichever is free.
    let azure = [("FUNCTIONS_CUSTOMHANDLER_PORT", "0")];
    let ingest = place.start("aisle-ingest", &azure).await;
    assert!(ingest.addr().starts_with("127.0.0.1:"), "{}", ingest.addr());
    let forwarded = click(&ingest.url())
        .header("x-forwarded-for", "203.0.113.1:5000")
        .header("x-azure-functions-invocationid", "c0ffee")
        .header("x-original-url", "/v1/track");
    assert_eq!(status(forwarded).await, 200);

    let profile = place.start("aisle-profile", &azure).await;
    let deliver = |item: &Value| {
        let metadata = json!({"DequeueCount": "1", "sys": {"MethodName": "events"}});
        // The host gives a queue's text as a text within the text.
        let envelope = json!({"Data": {"event": item.to_string()}, "Metadata": metadata});
        client()
            .post(format!("{}/events", profile.url()))
            .json(&envelope)
    };
    let answer = deliver(&event("anna", &viewed("anna")))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(
        answer,
        json!({"Outputs": {}, "Logs": [], "ReturnValue": null})
    );
    assert!(place.profile_of("anna").await.unwrap().contains("tent-2"));
    let failed = deliver(&event("bert", &json!({"nothing": 1})));
    assert_eq!(status(failed).await, 503);
    assert_eq!(place.profile_of("bert").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn cloud_run_delivers_cloud_events_and_pushes_of_pubsub() {
    let place = place().await;
    let run = [
        ("PORT", "0"),
        ("AISLE_HOST", "127.0.0.1"),
        ("AISLE_EVENTS_TOKEN", TOKEN),
    ];
    let profile = place.start("aisle-profile", &run).await;
    let url = |token: &str| format!("{}/events?token={token}", profile.url());
    let binary = |token: &str, shopper: &str, data: Value| {
        let post = client().post(url(token));
        let post = post
            .header("ce-specversion", "1.0")
            .header("ce-id", shopper);
        let post = post
            .header("ce-source", "/segment/shop")
            .header("ce-type", "product.viewed.v1");
        let post = post.header("ce-time", "2026-06-01T12:00:00Z");
        post.header("ce-partitionkey", shopper).json(&data)
    };
    assert_eq!(status(binary("another", "anna", viewed("anna"))).await, 401);
    assert_eq!(place.profile_of("anna").await, None);
    assert_eq!(status(binary(TOKEN, "anna", viewed("anna"))).await, 204);
    assert!(place.profile_of("anna").await.unwrap().contains("tent-2"));
    assert_eq!(
        status(binary(TOKEN, "bert", json!({"nothing": 1}))).await,
        503
    );

    let data = event("carla", &viewed("carla")).to_string();
    let data = base64::engine::general_purpose::STANDARD.encode(data);
    let message = json!({"data": data, "messageId": "1", "publishTime": "2026-06-01T12:00:00Z"});
    let push = json!({"message": message, "subscription": "projects/p/subscriptions/aisle"});
    assert_eq!(status(client().post(url(TOKEN)).json(&push)).await, 204);
    assert!(place.profile_of("carla").await.unwrap().contains("tent-2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_watchdog_finds_an_upstream_that_is_ready() {
    let place = place().await;
    let upstream = [("PORT", "0"), ("AISLE_HOST", "127.0.0.1"), ("mode", "http")];
    let ingest = place.start("aisle-ingest", &upstream).await;
    let ready = client().get(format!("{}/healthz", ingest.url()));
    assert_eq!(status(ready).await, 200);
    let forwarded = click(&ingest.url())
        .header("x-call-id", "5c8f")
        .header("x-start-time", "1780000000000000000")
        .header("x-forwarded-host", "gateway.openfaas:8080");
    assert_eq!(status(forwarded).await, 200);
    let stored = place.wired.backlog.read_after(0, 10).await.unwrap();
    assert_eq!(stored.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_healthy_and_ends_when_it_is_asked_to() {
    let place = place().await;
    let container = [
        ("PORT", "0"),
        ("AISLE_HOST", "127.0.0.1"),
        ("AISLE_PUMP", "1"),
    ];
    let ingest = place.start("aisle-ingest", &container).await;
    let profile = place.start("aisle-profile", &container).await;
    for program in [&ingest, &profile] {
        let health = client().get(format!("{}/healthz", program.url()));
        assert_eq!(status(health).await, 200);
    }
    assert_eq!(status(click(&ingest.url())).await, 200);
    let kept = || async { Ok(place.profile_of("somebody").await) };
    let kept = aisle_tests::until::until("a profile", kept).await.unwrap();
    assert!(kept.contains("tent-2"), "{kept}");
    // Nobody delivers events to a program that has no token.
    let stranger = client()
        .post(format!("{}/events", profile.url()))
        .json(&json!([]));
    assert_eq!(status(stranger).await, 404);
    assert!(ingest.terminate().await.unwrap() && profile.terminate().await.unwrap());
}
