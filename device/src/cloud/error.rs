//! Why the cloud did not do what it was asked.

use domain::problem::Problem;
use std::time::Duration;

/// Why the cloud did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CloudError {
    /// No connection, or no answer in time.
    #[error("the cloud cannot be reached: {0}")]
    Offline(String),
    /// It answered that it cannot now.
    #[error("the cloud answered {status}: {title}")]
    Unavailable {
        /// Its status: 429 or 5xx.
        status: u16,
        /// What it said.
        title: String,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// It does not know this device, or its secret is another.
    #[error("the cloud does not accept this device's proof")]
    Unauthorised,
    /// This device was revoked.
    #[error("this device was revoked")]
    Revoked,
    /// The device has not joined.
    #[error("this device is not enrolled")]
    NotEnrolled,
    /// It refuses the request, and will again.
    #[error("the cloud refuses: {}", describe(.0))]
    Refused(Box<Problem>),
    /// Its answer is not what it should be.
    #[error("the cloud's answer cannot be used: {0}")]
    BadAnswer(String),
    /// This program cannot ask at all.
    #[error("no client for the cloud: {0}")]
    Client(String),
}

fn describe(problem: &Problem) -> String {
    let fields = problem
        .errors
        .iter()
        .map(|field| format!("{}: {}", field.pointer, field.detail));
    let details = problem.detail.iter().cloned().chain(fields);
    std::iter::once(problem.title.clone())
        .chain(details)
        .collect::<Vec<_>>()
        .join("; ")
}

impl CloudError {
    /// Whether there was no contact: nobody answered, or not sensibly.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self, Self::Offline(_) | Self::Unavailable { .. })
    }

    /// The last part of the problem's type, where there is one: `cseq-gap`.
    #[must_use]
    pub fn slug(&self) -> Option<&str> {
        match self {
            Self::Refused(problem) => problem.kind.rsplit('/').next(),
            _ => None,
        }
    }

    /// How long the cloud asked to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<reqwest::Error> for CloudError {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold what is asked for; the reason is enough.
        let error = error.without_url();
        let mut reason: &dyn std::error::Error = &error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        Self::Offline(reason.to_string())
    }
}
