mod enrich;
mod limits;
mod outcomes;
mod wire;

use super::routes;
use crate::engines::memory::MemoryEventLog;
use crate::ports::backlog::Backlog as _;
use crate::ports::ledger::{Condition, Key, Write};
use crate::testing::{Bench, ListVerifier, bench_with};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use base64::Engine as _;
use domain::access::{Permission, Principal, Role};
use domain::event::Event;
use serde_json::{Value, json};
use std::io::Write as _;
use tower::ServiceExt as _;

/// An ingest function with one source, `web`, whose key is `wk-1`, and an operator whose token is `operator`.
struct Desk {
    bench: Bench,
    router: Router,
}

impl Desk {
    async fn open() -> Self {
        let operator = Principal {
            role: Role::Operator,
            permissions: vec![Permission::EventsReplay],
            store: None,
            device: None,
            associate: None,
            customer: None,
        };
        let bench = bench_with(ListVerifier {
            principals: [("operator".to_owned(), operator)].into(),
            sources: [("wk-1".to_owned(), "web".to_owned())].into(),
        });
        let source = json!({"source": "web", "currency": "EUR", "store": "17"});
        let desk = Self {
            // As a host does, which may have an answer of its own to wrong methods.
            router: routes(bench.services.clone())
                .build()
                .0
                .method_not_allowed_fallback(|| async { StatusCode::METHOD_NOT_ALLOWED }),
            bench,
        };
        desk.write("W#wk-1", &source).await;
        desk
    }

    async fn write(&self, partition: &str, body: &Value) {
        let key = Key::new(partition, "V");
        let write = Write::put(key, body.to_string(), Condition::Any);
        self.bench.services.ledger.write(vec![write]).await.unwrap();
    }

    async fn send(&self, request: Request<Body>) -> (u16, Value) {
        let response = self.answer(request).await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 22).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> (u16, Value) {
        let request = Request::post(path).header(header::AUTHORIZATION, basic("wk-1"));
        self.send(request.body(Body::from(body.into())).unwrap())
            .await
    }

    async fn post_batch(&self, calls: &[Value]) -> (u16, Value) {
        self.post("/v1/batch", json!({"batch": calls}).to_string())
            .await
    }

    async fn stored(&self) -> Vec<Event> {
        stored(&self.bench.log).await
    }

    async fn rejections(&self) -> Vec<Value> {
        let (status, page) = self.list("/v1/ingest/rejections?limit=200").await;
        assert_eq!(status, 200, "{page}");
        page["rejections"].as_array().unwrap().clone()
    }

    async fn list(&self, path: &str) -> (u16, Value) {
        let request = Request::get(path).header(header::AUTHORIZATION, "Bearer operator");
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

async fn stored(log: &MemoryEventLog) -> Vec<Event> {
    let deliveries = log.read_after(0, 10_000).await.unwrap();
    deliveries
        .iter()
        .map(|delivery| serde_json::from_str(delivery.event.data.get()).unwrap())
        .collect()
}

fn basic(key: &str) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
    format!("Basic {encoded}")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A good call.
fn view(message: &str, sku: &str) -> Value {
    json!({"type": "track", "messageId": message, "anonymousId": "a-1", "event": "Product Viewed",
        "properties": {"sku": sku, "price": 12.9}})
}

/// A good call of exactly `bytes` bytes.
fn sized(message: &str, bytes: usize) -> String {
    let call = |filler: &str| {
        json!({"type": "page", "messageId": message, "anonymousId": "a-1", "context": {"filler": filler}}).to_string()
    };
    let filler = "x".repeat(bytes - call("").len());
    call(&filler)
}
