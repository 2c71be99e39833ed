//! A small cloud on a real socket: it speaks the wire, can be told to be away, and remembers what it was asked.

use super::shop::{checkpoint, lines, note_change, packed_model, store_id};
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::api::sync::{Cursor, PullLine, PullRequest, PushRequest, Scope};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Default)]
struct Held {
    notes: Vec<(Value, String)>,
    last_cseq: u64,
    enrolled: BTreeMap<String, u32>,
    tokens: u32,
    models: u32,
    refuse_notes: bool,
    lose_answer: bool,
    revoked: bool,
    accepted: u32,
}

#[derive(Clone)]
pub(crate) struct FakeCloud {
    pub(crate) url: String,
    held: Arc<Mutex<Held>>,
    /// Moves with every change; `false` while the cloud is away.
    there: watch::Sender<(bool, u64)>,
}

impl FakeCloud {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cloud = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            held: Arc::default(),
            there: watch::Sender::new((true, 0)),
        };
        let app = cloud.router();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        cloud
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/v1/identity/enrol", post(enrol))
            .route("/oauth2/token", post(token))
            .route("/v1/identity/pin", post(pin))
            .route("/v1/sync/pull", post(pull))
            .route("/v1/sync/push", post(push))
            .route("/v1/recommend/snapshot", get(snapshot))
            .route("/v1/content/guest", post(guest))
            .route("/v1/analytics/board", get(board))
            .route(
                "/{*rest}",
                get(|Path(rest): Path<String>| async move { (StatusCode::NOT_FOUND, rest) }),
            )
            .layer(from_fn_with_state(self.clone(), away))
            .with_state(self.clone())
    }

    pub(crate) fn set_there(&self, there: bool) {
        self.there
            .send_modify(|state| *state = (there, state.1 + 1));
    }

    fn set(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.held.lock().unwrap());
        self.there.send_modify(|state| state.1 += 1);
    }

    pub(crate) fn refuse_notes(&self) {
        self.set(|held| held.refuse_notes = true);
    }

    /// The next push is done, and its answer never leaves.
    pub(crate) fn lose_next_answer(&self) {
        self.set(|held| held.lose_answer = true);
    }

    pub(crate) fn revoke(&self) {
        self.set(|held| held.revoked = true);
    }

    /// The cloud forgets the tokens that it gave: its keys have changed.
    pub(crate) fn change_keys(&self) {
        self.set(|held| held.accepted = held.tokens + 1);
    }

    pub(crate) fn notes(&self) -> Vec<Value> {
        let held = self.held.lock().unwrap();
        held.notes.iter().map(|(note, _)| note.clone()).collect()
    }

    pub(crate) fn enrolments(&self) -> BTreeMap<String, u32> {
        self.held.lock().unwrap().enrolled.clone()
    }

    pub(crate) fn models_sent(&self) -> u32 {
        self.held.lock().unwrap().models
    }
}

async fn away(State(cloud): State<FakeCloud>, request: Request, next: Next) -> Response {
    if !cloud.there.borrow().0 {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

fn problem(status: StatusCode, slug: &str) -> Response {
    let body =
        json!({"type": format!("/problems/{slug}"), "title": slug, "status": status.as_u16()});
    (status, Json(body)).into_response()
}

async fn enrol(State(cloud): State<FakeCloud>, Json(body): Json<Value>) -> Response {
    if body["code"] != "GOODCODE" {
        return problem(StatusCode::BAD_REQUEST, "code-refused");
    }
    let nonce = body["nonce"].as_str().unwrap().to_owned();
    cloud.set(|held| *held.enrolled.entry(nonce.clone()).or_default() += 1);
    if std::mem::take(&mut cloud.held.lock().unwrap().lose_answer) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    Json(json!({"device": "d-1", "kind": "tablet", "store": "1", "secret": "s3cret"}))
        .into_response()
}

async fn token(State(cloud): State<FakeCloud>, headers: HeaderMap, body: String) -> Response {
    // `d-1:s3cret`
    let right = headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value == "Basic ZC0xOnMzY3JldA==");
    if !right || body != "grant_type=client_credentials" {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({"error": "invalid_client", "error_description": ""})),
        )
            .into_response();
    }
    let number = {
        let mut held = cloud.held.lock().unwrap();
        held.tokens += 1;
        held.tokens
    };
    Json(json!({"access_token": format!("device-{number}"), "token_type": "Bearer", "expires_in": 900, "scope": ""})).into_response()
}

/// The problem of a request whose bearer is not good.
fn refused(cloud: &FakeCloud, headers: &HeaderMap, who: &str) -> Option<Response> {
    let held = cloud.held.lock().unwrap();
    let bearer = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let number: Option<u32> = bearer
        .strip_prefix(&format!("Bearer {who}-"))
        .and_then(|number| number.parse().ok());
    if held.revoked {
        return Some(problem(StatusCode::FORBIDDEN, "revoked"));
    }
    match number {
        Some(number) if number >= held.accepted => None,
        _ => Some(problem(StatusCode::UNAUTHORIZED, "unauthenticated")),
    }
}

async fn pin(
    State(cloud): State<FakeCloud>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    if body != json!({"associate": "mia", "pin": "2468"}) {
        return problem(StatusCode::FORBIDDEN, "pin-refused");
    }
    let number = {
        let mut held = cloud.held.lock().unwrap();
        held.tokens += 1;
        held.tokens
    };
    Json(json!({"access_token": format!("manager-{number}"), "token_type": "Bearer", "expires_in": 900, "scope": ""})).into_response()
}

async fn pull(
    State(cloud): State<FakeCloud>,
    headers: HeaderMap,
    Json(request): Json<PullRequest>,
) -> Response {
    let mut moved = cloud.there.subscribe();
    let deadline = Duration::from_millis(request.wait_ms);
    loop {
        if let Some(refusal) = refused(&cloud, &headers, "device") {
            return refusal;
        }
        if !moved.borrow_and_update().0 {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let (answer, news) = cloud.answer(&request);
        if news
            || tokio::time::timeout(deadline, moved.changed())
                .await
                .is_err()
        {
            return answer;
        }
    }
}

impl FakeCloud {
    /// What a pull gets, and whether there is anything new in it.
    fn answer(&self, request: &PullRequest) -> (Response, bool) {
        let held = self.held.lock().unwrap();
        let customers = Scope::customers(&store_id());
        let mut lines = lines();
        let Some(PullLine::Checkpoint(mut end)) = lines.pop() else {
            panic!("the shop ends with a checkpoint");
        };
        let mut seq = end.cursors[&customers].seq;
        for (note, command) in &held.notes {
            seq += 1;
            lines.push(PullLine::Change(note_change(seq, note, command)));
        }
        end.cursors.insert(customers, Cursor { epoch: 1, seq });
        lines.retain(|line| match line {
            PullLine::Grant { scope } => !request.cursors.contains_key(scope),
            PullLine::Change(change) => request
                .cursors
                .get(&change.scope)
                .is_none_or(|cursor| change.seq > cursor.seq),
            _ => true,
        });
        let news = !lines.is_empty();
        lines.push(checkpoint(end.cursors, held.last_cseq));
        let text: String = lines
            .iter()
            .map(|line| serde_json::to_string(line).unwrap() + "\n")
            .collect();
        (
            zstd::encode_all(text.as_bytes(), 1)
                .unwrap()
                .into_response(),
            news,
        )
    }
}

async fn push(State(cloud): State<FakeCloud>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    let request: PushRequest = serde_json::from_slice(&body).unwrap();
    let (mut results, mut lose) = (Vec::new(), false);
    cloud.set(|held| {
        for command in &request.commands {
            results.push(held.decide(command));
        }
        lose = std::mem::take(&mut held.lose_answer);
    });
    if lose {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let last_cseq = cloud.held.lock().unwrap().last_cseq;
    Json(json!({"last_cseq": last_cseq, "results": results})).into_response()
}

impl Held {
    fn decide(&mut self, command: &domain::api::sync::Command) -> Value {
        if command.cseq <= self.last_cseq {
            return json!({"cseq": command.cseq, "status": "duplicate"});
        }
        assert_eq!(
            command.cseq,
            self.last_cseq + 1,
            "commands come without a gap"
        );
        self.last_cseq = command.cseq;
        if self.refuse_notes {
            return json!({"cseq": command.cseq, "status": "rejected", "code": "note-invalid", "message": "Not so"});
        }
        let note = serde_json::from_str(command.args.get()).unwrap();
        self.notes.push((note, command.id.to_string()));
        json!({"cseq": command.cseq, "status": "applied"})
    }
}

async fn snapshot(State(cloud): State<FakeCloud>, headers: HeaderMap) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|tag| tag == "\"m1\"")
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    cloud.set(|held| held.models += 1);
    ([(header::ETAG, "\"m1\"")], packed_model()).into_response()
}

async fn guest(
    State(cloud): State<FakeCloud>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    if body != json!({"identify": {"phone": "040 123456"}, "store": "1"}) {
        return problem(StatusCode::NOT_FOUND, "not-found");
    }
    let guest = json!({"first_name": "Zoë", "tier": "gold", "points": 7, "returning": true, "shelves": [], "as_of": super::NOW});
    Json(guest).into_response()
}

async fn board(State(cloud): State<FakeCloud>, headers: HeaderMap, request: Request) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "manager") {
        return refusal;
    }
    assert_eq!(request.uri().query(), Some("store=1"));
    let tile = json!({"value": 3, "minutes": [1, 2]});
    let board = json!({"store": "1", "as_of": super::NOW, "newest_event_at": null, "shoppers_now": tile, "views": tile,
        "adds": tile, "orders": tile, "sales": {"minor": 100, "currency": "EUR"}, "sales_minutes": [], "top_items": []});
    Json(board).into_response()
}
