//! Pulls feeds and pushes commands.

use super::answer::{SMALL_BYTES, read};
use super::{ANSWER_WITHIN, Cloud, CloudError};
use domain::api::sync::{PullRequest, PushRequest, PushResponse};
use std::time::Duration;

/// The most bytes of a pull's answer as it travels.
const PULL_BYTES: usize = 64 << 20;
/// A push writes: it may take longer than a look-up.
const PUSH_WITHIN: Duration = Duration::from_secs(20);

impl Cloud {
    /// Pulls. The bytes are what the replica's decoder reads.
    pub async fn pull(&self, request: &PullRequest) -> Result<Vec<u8>, CloudError> {
        let within = ANSWER_WITHIN + Duration::from_millis(request.wait_ms);
        let ask = || self.post("/v1/sync/pull").json(request);
        let response = self.send_as_device(ask, within).await?;
        read(response, PULL_BYTES).await
    }

    /// Pushes. Sending the same again is harmless.
    pub async fn push(&self, request: &PushRequest) -> Result<PushResponse, CloudError> {
        let ask = || self.post("/v1/sync/push").json(request);
        let response = self.send_as_device(ask, PUSH_WITHIN).await?;
        let body = read(response, SMALL_BYTES).await?;
        serde_json::from_slice(&body).map_err(|error| CloudError::BadAnswer(error.to_string()))
    }
}
