//! The feed's client: a table and a cursor.

use super::super::first::{First, memory_peak_kb};
use aisle_tests::figure::now;
use aisle_tests::world::client;
use anyhow::{Result, bail};
use rusqlite::{Connection, params};
use serde_json::Value;
use serde_json::value::RawValue;
use std::io::BufRead as _;
use std::path::Path;

const ZSTD_LEVEL: i32 = 3;

pub(super) struct Client {
    database: Connection,
    cursor: u64,
    url: String,
    client: reqwest::Client,
}

/// The child's part: `FIRST <url> <folder>`; prints what it took.
pub(crate) async fn measure_first(arguments: &[String]) -> Result<()> {
    let [url, folder] = arguments else {
        bail!("a plain first sync takes a URL and a folder");
    };
    let start = now();
    let mut client = Client::open(Path::new(folder), url)?;
    client.catch_up().await?;
    let first = First {
        seconds: start.elapsed().as_secs_f64(),
        memory_kb: memory_peak_kb()?,
        customers: client.cursor,
    };
    println!("{}", serde_json::to_string(&first)?);
    Ok(())
}

impl Client {
    pub(super) fn open(folder: &Path, url: &str) -> Result<Self> {
        let database = Connection::open(folder.join("plain.db"))?;
        database.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE entity (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, body TEXT NOT NULL);
             CREATE TABLE cursor (seq INTEGER NOT NULL);
             INSERT INTO cursor VALUES (0)",
        )?;
        Ok(Self {
            database,
            cursor: 0,
            url: url.to_owned(),
            client: client()?,
        })
    }

    pub(super) fn go_to(&mut self, url: &str) {
        url.clone_into(&mut self.url);
    }

    /// Asks until there is nothing more.
    pub(super) async fn catch_up(&mut self) -> Result<()> {
        while self.pull("changes").await? >= super::server::PAGE as usize {}
        Ok(())
    }

    /// Waits for the next changes; gives how many came.
    pub(super) async fn wait(&mut self) -> Result<usize> {
        self.pull("wait").await
    }

    async fn pull(&mut self, what: &str) -> Result<usize> {
        let url = format!("{}/{what}?after={}", self.url, self.cursor);
        let answer = self.client.get(url).send().await?.error_for_status()?;
        self.apply(&answer.bytes().await?)
    }

    fn apply(&mut self, packed: &[u8]) -> Result<usize> {
        let transaction = self.database.transaction()?;
        let mut changes = 0;
        let lines = std::io::BufReader::new(zstd::stream::Decoder::new(packed)?);
        for line in lines.lines() {
            let line = line?;
            let (seq, id, body): (u64, String, &RawValue) = serde_json::from_str(&line)?;
            transaction
                .prepare_cached("INSERT OR REPLACE INTO entity VALUES (?1, ?2, ?3)")?
                .execute(params![id, seq, body.get()])?;
            self.cursor = seq;
            changes += 1;
        }
        if changes > 0 {
            transaction.execute("UPDATE cursor SET seq = ?1", [self.cursor])?;
        }
        transaction.commit()?;
        Ok(changes)
    }

    pub(super) async fn put(&self, bodies: &[Value]) -> Result<()> {
        let packed = zstd::bulk::compress(&serde_json::to_vec(bodies)?, ZSTD_LEVEL)?;
        let put = self
            .client
            .post(format!("{}/changes", self.url))
            .body(packed);
        put.send().await?.error_for_status()?;
        Ok(())
    }

    pub(super) async fn put_one(&self, body: Value) -> Result<()> {
        self.put(&[body]).await
    }
}
