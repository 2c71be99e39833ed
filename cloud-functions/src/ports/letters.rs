//! What is sent to people: codes that they sign in with.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A letter, by e-mail or as a text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// An e-mail address, or a telephone number.
    pub to: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Why a letter was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// Nobody takes letters now; another one is as good.
    #[error("letters cannot be sent: {0}")]
    Unavailable(String),
}

/// Delivers letters. A letter may get lost, as letters do.
#[async_trait]
pub trait Letters: Send + Sync {
    /// Sends one.
    async fn send(&self, letter: &Letter) -> Result<(), LetterError>;
}
