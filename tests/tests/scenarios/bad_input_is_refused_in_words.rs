//! Whatever comes over the wire: a clear problem comes back, and the cloud lives on.

use aisle_tests::demo::WRITE_KEY;
use aisle_tests::world::{World, client};
use anyhow::Result;
use reqwest::{RequestBuilder, Response};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A body, and how it is wrong.
type Bad = (&'static str, u16, Vec<u8>);

#[tokio::test]
async fn the_cloud_names_what_is_wrong_and_lives_on() -> Result<()> {
    let world = World::start().await?;
    let url = world.cloud_url();
    let client = client()?;
    let track = format!("{url}/v1/track");
    let bodies: [Bad; 6] = [
        ("nothing", 400, Vec::new()),
        ("cut off", 400, br#"{"type":"track","event":"Pro"#.to_vec()),
        ("Latin-1", 400, b"{\"event\":\"Caf\xe9\"}".to_vec()),
        (
            "UTF-16",
            400,
            "{\"event\":\"x\"}"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
        ),
        ("no JSON", 400, b"event=x&anonymousId=a".to_vec()),
        ("half a gzip", 400, half_a_gzip()?),
    ];
    for (what, status, body) in bodies {
        let post = client.post(&track).basic_auth(WRITE_KEY, Some(""));
        expect_problem(what, status, post.body(body)).await?;
    }
    let call =
        json!({"type": "track", "event": "x", "anonymousId": "a", "filler": "x".repeat(40_000)});
    let post = client.post(&track).basic_auth(WRITE_KEY, Some(""));
    expect_problem("a call over 32 KB", 400, post.json(&call)).await?;
    let batch = client
        .post(format!("{url}/v1/batch"))
        .basic_auth(WRITE_KEY, Some(""));
    let huge = json!({"batch": [], "filler": "x".repeat(600_000)});
    expect_problem("a batch over 500 KB", 400, batch.json(&huge)).await?;
    let wrong_key = client.post(&track).basic_auth("nobody's", Some(""));
    expect_problem("a wrong write key", 401, wrong_key.body("{}")).await?;
    expect_problem("no write key", 401, client.post(&track).body("{}")).await?;

    let pull = client.post(format!("{url}/v1/sync/pull"));
    expect_problem("no token", 401, pull.body("{}")).await?;
    let token = world.tablet_token().await?;
    let pull = || {
        client
            .post(format!("{url}/v1/sync/pull"))
            .bearer_auth(&token)
    };
    expect_problem(
        "a pull cut off",
        400,
        pull()
            .header("content-type", "application/json")
            .body("{\"sco"),
    )
    .await?;
    expect_problem(
        "a pull of nothing known",
        400,
        pull().json(&json!({"nonsense": true})),
    )
    .await?;
    let forged = client
        .post(format!("{url}/v1/sync/pull"))
        .bearer_auth(format!("{token}x"));
    expect_problem("a forged token", 401, forged.json(&json!({}))).await?;
    expect_problem(
        "no such route",
        404,
        client.get(format!("{url}/v1/nowhere")),
    )
    .await?;
    expect_problem("no such way", 405, client.delete(&track)).await?;

    break_off(
        &world,
        "POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{\"half",
    )
    .await?;
    break_off(&world, "\0\u{1}\u{2} no HTTP at all\r\n\r\n").await?;
    let health = client.get(format!("{url}/healthz")).send().await?;
    assert_eq!(health.status(), 200);
    assert!(
        !world.cloud_log().contains("panicked"),
        "{}",
        world.cloud_log()
    );
    Ok(())
}

#[tokio::test]
async fn a_device_answers_its_own_screens_alone() -> Result<()> {
    let world = World::start().await?;
    let tablet = world.device("tablet", "tablet").await?;
    let client = client()?;
    let call = |name: &str| client.post(format!("{}/device/{name}", tablet.url()));
    let json = |post: RequestBuilder, body: &str| {
        post.header("content-type", "application/json")
            .body(body.to_owned())
    };
    // Without the header a page of another origin could ask.
    let refused = json(call("read_status"), "{}").send().await?;
    assert!(refused.status().is_client_error(), "{}", refused.status());
    let foreign = json(call("read_status"), "{}")
        .header("x-aisle", "1")
        .header("host", "evil.example");
    let refused = foreign.send().await?;
    assert!(refused.status().is_client_error(), "{}", refused.status());
    for (name, body) in [
        ("read_status", "{\"cut"),
        ("search_customers", "{}"),
        ("search_customers", "{\"query\":1,\"limit\":\"x\"}"),
        ("no_such_call", "{}"),
        ("sign_in", "{\"associate\":\"\",\"pin\":\"1\"}"),
    ] {
        let answer = json(call(name), body).header("x-aisle", "1").send().await?;
        expect_refusal(&format!("{name} {body}"), answer).await?;
    }
    let alive = json(call("read_status"), "{}")
        .header("x-aisle", "1")
        .send()
        .await?;
    assert_eq!(alive.status(), 200);
    assert!(!tablet.log().contains("panicked"), "{}", tablet.log());
    Ok(())
}

async fn expect_problem(what: &str, status: u16, request: RequestBuilder) -> Result<()> {
    let answer = request.send().await?;
    let kind = answer.headers().get("content-type").cloned();
    let got = answer.status().as_u16();
    let text = answer.text().await?;
    assert_eq!(got, status, "{what}: {text}");
    let kind = kind.and_then(|kind| kind.to_str().map(str::to_owned).ok());
    assert_eq!(
        kind.as_deref(),
        Some("application/problem+json"),
        "{what}: {text}"
    );
    let problem: domain::problem::Problem = serde_json::from_str(&text)?;
    assert_eq!(problem.status, status, "{what}");
    assert!(!problem.title.is_empty(), "{what}");
    Ok(())
}

async fn expect_refusal(what: &str, answer: Response) -> Result<()> {
    assert!(
        answer.status().is_client_error(),
        "{what}: {}",
        answer.status()
    );
    let refusal: domain::api::device::Refusal = answer.json().await?;
    assert!(!refusal.message.is_empty(), "{what}");
    Ok(())
}

fn half_a_gzip() -> Result<Vec<u8>> {
    use std::io::Write as _;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&br#"{"type":"track","event":"x","anonymousId":"a"}"#.repeat(20))?;
    let mut packed = packer.finish()?;
    packed.truncate(packed.len() / 2);
    Ok(packed)
}

/// Sends the beginning of something and hangs up.
async fn break_off(world: &World, beginning: &str) -> Result<()> {
    let addr = world.cloud_url();
    let addr = addr.strip_prefix("http://").unwrap_or(&addr);
    let mut line = TcpStream::connect(addr).await?;
    line.write_all(beginning.as_bytes()).await?;
    line.shutdown().await?;
    let mut answer = Vec::new();
    // What it says to that, if anything, is its own affair; that it hangs up is not.
    let _ = line.read_to_end(&mut answer).await;
    Ok(())
}
