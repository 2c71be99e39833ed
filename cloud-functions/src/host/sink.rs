//! Sends events on: every event of the log, in its order, as batches of CloudEvents to one address.
//!
//! It is a consumer like others, with a cursor of its own: what is not taken comes again, in order, for hours, and then
//! becomes a dead letter.

use super::pump::Policy;
use crate::ports::events::{CloudEvent, Consumed, Consumer, Delivery, Failed};
use async_trait::async_trait;
use reqwest::{Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Under which name it reads the log.
pub const NAME: &str = "sink";

const BATCH: &str = "application/cloudevents-batch+json";
/// How long the other side may take for a batch.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most bytes that are read of an answer.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Why there is no sink.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// It is nowhere that one can post to.
    #[error("AISLE_EVENTS_SINK is no address that begins with http:// or https://")]
    Address,
    /// No connection can be made by this machine.
    #[error("nothing can be sent to AISLE_EVENTS_SINK: {0}")]
    Client(String),
}

/// Who takes the events.
pub struct Sink {
    client: Client,
    address: Url,
    /// Shown as a bearer, where there is one.
    token: Option<String>,
}

/// An event with its place in the log (CloudEvents, sequence extension).
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    event: &'a CloudEvent,
    sequence: String,
}

/// What the other side wants once more, where it says so (AWS's partial batch response).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    batch_item_failures: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Sink {
    /// Who takes events at an address.
    ///
    /// # Errors
    /// Where it is none.
    pub fn new(address: &str, token: Option<String>) -> Result<Self, SinkError> {
        let address: Url = address.parse().map_err(|_| SinkError::Address)?;
        if !matches!(address.scheme(), "http" | "https") || !address.has_host() {
            return Err(SinkError::Address);
        }
        // Somebody else's provider is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(TIMEOUT).build();
        Ok(Self {
            client: client.map_err(|error| SinkError::Client(error.to_string()))?,
            address,
            token,
        })
    }

    /// How patient its pump is: some hours. Whoever is away for a night misses nothing.
    #[must_use]
    pub fn policy() -> Policy {
        Policy {
            attempts_max: 1_000,
            ..Policy::default()
        }
    }

    async fn post(&self, batch: &[Delivery]) -> Result<Response, String> {
        let told: Vec<Told<'_>> = batch
            .iter()
            .map(|delivery| Told {
                event: &delivery.event,
                sequence: delivery.sequence.to_string(),
            })
            .collect();
        let body = serde_json::to_vec(&told).map_err(|error| error.to_string())?;
        let mut post = self.client.post(self.address.clone());
        if let Some(token) = &self.token {
            post = post.bearer_auth(token);
        }
        let post = post.header("content-type", BATCH).body(body);
        // An address may have a token in it, and reasons are logged.
        post.send()
            .await
            .map_err(|error| error.without_url().to_string())
    }
}

#[async_trait]
impl Consumer for Sink {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn consume(&self, batch: &[Delivery]) -> Consumed {
        let first = batch.first().map_or(0, |delivery| delivery.sequence);
        let failed = |sequence, reason| Failed { sequence, reason };
        let mut response = self
            .post(batch)
            .await
            .map_err(|reason| failed(first, reason))?;
        let status = response.status();
        if !status.is_success() {
            return Err(failed(
                first,
                format!("the sink answered {}", status.as_u16()),
            ));
        }
        if status == StatusCode::NO_CONTENT {
            return Ok(());
        }
        let again = again(&mut response)
            .await
            .map_err(|reason| failed(first, reason))?;
        let behind = |delivery: &&Delivery| again.contains(&delivery.event.id);
        match batch.iter().find(behind) {
            Some(delivery) => {
                let reason = "the sink wants it again".to_owned();
                Err(failed(delivery.sequence, reason))
            }
            None => Ok(()),
        }
    }
}

/// The ids that the other side wants again: none, where it says nothing of the kind.
async fn again(response: &mut Response) -> Result<Vec<String>, String> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| error.without_url().to_string())?
    {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err("the sink's answer is too long".to_owned());
        }
        body.extend(chunk);
    }
    let answer = serde_json::from_slice::<Answer>(&body);
    let failures = answer.map_or_else(|_| Vec::new(), |answer| answer.batch_item_failures);
    Ok(failures
        .into_iter()
        .map(|failure| failure.item_identifier)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::events::{Trust, with_events};
    use serde_json::json;
    use std::sync::{Arc, Mutex};

    /// Takes what is not called `bad`, and remembers what came.
    #[derive(Default)]
    struct Other(Mutex<Vec<(u64, String)>>);

    #[async_trait]
    impl Consumer for Other {
        fn name(&self) -> &'static str {
            "other"
        }
        async fn consume(&self, batch: &[Delivery]) -> Consumed {
            for delivery in batch {
                let (sequence, id) = (delivery.sequence, delivery.event.id.clone());
                if id == "bad" {
                    let reason = "it is bad".to_owned();
                    return Err(Failed { sequence, reason });
                }
                self.0.lock().unwrap().push((sequence, id));
            }
            Ok(())
        }
    }

    fn batch(ids: &[&str]) -> Vec<Delivery> {
        let deliveries = ids.iter().zip(41..).map(|(id, sequence)| {
            let event = json!({
                "specversion": "1.0", "id": id, "source": "/test", "type": "thing.happened.v1",
                "time": "2026-06-01T12:00:00Z", "partitionkey": "one", "data": {"a": 1},
            });
            Delivery {
                sequence,
                replayed: false,
                event: serde_json::from_value(event).unwrap(),
            }
        });
        deliveries.collect()
    }

    async fn served(other: Arc<Other>) -> String {
        let app = with_events(axum::Router::new(), other, Trust::token("secret"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/events", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        address
    }

    #[tokio::test]
    async fn another_function_takes_what_is_sent_with_its_places() {
        let other = Arc::new(Other::default());
        let address = served(Arc::clone(&other)).await;
        let sink = Sink::new(&address, Some("secret".to_owned())).unwrap();
        assert_eq!(sink.consume(&batch(&["a", "b"])).await, Ok(()));
        let taken = other.0.lock().unwrap().clone();
        assert_eq!(taken, [(41, "a".to_owned()), (42, "b".to_owned())]);
        let failed = sink.consume(&batch(&["c", "bad", "d"])).await.unwrap_err();
        assert_eq!(failed.sequence, 42);
    }

    #[tokio::test]
    async fn what_is_refused_or_reaches_nobody_comes_again_whole() {
        let address = served(Arc::default()).await;
        let stranger = Sink::new(&address, None).unwrap();
        let failed = stranger.consume(&batch(&["a"])).await.unwrap_err();
        assert_eq!(
            (failed.sequence, failed.reason.as_str()),
            (41, "the sink answered 401")
        );
        let nobody = Sink::new("http://127.0.0.1:1/events?token=hunter2", None).unwrap();
        let failed = nobody.consume(&batch(&["a"])).await.unwrap_err();
        assert_eq!(failed.sequence, 41);
        assert!(!failed.reason.contains("hunter2"), "{}", failed.reason);
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for address in ["", "events", "ftp://host/", "http://", "mailto:a@b"] {
            assert!(Sink::new(address, None).is_err(), "{address}");
        }
    }
}
