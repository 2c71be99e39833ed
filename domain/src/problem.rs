//! Problem details for HTTP APIs (RFC 9457): one shape for every error that crosses a wire.

use serde::{Deserialize, Serialize};

/// An error as the caller sees it, served as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// A URI reference that names the kind of problem: `/problems/cseq-gap`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this kind, for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong this time; names the field or row. Never personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The fields that were refused, as JSON pointers with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Of `/problems/cseq-gap`: the number of the command that the cloud expects next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
}

/// One field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the request: `/commands/0/args/text`.
    pub pointer: String,
    /// Why, for people.
    pub detail: String,
}

impl Problem {
    /// A problem of kind `/problems/<slug>`.
    #[must_use]
    pub fn new(status: u16, slug: &str, title: &str) -> Self {
        Self {
            kind: format!("/problems/{slug}"),
            title: title.to_owned(),
            status,
            detail: None,
            errors: Vec::new(),
            expected: None,
        }
    }

    /// Says what went wrong this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Names a field that was refused.
    #[must_use]
    pub fn with_field(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            pointer: pointer.into(),
            detail: detail.into(),
        });
        self
    }
}
