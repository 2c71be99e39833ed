//! The calls in a body, each still as it came: where one begins and ends is read once, what it says later.

use super::body::{MAX_BODY_BYTES, too_large};
use crate::http::ApiError;
use domain::segment::CallKind;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The most bytes of one call: Segment's limit.
pub const MAX_CALL_BYTES: usize = 32 * 1024;
/// The most calls in a batch: Segment's limit.
pub const MAX_CALLS: usize = 2_500;

/// The calls of a request.
#[derive(Debug)]
pub(super) struct Calls<'a> {
    /// As they came.
    pub(super) calls: Vec<&'a RawValue>,
    /// The kind of all of them, where the path says it.
    pub(super) kind: Option<CallKind>,
    /// The batch's `sentAt`.
    pub(super) sent_at: Option<Value>,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    batch: Vec<&'a RawValue>,
    #[serde(default, rename = "sentAt")]
    sent_at: Option<Value>,
}

impl<'a> Calls<'a> {
    /// Reads a body: one call where the path says of what kind, a batch otherwise.
    pub(super) fn read(kind: Option<CallKind>, body: &'a [u8]) -> Result<Self, ApiError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(too_large("", MAX_BODY_BYTES));
        }
        let text = std::str::from_utf8(body).map_err(|error| {
            let place = error.valid_up_to();
            ApiError::invalid("", format!("the body is not UTF-8 from byte {place} on"))
        })?;
        match kind {
            Some(_) => Ok(Self {
                calls: vec![serde_json::from_str(text).map_err(|error| malformed(&error))?],
                kind,
                sent_at: None,
            }),
            None => Self::read_batch(text),
        }
    }

    fn read_batch(text: &'a str) -> Result<Self, ApiError> {
        let Batch { batch, sent_at } =
            serde_json::from_str(text).map_err(|error| malformed(&error))?;
        if batch.len() > MAX_CALLS {
            let detail = format!("has {} calls; {MAX_CALLS} are the most", batch.len());
            return Err(ApiError::invalid("/batch", detail));
        }
        Ok(Self {
            calls: batch,
            kind: None,
            sent_at,
        })
    }
}

/// Says where the JSON breaks off, never what stands there.
fn malformed(error: &serde_json::Error) -> ApiError {
    use serde_json::error::Category;
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => ApiError::invalid("/batch", "is not a list of calls"),
        Category::Eof => ApiError::invalid("", "the body's JSON ends too early"),
        Category::Io | Category::Syntax => ApiError::invalid(
            "",
            format!("the body is not JSON at line {line}, column {column}"),
        ),
    }
}
