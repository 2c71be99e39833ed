//! `kill -9` of the whole cloud, again and again, under a sender that does what Segment's clients do: it sends each
//! message until it is accepted, and some of them twice.

use crate::client;
use crate::functions::{WRITE_KEY, services, with_source};
use crate::program::{Program, serve, until};
use cloud_functions::ports::ledger::Key;
use cloud_functions::services::Services;
use serde_json::{Value, json};
use std::path::Path;

/// How many pieces are put into the cart, one by each message.
const MESSAGES: usize = 90;
/// After how many accepted messages the cloud is killed.
const KILLS: [usize; 3] = [5, 31, 64];
/// How many messages are on their way at once.
const TOGETHER: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_cloud_loses_no_message_and_counts_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    with_source(folder.path()).await;
    let mut accepted = 0;
    for until in KILLS.into_iter().chain([MESSAGES]) {
        accepted = send_until(folder.path(), accepted, until).await;
    }
    assert_eq!(accepted, MESSAGES);
    let program = Program::start(&mut serve(folder.path()));
    // Whoever never heard the answer sends again.
    for message in (0..MESSAGES).step_by(7) {
        assert!(put_into_cart(&program.url, message).await);
    }
    send(&program.url, "last", "Product Viewed", "lantern")
        .await
        .unwrap();
    let services = services(folder.path());
    // Events keep their order, so everything before this one has been counted by then.
    let profile = until("the last event", async || {
        let profile = profile(&services).await?;
        profile.to_string().contains("lantern").then_some(profile)
    })
    .await;
    let line = &profile["profile"]["cart"][0];
    assert_eq!(line["sku"], "tent-2", "{profile}");
    assert_eq!(line["quantity"], MESSAGES, "{profile}");
}

/// Sends messages from number `from` until `until` of them are accepted, then kills the cloud with more on their way.
/// Answers how many were accepted in a row.
async fn send_until(data: &Path, from: usize, until: usize) -> usize {
    let program = Program::start(&mut serve(data));
    let mut accepted = from;
    while accepted < until {
        let numbers = accepted..(accepted + TOGETHER).min(MESSAGES);
        let sent = numbers.map(|message| put_into_cart(&program.url, message));
        let answers = futures_util::future::join_all(sent).await;
        accepted += answers.iter().take_while(|accepted| **accepted).count();
    }
    let url = program.url.clone();
    let unheard = tokio::spawn(async move { put_into_cart(&url, accepted).await });
    drop(program);
    let _ = unheard.await;
    accepted
}

/// Whether the message was accepted; a cloud that dies in the middle accepts nothing.
async fn put_into_cart(url: &str, message: usize) -> bool {
    let message = message.to_string();
    let answer = send(url, &message, "Product Added", "tent-2").await;
    answer.is_ok_and(|status| status == 200)
}

async fn send(url: &str, message: &str, event: &str, sku: &str) -> reqwest::Result<u16> {
    let call = json!({
        "type": "track", "event": event, "messageId": message, "anonymousId": "somebody",
        "properties": {"product_id": sku, "quantity": 1},
    });
    let request = client().post(format!("{url}/v1/track"));
    let request = request.basic_auth(WRITE_KEY, Some("")).json(&call);
    Ok(request.send().await?.status().as_u16())
}

async fn profile(services: &Services) -> Option<Value> {
    let stored = services.ledger.read(&Key::new("P#a/somebody", "V")).await;
    Some(serde_json::from_str(&stored.unwrap()?.body).unwrap())
}
