//! The shape of Amazon: functions as programs on Lambda, a table and a stream between them, and nothing else in common.

use aisle_tests::amazon::{self, Amazon};
use aisle_tests::lambda::{Lambda, Outcome, http_event};
use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use cloud_functions::aws::wiring;
use cloud_functions::feed::{self, Move};
use cloud_functions::functions::identity::create_code;
use cloud_functions::ports::ledger::{Condition, Key, Write};
use cloud_functions::services::Services;
use domain::api::identity::{CodeRequest, DeviceKind};
use domain::api::sync::{SCHEMA, Scope, command, kind};
use domain::ids::StoreId;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use std::time::Duration;

const WRITE_KEY: &str = "shop-key";
const CUSTOMER: &str = "c-1";
/// More than a slow machine needs.
const AMPLE: Duration = Duration::from_secs(90);

/// A store with a customer, somebody of the team, and a web shop.
async fn open_store(services: &Services) -> Result<()> {
    let id = StoreId::parse("1")?;
    let put = |scope: Scope, kind: &'static str, id: &str, body: &Value| -> Result<Move> {
        Ok(Move {
            scope,
            kind,
            id: id.to_owned(),
            body: Some(to_raw_value(body)?),
            command: None,
            condition: Condition::Any,
        })
    };
    let store = json!({"id": id, "name": "Aisle", "country": "PT", "locale": "pt-PT", "zone": "Europe/Lisbon",
        "currency": "EUR"});
    let rui = json!({"id": "a-1", "name": "Rui", "role": "associate", "store": id, "pin_hash": ""});
    let ana = json!({"id": CUSTOMER, "name": {"given": "Ana"}, "home_store": id});
    let moves = [
        put(Scope::inventory(&id), kind::STORE, "1", &store)?,
        put(Scope::team(&id), kind::ASSOCIATE, "a-1", &rui)?,
        put(Scope::customers(&id), kind::CUSTOMER, CUSTOMER, &ana)?,
    ];
    feed::publish(&*services.ledger, &services.poke, &moves, &[]).await?;
    let source = json!({"source": "shop", "currency": "EUR", "store": "1"}).to_string();
    let key = Key::new(format!("W#{WRITE_KEY}"), "V");
    let source = Write::put(key, source, Condition::Any);
    Ok(services.ledger.write(vec![source]).await?)
}

struct Shape {
    amazon: Amazon,
    services: Services,
    folder: tempfile::TempDir,
}

impl Shape {
    async fn function(&self, name: &str) -> Result<Lambda> {
        let variables = self.amazon.variables();
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(n, v)| (*n, v.as_str())).collect();
        Lambda::start(name, &variables, &self.folder.path().join(name)).await
    }
}

async fn asked(function: &Lambda, event: &Value) -> Result<Value> {
    match function.invoke(event, AMPLE).await? {
        Outcome::Answer(answer) => Ok(answer),
        Outcome::Error(error) => bail!("it failed: {error}"),
    }
}

/// A request that is answered with 200; its body.
async fn ok(
    function: &Lambda,
    path: &str,
    authorization: &str,
    media_type: &str,
    body: &str,
) -> Result<String> {
    let headers = json!({"authorization": authorization, "content-type": media_type});
    let answer = asked(function, &http_event("POST", path, &headers, Some(body))).await?;
    ensure!(answer["statusCode"] == 200, "{path}: {answer}");
    amazon::body(&answer)
}

fn basic(user: &str, password: &str) -> String {
    let pair = format!("{user}:{password}");
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(pair)
    )
}

/// A tablet joins; its id, and what it shows from then on.
async fn enrolled(shape: &Shape) -> Result<(String, String)> {
    let identity = shape.function("aisle-identity").await?;
    let (store, kind) = (StoreId::parse("1")?, DeviceKind::Tablet);
    let code = create_code(&shape.services, &CodeRequest { store, kind }).await?;
    let enrol = json!({"code": code.code, "nonce": "5eed".repeat(8)}).to_string();
    let path = "/v1/identity/enrol";
    let joined = ok(&identity, path, "", "application/json", &enrol).await?;
    let joined: Value = serde_json::from_str(&joined)?;
    let field = |name: &str| joined[name].as_str().context("a field of it");
    let (device, secret) = (field("device")?, field("secret")?);
    let form = "application/x-www-form-urlencoded";
    let credentials = basic(device, secret);
    let grant = "grant_type=client_credentials";
    let token = ok(&identity, "/oauth2/token", &credentials, form, grant).await?;
    let token: Value = serde_json::from_str(&token)?;
    let token = token["access_token"].as_str().context("a token")?;
    Ok((device.to_owned(), format!("Bearer {token}")))
}

/// Everything that a tablet is told that knows nothing: the changes.
async fn pulled(sync: &Lambda, bearer: &str) -> Result<Vec<Value>> {
    let request = json!({"schema": SCHEMA, "cursors": {}, "limit": 1_000}).to_string();
    let lines = ok(sync, "/v1/sync/pull", bearer, "application/json", &request).await?;
    let lines = lines.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>()?;
    let changes = lines.into_iter().map(|mut line| line["change"].take());
    Ok(changes.filter(|change| !change.is_null()).collect())
}

fn of_kind<'a>(changes: &'a [Value], kind: &str) -> Vec<&'a Value> {
    changes
        .iter()
        .filter(|change| change["kind"] == kind)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_goes_over_table_and_stream_to_a_tablet_and_a_note_comes_back_once() -> Result<()> {
    let Some(amazon) = Amazon::start().await? else {
        return Ok(());
    };
    let variables = amazon.variables();
    let value = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    };
    let wired = wiring::open("aisle", &value, Vec::new())?;
    open_store(&wired.services).await?;
    let shape = Shape {
        services: wired.services,
        amazon,
        folder: tempfile::tempdir()?,
    };
    let (device, bearer) = enrolled(&shape).await?;
    let sync = shape.function("aisle-sync").await?;
    assert!(of_kind(&pulled(&sync, &bearer).await?, kind::PROFILE).is_empty());

    let ingest = shape.function("aisle-ingest").await?;
    let click =
        json!({"type": "track", "event": "Product Viewed", "messageId": "m-1", "userId": CUSTOMER,
        "timestamp": "2026-06-01T12:00:00Z",
        "properties": {"product_id": "tent-2", "name": "Tent", "category": "outdoor"}})
        .to_string();
    let shop = basic(WRITE_KEY, "");
    // Sent twice, as browsers do that heard nothing.
    for _ in 0..2 {
        ok(&ingest, "/v1/track", &shop, "application/json", &click).await?;
    }
    let batch = shape.amazon.batch().await?;
    let records = batch["Records"].as_array().context("a batch")?;
    assert_eq!(records.len(), 1, "a duplicate is nothing new: {batch}");
    assert!(!batch.to_string().contains(CUSTOMER));
    let profile = shape.function("aisle-profile").await?;
    for _ in 0..2 {
        let taken = asked(&profile, &batch).await?;
        assert_eq!(taken, json!({"batchItemFailures": []}));
    }
    let changes = pulled(&sync, &bearer).await?;
    let profiles = of_kind(&changes, kind::PROFILE);
    assert_eq!(profiles.len(), 1, "{changes:?}");
    assert!(profiles[0].to_string().contains("tent-2"));

    let note = json!({"id": "n-1", "customer": CUSTOMER, "text": "Likes tents", "author": "a-1",
        "written_at": "2026-06-01T12:05:00Z", "pinned": false});
    let push = json!({"device": device, "schema": SCHEMA, "first_cseq": 1, "commands": [{"cseq": 1, "id": "k-1",
        "kind": command::NOTE_ADD, "version": 2, "args": note, "issued_at_device": "2026-06-01T12:05:00Z"}]})
    .to_string();
    for status in ["applied", "duplicate"] {
        let pushed = ok(&sync, "/v1/sync/push", &bearer, "application/json", &push).await?;
        let pushed: Value = serde_json::from_str(&pushed)?;
        assert_eq!(pushed["results"][0]["status"], status, "{pushed}");
    }
    let changes = pulled(&sync, &bearer).await?;
    assert_eq!(of_kind(&changes, kind::NOTE).len(), 1);
    Ok(())
}
