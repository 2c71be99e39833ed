//! The queue on a fake, and what carries the letters on another that keeps what it was told to send.

use super::*;
use crate::aws::fakes::Fake;

fn letter(to: &str, text: &str) -> Letter {
    Letter {
        to: to.to_owned(),
        text: text.to_owned(),
        at: "2026-06-01T12:00:00Z".parse().unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_lies_in_the_queue_as_it_was_written() {
    for fake in [Fake::MiniStack, Fake::Moto] {
        let Some(config) = fake.config() else {
            return;
        };
        let client = Client::new(&config);
        let made = client.create_queue().queue_name("letters").send().await;
        let queue = made.unwrap().queue_url.unwrap();
        let written = letter("ana@example.org", "123456 is your code at Harbour");
        let letters = SqsLetters::new(&config, &queue);
        letters.send(&written).await.unwrap();
        let there = client.receive_message().queue_url(&queue).send().await;
        let there = there.unwrap().messages.unwrap_or_default();
        let body = there[0].body.as_deref().unwrap();
        assert_eq!(serde_json::from_str::<Letter>(body).unwrap(), written);

        let nowhere = SqsLetters::new(&config, queue.replace("letters", "nowhere"));
        let refused = nowhere.send(&written).await.unwrap_err().to_string();
        for private in ["ana", "123456"] {
            assert!(!refused.contains(private), "{refused}");
        }
    }
}

#[cfg(feature = "delivery")]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_carried_but_what_cannot_be() {
    use super::program::{Failure, take};
    use serde_json::json;
    let Some(config) = Fake::Moto.config() else {
        return;
    };
    let ses = aws_sdk_sesv2::Client::new(&config);
    let from = "shop@example.org";
    let verified = ses
        .create_email_identity()
        .email_identity(from)
        .send()
        .await;
    verified.unwrap();
    let carrier = Carrier::new(&config, from);
    let message = |id: &str, body: String| json!({"messageId": id, "body": body});
    let of = |letter: &Letter| serde_json::to_string(letter).unwrap();
    let batch = json!({"Records": [
        message("mail", of(&letter("ana@example.org", "123456 is your code\nSee you soon"))),
        message("text", of(&letter("+49 151 2345678", "654321 is your code"))),
        message("national", of(&letter("0151 2345678", "1 is your code"))),
        message("nonsense", "{".to_owned()),
    ]});
    let carried = take(&carrier, serde_json::from_value(batch).unwrap()).await;
    let failed = ["national", "nonsense"].map(|id| Failure { id: id.to_owned() });
    assert_eq!(carried.failures, failed);

    let sent = said_by_moto(&config).await;
    for part in ["ana@example.org", "123456 is your code", "See you soon"] {
        assert!(sent.contains(part), "{part} is not in {sent}");
    }
    for part in ["+491512345678", "654321 is your code"] {
        assert!(sent.contains(part), "{part} is not in {sent}");
    }
    let stranger = Carrier::new(&config, "somebody@else.example");
    let refused = stranger.carry(&letter("ana@example.org", "7")).await;
    assert!(
        matches!(refused, Err(CarrierError::Refused(_))),
        "{refused:?}"
    );
}

/// What moto was told to send, of all that it keeps.
#[cfg(feature = "delivery")]
async fn said_by_moto(config: &SdkConfig) -> String {
    // Whichever is installed first stays; all of ours is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = format!("{}/moto-api/data.json", config.endpoint_url().unwrap());
    reqwest::get(url).await.unwrap().text().await.unwrap()
}
