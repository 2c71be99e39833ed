//! A small cloud on a real socket: it speaks the wire, can be told to be away, and remembers what it was asked.

use super::carts::Carts;
use super::feeds::{Feeds, packed};
use super::shop::packed_model;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::api::sync::{Command, Cursor, PullRequest, PushRequest, RepairRequest, Scope};
use futures_util::stream;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Default)]
struct Held {
    feeds: Feeds,
    carts: Carts,
    notes: Vec<Value>,
    /// Commands that were decided on, by their numbers from 1.
    decided: Vec<String>,
    enrolled: BTreeMap<String, u32>,
    tokens: u32,
    models: u32,
    refuse_notes: bool,
    lose_answer: bool,
    revoked: bool,
    accepted: u32,
    /// Pulls, parts and repairs that were asked for.
    pulls: u32,
    parts: u32,
    repairs: u32,
    /// Whether there is a stream of pokes.
    pokes: bool,
    /// Whether requests may be compressed.
    plain_only: bool,
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
            .route("/v1/sync/repair", post(repair))
            .route("/v1/sync/pokes", get(pokes))
            .route("/v1/sync/snapshot/{scope}/{epoch}/{seq}", get(manifest))
            .route("/v1/sync/snapshot/{scope}/{epoch}/{seq}/{part}", get(part))
            .route("/v1/carts/{*rest}", get(cart).post(carts))
            .route("/v1/orders/{*rest}", post(orders))
            .route("/v1/identity/devices/self", post(register))
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

    /// Changes what is in the feeds, or how they are told.
    pub(crate) fn feeds(&self, change: impl FnOnce(&mut Feeds)) {
        self.set(|held| change(&mut held.feeds));
    }

    /// A backup of long ago runs in the place of the cloud.
    pub(crate) fn restore(&self) {
        self.set(|held| {
            held.feeds.restore();
            held.notes.clear();
            held.decided.clear();
        });
    }

    /// Commands of this device were decided on, before it was restored from a backup.
    pub(crate) fn decided_before(&self, commands: &[&str]) {
        self.set(|held| held.decided = commands.iter().map(ToString::to_string).collect());
    }

    pub(crate) fn open_pokes(&self) {
        self.set(|held| held.pokes = true);
    }

    pub(crate) fn take_plain_only(&self) {
        self.set(|held| held.plain_only = true);
    }

    /// Pulls, parts and repairs that were asked for.
    pub(crate) fn asked(&self) -> (u32, u32, u32) {
        let held = self.held.lock().unwrap();
        (held.pulls, held.parts, held.repairs)
    }

    /// Looks at the carts, or has somebody else do something to them.
    pub(crate) fn carts<T>(&self, look: impl FnOnce(&mut Carts, &mut Feeds) -> T) -> T {
        let mut held = self.held.lock().unwrap();
        let held = &mut *held;
        let looked = look(&mut held.carts, &mut held.feeds);
        self.there.send_modify(|state| state.1 += 1);
        looked
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
        self.held.lock().unwrap().notes.clone()
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

async fn cart(
    State(cloud): State<FakeCloud>,
    Path(cart): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    cloud.held.lock().unwrap().carts.read(&cart)
}

async fn carts(
    State(cloud): State<FakeCloud>,
    Path(rest): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    cloud.carts(|carts, feeds| carts.answer(feeds, &rest, &body))
}

async fn orders(
    State(cloud): State<FakeCloud>,
    Path(rest): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    let order = rest.trim_end_matches("/returns").to_owned();
    let answer = cloud.carts(|carts, feeds| carts.take_back(feeds, &order, &body));
    if std::mem::take(&mut cloud.held.lock().unwrap().lose_answer) {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    answer
}

async fn register(
    State(cloud): State<FakeCloud>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    let key = body["public_key"].as_str().unwrap().to_owned();
    cloud.carts(|carts, feeds| carts.register(feeds, "d-1", &key));
    Json(json!({})).into_response()
}

pub(super) fn problem(status: StatusCode, slug: &str) -> Response {
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

/// A request's body, which may be compressed.
fn read<T: DeserializeOwned>(
    cloud: &FakeCloud,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<T, StatusCode> {
    let plain = match headers.get(header::CONTENT_ENCODING) {
        Some(_) if cloud.held.lock().unwrap().plain_only => {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        Some(_) => zstd::decode_all(&**body).unwrap(),
        None => body.to_vec(),
    };
    Ok(serde_json::from_slice(&plain).unwrap())
}

async fn pull(State(cloud): State<FakeCloud>, headers: HeaderMap, body: Bytes) -> Response {
    let request: PullRequest = match read(&cloud, &headers, &body) {
        Ok(request) => request,
        Err(status) => return problem(status, "media-type"),
    };
    cloud.held.lock().unwrap().pulls += 1;
    let mut moved = cloud.there.subscribe();
    let deadline = Duration::from_millis(request.wait_ms);
    loop {
        if let Some(refusal) = refused(&cloud, &headers, "device") {
            return refusal;
        }
        if !moved.borrow_and_update().0 {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let (lines, news) = {
            let held = cloud.held.lock().unwrap();
            held.feeds.answer(&request, held.last_cseq())
        };
        if news
            || tokio::time::timeout(deadline, moved.changed())
                .await
                .is_err()
        {
            return packed(&lines).into_response();
        }
    }
}

/// Tells of every change; ends when the cloud goes.
async fn pokes(State(cloud): State<FakeCloud>) -> Response {
    if !cloud.held.lock().unwrap().pokes {
        return problem(StatusCode::NOT_FOUND, "not-found");
    }
    let moved = cloud.there.subscribe();
    let events = stream::unfold(moved, |mut moved| async move {
        moved.changed().await.ok()?;
        let there = moved.borrow_and_update().0;
        there.then_some((Ok::<_, std::io::Error>("event: poke\ndata: []\n\n"), moved))
    });
    let open = stream::iter([Ok(": open\n\n")]);
    let body = Body::from_stream(stream::StreamExt::chain(open, events));
    ([(header::CONTENT_TYPE, "text/event-stream")], body).into_response()
}

async fn manifest(
    State(cloud): State<FakeCloud>,
    Path((scope, epoch, seq)): Path<(String, u64, u64)>,
) -> Response {
    let held = cloud.held.lock().unwrap();
    let scope = Scope::parse(&scope).unwrap();
    match held.feeds.manifest(&scope, Cursor { epoch, seq }) {
        Some(manifest) => Json(manifest).into_response(),
        None => problem(StatusCode::NOT_FOUND, "not-found"),
    }
}

async fn part(
    State(cloud): State<FakeCloud>,
    Path((scope, epoch, seq, part)): Path<(String, u64, u64, usize)>,
) -> Response {
    let mut held = cloud.held.lock().unwrap();
    held.parts += 1;
    let scope = Scope::parse(&scope).unwrap();
    match held.feeds.part(&scope, Cursor { epoch, seq }, part) {
        Some(bytes) => bytes.into_response(),
        None => problem(StatusCode::NOT_FOUND, "not-found"),
    }
}

async fn repair(State(cloud): State<FakeCloud>, headers: HeaderMap, body: Bytes) -> Response {
    let request: RepairRequest = match read(&cloud, &headers, &body) {
        Ok(request) => request,
        Err(status) => return problem(status, "media-type"),
    };
    let mut held = cloud.held.lock().unwrap();
    held.repairs += 1;
    match held.feeds.repair(&request) {
        Some(lines) => lines.into_response(),
        None => problem(StatusCode::CONFLICT, "cursor-moved"),
    }
}

async fn push(State(cloud): State<FakeCloud>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = refused(&cloud, &headers, "device") {
        return refusal;
    }
    let request: PushRequest = match read(&cloud, &headers, &body) {
        Ok(request) => request,
        Err(status) => return problem(status, "media-type"),
    };
    if request
        .commands
        .iter()
        .any(|command| command.args.get().contains("poison"))
    {
        let body = json!({"type": "/problems/invalid-request", "title": "The request is not valid", "status": 400,
            "errors": [{"pointer": "/commands/0/args", "detail": "is poison"}]});
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    }
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
    let last_cseq = cloud.held.lock().unwrap().last_cseq();
    match results.into_iter().collect::<Result<Vec<_>, _>>() {
        Ok(results) => Json(json!({"last_cseq": last_cseq, "results": results})).into_response(),
        Err(slug) => {
            let body = json!({"type": format!("/problems/{slug}"), "title": slug, "status": 409, "expected": last_cseq + 1});
            (StatusCode::CONFLICT, Json(body)).into_response()
        }
    }
}

impl Held {
    fn last_cseq(&self) -> u64 {
        self.decided.len() as u64
    }

    fn decide(&mut self, command: &Command) -> Result<Value, &'static str> {
        let id = command.id.to_string();
        let place = usize::try_from(command.cseq).unwrap();
        if let Some(decided) = self.decided.get(place - 1) {
            return match *decided == id {
                true => Ok(json!({"cseq": command.cseq, "status": "duplicate"})),
                false => Err("command-mismatch"),
            };
        }
        if command.cseq != self.last_cseq() + 1 {
            return Err("cseq-gap");
        }
        self.decided.push(id.clone());
        if self.refuse_notes {
            return Ok(
                json!({"cseq": command.cseq, "status": "rejected", "code": "note-invalid", "message": "Not so"}),
            );
        }
        if command.kind.starts_with("cart.") {
            return Ok(self.carts.decide(&mut self.feeds, command));
        }
        let note: Value = serde_json::from_str(command.args.get()).unwrap();
        let known = self.notes.iter().any(|known| known["id"] == note["id"]);
        if !known {
            self.feeds.put_note(&note, &id);
            self.notes.push(note);
        }
        Ok(json!({"cseq": command.cseq, "status": "applied"}))
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
