//! Fetches the recommendations' model.

use super::answer::read;
use super::{ANSWER_WITHIN, Cloud, CloudError};
use reqwest::StatusCode;
use reqwest::header::{ETAG, IF_NONE_MATCH};

/// The most bytes of a model as it travels, compressed.
const MODEL_BYTES: usize = 64 << 20;

/// A model as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Its version, as the cloud's entity tag.
    pub etag: Option<String>,
    /// Compressed with zstd.
    pub bytes: Vec<u8>,
}

impl Cloud {
    /// The model, where it is another than `known`.
    pub async fn recommend_snapshot(
        &self,
        known: Option<&str>,
    ) -> Result<Option<Fetched>, CloudError> {
        let ask = || {
            let request = self.get("/v1/recommend/snapshot");
            match known {
                Some(etag) => request.header(IF_NONE_MATCH, etag),
                None => request,
            }
        };
        let response = self.send_as_device(ask, ANSWER_WITHIN).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let etag = response
            .headers()
            .get(ETAG)
            .and_then(|tag| tag.to_str().ok());
        let etag = etag.map(str::to_owned);
        let bytes = read(response, MODEL_BYTES).await?;
        Ok(Some(Fetched { etag, bytes }))
    }
}
