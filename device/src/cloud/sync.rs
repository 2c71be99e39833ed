//! Asks what the sync wants to know. Bodies go to [`sync::Errand::finish`] as they came.

use super::answer::{SMALL_BYTES, read, read_packed};
use super::{ANSWER_WITHIN, Cloud, CloudError};
use domain::api::sync::{Cursor, MAX_PART_BYTES, Scope};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use serde::Serialize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use sync::{MAX_LINE_BYTES, Request};

/// The most bytes of a pull's or repair's answer as it travels.
const LINES_BYTES: usize = 64 << 20;
/// A push writes, and a repair reads a whole scope: they may take longer than a look-up.
const WORK_WITHIN: Duration = Duration::from_secs(20);
/// A body is compressed from here on.
const PACK_FROM_BYTES: usize = 512;
/// The status for an encoding that is not taken.
const UNSUPPORTED: u16 = 415;
/// How hard: past 3, size falls by little and time grows by much.
const ZSTD_LEVEL: i32 = 3;

impl Cloud {
    /// Asks, and gives the answer's body. Sending the same again is harmless.
    pub async fn sync(&self, request: &Request) -> Result<Vec<u8>, CloudError> {
        match request {
            Request::Pull(pull) => {
                let within = ANSWER_WITHIN + Duration::from_millis(pull.wait_ms);
                let body = Body::of(pull, true)?;
                let response = self.send_body("/v1/sync/pull", &body, within).await?;
                read(response, LINES_BYTES).await
            }
            Request::Push(push) => {
                // One alone may be sent to find out what the cloud cannot read: in the open, it names the field.
                let body = Body::of(push, push.commands.len() > 1)?;
                let response = self.send_body("/v1/sync/push", &body, WORK_WITHIN).await?;
                read_packed(response, SMALL_BYTES).await
            }
            Request::Repair(repair) => {
                let body = Body::of(repair, true)?;
                let response = self
                    .send_body("/v1/sync/repair", &body, WORK_WITHIN)
                    .await?;
                read(response, LINES_BYTES).await
            }
            Request::Manifest { scope, cursor } => {
                let response = self.get_snapshot(&snapshot(scope, *cursor)).await?;
                read_packed(response, SMALL_BYTES).await
            }
            Request::Part {
                scope,
                cursor,
                part,
            } => {
                let path = format!("{}/{part}", snapshot(scope, *cursor));
                let response = self.get_snapshot(&path).await?;
                // A part with one row alone is as large as that row.
                read(response, MAX_PART_BYTES.max(MAX_LINE_BYTES)).await
            }
        }
    }

    async fn send_body(
        &self,
        path: &str,
        body: &Body,
        within: Duration,
    ) -> Result<Response, CloudError> {
        let ask = |packed| body.put_on(self.post(path).header(ACCEPT_ENCODING, "zstd"), packed);
        let packed = !self.shared.plain_only.load(Ordering::Relaxed);
        match self.send_as_device(|| ask(packed), within).await {
            Err(CloudError::Refused(problem)) if packed && problem.status == UNSUPPORTED => {
                // A cloud of before takes it as it is; it is not asked again.
                self.shared.plain_only.store(true, Ordering::Relaxed);
                self.send_as_device(|| ask(false), within).await
            }
            answer => answer,
        }
    }

    async fn get_snapshot(&self, path: &str) -> Result<Response, CloudError> {
        let ask = || self.get(path).header(ACCEPT_ENCODING, "zstd");
        self.send_as_device(ask, ANSWER_WITHIN).await
    }
}

/// A scope has slashes: they are escaped, so that it is one piece of the path.
fn snapshot(scope: &Scope, cursor: Cursor) -> String {
    let scope = scope.as_str().replace('%', "%25").replace('/', "%2F");
    format!("/v1/sync/snapshot/{scope}/{}/{}", cursor.epoch, cursor.seq)
}

/// A request's body: as it is, and compressed where that is worth it.
struct Body {
    plain: Vec<u8>,
    packed: Option<Vec<u8>>,
}

impl Body {
    fn of<T: Serialize>(value: &T, may_pack: bool) -> Result<Self, CloudError> {
        let client = |error: &dyn std::fmt::Display| CloudError::Client(error.to_string());
        let plain = serde_json::to_vec(value).map_err(|error| client(&error))?;
        let packed = if may_pack && plain.len() >= PACK_FROM_BYTES {
            let packed = zstd::bulk::compress(&plain, ZSTD_LEVEL);
            Some(packed.map_err(|error| client(&error))?)
        } else {
            None
        };
        Ok(Self { plain, packed })
    }

    fn put_on(&self, request: RequestBuilder, packed: bool) -> RequestBuilder {
        let request = request.header(CONTENT_TYPE, "application/json");
        match self.packed.as_ref().filter(|_| packed) {
            Some(bytes) => request.header(CONTENT_ENCODING, "zstd").body(bytes.clone()),
            None => request.body(self.plain.clone()),
        }
    }
}
