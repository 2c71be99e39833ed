//! Amazon's services as a fake on this machine: a table, a stream, and what functions on Lambda find in their environment.
//!
//! The fake is a program of its own that ends with this one. It checks no signature, so calls to it are plain JSON.

use crate::until::PATIENCE;
use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const REGION: &str = "eu-central-1";
/// The table and the stream.
const TABLE: &str = "aisle";
const STREAM: &str = "aisle-events";

/// A fake of Amazon's services with a table and a stream.
#[derive(Debug)]
pub struct Amazon {
    endpoint: String,
    client: reqwest::Client,
    /// Holds the pipe whose end tells the fake's keeper to stop it.
    _keeper: Child,
}

impl Amazon {
    /// Starts the fake; `None`, with a message, where it is not installed and nobody said that it is.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn start() -> Result<Option<Self>> {
        let Some(program) = installed()? else {
            return Ok(None);
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        drop(listener);
        // The keeper stops the fake when this process is gone, however it went: the pipe has an end then.
        let keeper = Command::new("sh")
            .args(["-c", r#""$0" >/dev/null 2>&1 & fake=$!; cat; kill $fake"#])
            .arg(program)
            .env("GATEWAY_PORT", port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("starting the fake")?;
        let amazon = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            client: crate::world::client()?,
            _keeper: keeper,
        };
        crate::until::until("the fake to answer", || async {
            let target = "DynamoDB_20120810.ListTables";
            Ok(amazon.call("dynamodb", target, &json!({})).await.ok())
        })
        .await?;
        amazon.lay_out().await?;
        Ok(Some(amazon))
    }

    /// The table and the stream, as the template has them.
    async fn lay_out(&self) -> Result<()> {
        let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
        let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
        let table = json!({
            "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions": [text("pk"), text("sk")],
        });
        self.call("dynamodb", "DynamoDB_20120810.CreateTable", &table)
            .await?;
        let stream = json!({"StreamName": STREAM, "ShardCount": 1});
        self.call("kinesis", "Kinesis_20131202.CreateStream", &stream)
            .await
            .map(drop)
    }

    /// What the template puts into the environment of functions.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AISLE_TABLE", TABLE.to_owned()),
            ("AISLE_STREAM", STREAM.to_owned()),
        ]
    }

    /// Everything that was put into the stream so far, as an event-source mapping hands it to a function.
    ///
    /// # Errors
    /// When the fake refuses.
    pub async fn batch(&self) -> Result<Value> {
        let shards = json!({"StreamName": STREAM});
        let shards = self.kinesis("ListShards", &shards).await?;
        let mut records = Vec::new();
        for shard in list(&shards, "Shards")? {
            let from = json!({"StreamName": STREAM, "ShardId": shard.get("ShardId"),
                "ShardIteratorType": "TRIM_HORIZON"});
            let from = self.kinesis("GetShardIterator", &from).await?;
            let page = json!({"ShardIterator": from.get("ShardIterator")});
            let page = self.kinesis("GetRecords", &page).await?;
            for record in list(&page, "Records")? {
                records.push(json!({
                    "eventSource": "aws:kinesis",
                    "kinesis": {"sequenceNumber": record.get("SequenceNumber"), "data": record.get("Data"),
                        "partitionKey": record.get("PartitionKey")},
                }));
            }
        }
        Ok(json!({ "Records": records }))
    }

    async fn kinesis(&self, what: &str, body: &Value) -> Result<Value> {
        let target = format!("Kinesis_20131202.{what}");
        self.call("kinesis", &target, body).await
    }

    async fn call(&self, service: &str, target: &str, body: &Value) -> Result<Value> {
        // Which region and service is meant is read from the signature's scope.
        let scope = format!("test/20260601/{REGION}/{service}/aws4_request");
        let signature =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let asked = self
            .client
            .post(&self.endpoint)
            .header("authorization", signature)
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1")
            .timeout(PATIENCE.max(Duration::from_secs(30)))
            .body(body.to_string());
        let answer = asked.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{target}: {status} {text}");
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

fn list<'a>(answer: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    let list = answer.get(name).and_then(Value::as_array);
    list.with_context(|| format!("{answer} has no {name}"))
}

/// `AISLE_FAKES` names the folder of the fakes, else it is where `cargo xtask test` puts them.
fn installed() -> Result<Option<PathBuf>> {
    let said = std::env::var_os("AISLE_FAKES").map(PathBuf::from);
    let usual = crate::paths::root().join("target/tools/python");
    let program = said.clone().unwrap_or(usual).join("bin/ministack");
    if program.exists() {
        return Ok(Some(program));
    }
    ensure!(said.is_none(), "{} is not there", program.display());
    eprintln!("skipped: ministack is not installed; `cargo xtask test` does that");
    Ok(None)
}

/// The body of an answer of a function, as its caller gets it.
///
/// # Errors
/// When it is not what Lambda takes.
pub fn body(answer: &Value) -> Result<String> {
    let body = answer.get("body").and_then(Value::as_str);
    let body = body.unwrap_or_default();
    if answer.get("isBase64Encoded") != Some(&json!(true)) {
        return Ok(body.to_owned());
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(body)?;
    let encoding = answer.pointer("/headers/content-encoding");
    let bytes = match encoding.and_then(Value::as_str) {
        Some("zstd") => zstd::decode_all(bytes.as_slice())?,
        _ => bytes,
    };
    Ok(String::from_utf8(bytes)?)
}
