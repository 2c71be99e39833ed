//! The host over real HTTP.

use super::*;
use crate::testing::Bench;
use domain::api::device::{Refusal, RefusalCode, Signal};
use domain::api::identity::DeviceKind;
use futures_util::StreamExt as _;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::time::Duration;

struct Hosted {
    url: String,
    client: Client,
    bench: Bench,
    _ui: tempfile::TempDir,
}

async fn hosted(kind: DeviceKind) -> Hosted {
    let bench = Bench::stocked(kind);
    let ui = tempfile::tempdir().unwrap();
    std::fs::write(ui.path().join("index.html"), "<title>Aisle</title>").unwrap();
    std::fs::write(ui.path().join("app_bg.wasm"), "wasm").unwrap();
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (device, folder) = (bench.device.clone(), ui.path().to_owned());
    tokio::spawn(async move { serve(device, listener, &folder).await });
    let no_redirects = reqwest::redirect::Policy::none();
    // A client of the cloud was made before, and with it the provider of cryptography.
    let client = Client::builder().redirect(no_redirects).build().unwrap();
    Hosted {
        url,
        client,
        bench,
        _ui: ui,
    }
}

impl Hosted {
    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    fn post(&self, name: &str, args: &Value) -> RequestBuilder {
        let request = self.client.post(format!("{}/device/{name}", self.url));
        request.header("x-aisle", "1").json(args)
    }

    async fn call(&self, name: &str, args: Value) -> (u16, Value) {
        let response = self.post(name, &args).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}

fn header_of<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_call_is_answered_and_a_refusal_has_its_status() {
    let hosted = hosted(DeviceKind::Tablet).await;
    let (status, reply) = hosted.call("read_status", json!({})).await;
    assert_eq!(
        (status, reply["store"]["name"].as_str()),
        (200, Some("Harbour"))
    );
    let (status, reply) = hosted
        .call("open_customer", json!({"customer": "c-1"}))
        .await;
    let refusal: Refusal = serde_json::from_value(reply).unwrap();
    assert_eq!((status, refusal.code), (401, RefusalCode::NotSignedIn));
    assert_eq!(hosted.call("nonsense", json!({})).await.0, 400);
    let wrong = json!({"associate": "ana", "pin": "0000"});
    assert_eq!(hosted.call("sign_in", wrong).await.0, 403);
    assert_eq!(hosted.call("open_item", json!({"sku": "zzz"})).await.0, 404);
    let huge = json!({"query": "x".repeat(100_000), "limit": 1});
    assert_eq!(hosted.call("search_items", huge).await.0, 400);
    let bare = hosted
        .post("read_status", &json!(0))
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), 400);
}

#[tokio::test]
async fn other_pages_are_kept_out() {
    let hosted = hosted(DeviceKind::Tablet).await;
    let status = async |request: RequestBuilder| request.send().await.unwrap().status().as_u16();
    let simple = hosted
        .client
        .post(format!("{}/device/read_status", hosted.url));
    assert_eq!(status(simple.body("{}")).await, 403, "without the header");
    let call = || hosted.post("read_status", &json!({}));
    assert_eq!(
        status(call().header("host", "evil.example:80")).await,
        403,
        "rebound"
    );
    assert_eq!(
        status(hosted.get("/associate").header("host", "evil.example")).await,
        403
    );
    assert_eq!(
        status(call().header("sec-fetch-site", "cross-site")).await,
        403
    );
    assert_eq!(
        status(call().header("sec-fetch-site", "same-origin")).await,
        200
    );
    let events = hosted
        .get("/device/events")
        .header("sec-fetch-site", "same-site");
    assert_eq!(status(events).await, 403);
    let asks_first = hosted.client.request(
        reqwest::Method::OPTIONS,
        format!("{}/device/read_status", hosted.url),
    );
    let answer = asks_first
        .header("origin", "https://evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(
        header_of(&answer, "access-control-allow-origin"),
        "",
        "nobody else is allowed"
    );
    assert_ne!(answer.status(), 200);
}

#[tokio::test]
async fn every_screen_is_the_one_page() {
    let hosted = hosted(DeviceKind::Kiosk).await;
    for path in [
        "/associate",
        "/associate/",
        "/associate/customer/c-1",
        "/kiosk",
        "/kiosk/item/boots",
        "/manager",
    ] {
        let page = hosted.get(path).send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
        assert!(header_of(&page, "content-security-policy").contains("default-src 'self'"));
        assert_eq!(header_of(&page, "x-content-type-options"), "nosniff");
        assert!(page.text().await.unwrap().contains("Aisle"));
    }
    let wasm = hosted.get("/app_bg.wasm").send().await.unwrap();
    assert_eq!(header_of(&wasm, "content-type"), "application/wasm");
    assert_eq!(hosted.get("/none.js").send().await.unwrap().status(), 404);
    assert_eq!(
        hosted.get("/../Cargo.toml").send().await.unwrap().status(),
        404
    );
    let start = hosted.get("/").send().await.unwrap();
    assert_eq!(header_of(&start, "location"), "/kiosk");
}

#[tokio::test]
async fn signals_arrive_as_events() {
    let hosted = hosted(DeviceKind::Tablet).await;
    let response = hosted.get("/device/events").send().await.unwrap();
    assert_eq!(header_of(&response, "content-type"), "text/event-stream");
    let mut body = response.bytes_stream();
    let mut read = String::new();
    let mut until = async |text: &str| {
        while !read.contains(text) {
            let chunk = tokio::time::timeout(Duration::from_secs(20), body.next()).await;
            read += std::str::from_utf8(&chunk.expect("an event").unwrap().unwrap()).unwrap();
        }
    };
    until(&serde_json::to_string(&Signal::Everything).unwrap()).await;
    hosted.bench.sign_in("ana", "1357").await.unwrap();
    until(&serde_json::to_string(&Signal::Status).unwrap()).await;
}

#[tokio::test]
async fn another_machine_cannot_be_served() {
    let error = listen("0.0.0.0:0".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("0.0.0.0:0"), "{error}");
}
