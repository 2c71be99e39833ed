//! The feed's server.

use super::super::store::customer;
use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The most changes of an answer.
pub(super) const PAGE: u64 = 5_000;
const ZSTD_LEVEL: i32 = 3;

#[derive(Clone)]
struct Feed {
    database: Arc<Mutex<Connection>>,
    last: watch::Sender<u64>,
}

#[derive(Deserialize)]
struct After {
    after: u64,
}

/// Serves so many customers until it is killed.
pub(crate) async fn serve(arguments: &[String]) -> Result<()> {
    let customers: u64 = arguments.first().map_or(Ok(0), |number| number.parse())?;
    let folder = tempfile::tempdir()?;
    let mut database = Connection::open(folder.path().join("feed.db"))?;
    database.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE feed (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL)",
    )?;
    let all: Vec<u64> = (0..customers).collect();
    for numbers in all.chunks(10_000) {
        let bodies: Vec<Value> = numbers.iter().map(|number| customer(*number, 0)).collect();
        add(&mut database, &bodies)?;
    }
    let feed = Feed {
        database: Arc::new(Mutex::new(database)),
        last: watch::Sender::new(customers),
    };
    let router = Router::new()
        .route("/changes", get(changes).post(put))
        .route("/wait", get(wait))
        .with_state(feed);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    println!("{}", json!({"ready": true, "addr": addr.to_string()}));
    Ok(axum::serve(listener, router).await?)
}

fn add(database: &mut Connection, bodies: &[Value]) -> Result<u64> {
    let transaction = database.transaction()?;
    for body in bodies {
        let id = body.get("id").and_then(Value::as_str);
        transaction
            .prepare_cached("INSERT INTO feed (id, body) VALUES (?1, ?2)")?
            .execute(params![id, body.to_string()])?;
    }
    let last = transaction.last_insert_rowid();
    transaction.commit()?;
    Ok(last.cast_unsigned())
}

async fn put(State(feed): State<Feed>, body: Bytes) -> Result<String, StatusCode> {
    let put = || -> Result<u64> {
        let text = zstd::stream::decode_all(&body[..])?;
        let bodies: Vec<Value> = serde_json::from_slice(&text)?;
        add(
            &mut feed.database.lock().unwrap_or_else(PoisonError::into_inner),
            &bodies,
        )
    };
    let last = put().map_err(|_| StatusCode::BAD_REQUEST)?;
    feed.last.send_replace(last);
    Ok(last.to_string())
}

async fn changes(
    State(feed): State<Feed>,
    Query(After { after }): Query<After>,
) -> Result<Vec<u8>, StatusCode> {
    read(&feed, after).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Answers once there is something.
async fn wait(
    State(feed): State<Feed>,
    Query(After { after }): Query<After>,
) -> Result<Vec<u8>, StatusCode> {
    let mut last = feed.last.subscribe();
    let waited = last.wait_for(|last| *last > after).await;
    waited.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    read(&feed, after).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// A line each: number, id, body.
fn read(feed: &Feed, after: u64) -> Result<Vec<u8>> {
    let database = feed.database.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statement = database
        .prepare_cached("SELECT seq, id, body FROM feed WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut rows = statement.query([after, PAGE])?;
    let mut packed = zstd::stream::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    while let Some(row) = rows.next()? {
        let (seq, id, body): (u64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        writeln!(packed, "[{seq},{:?},{body}]", id)?;
    }
    Ok(packed.finish()?)
}
