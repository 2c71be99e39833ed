//! Letters by a queue of SQS: whoever writes one waits for the queue alone, and another program carries them.
//!
//! A letter is carried at least once; a code that comes twice is the same code. What cannot be carried goes to the dead
//! letters of the queue.

#[cfg(feature = "delivery")]
mod carrier;
#[cfg(feature = "delivery")]
mod program;
#[cfg(test)]
mod tests;

#[cfg(feature = "delivery")]
pub use carrier::{Carrier, CarrierError};
#[cfg(feature = "delivery")]
pub use program::main;

use crate::ports::letters::{Letter, LetterError, Letters};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_types::SdkConfig;

/// Puts letters into a queue.
pub struct SqsLetters {
    client: Client,
    queue: String,
}

impl SqsLetters {
    /// Into the queue of that address.
    #[must_use]
    pub fn new(config: &SdkConfig, queue: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            queue: queue.into(),
        }
    }
}

#[async_trait]
impl Letters for SqsLetters {
    async fn send(&self, letter: &Letter) -> Result<(), LetterError> {
        let unavailable = |reason: &str| LetterError::Unavailable(reason.to_owned());
        let body = serde_json::to_string(letter).map_err(|_| unavailable("it is unreadable"))?;
        let put = self.client.send_message().queue_url(&self.queue);
        let put = put.message_body(body).send().await;
        // What the queue says of a refusal may repeat the letter; its code does not.
        put.map(drop)
            .map_err(|error| unavailable(error.code().unwrap_or("no answer")))
    }
}
