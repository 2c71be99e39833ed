//! The stream of pokes.

use super::{ANSWER_WITHIN, Cloud, CloudError};
use reqwest::Response;
use reqwest::header::ACCEPT;
use std::time::Duration;

/// The cloud says something each 15 seconds, if only that it is there: a stream that is silent for longer is dead.
const SILENT_FOR: Duration = Duration::from_secs(40);

/// A stream that is open.
pub(crate) struct Pokes(Response);

impl Cloud {
    /// Opens the stream.
    pub(crate) async fn pokes(&self) -> Result<Pokes, CloudError> {
        let ask = || {
            self.get("/v1/sync/pokes")
                .header(ACCEPT, "text/event-stream")
        };
        self.send_as_device(ask, ANSWER_WITHIN).await.map(Pokes)
    }
}

impl Pokes {
    /// Its next bytes; `None` at its end.
    pub(crate) async fn next(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, CloudError> {
        let chunk = tokio::time::timeout(SILENT_FOR, self.0.chunk());
        let silent = |_| CloudError::Offline("the stream is silent".to_owned());
        Ok(chunk.await.map_err(silent)??)
    }
}
