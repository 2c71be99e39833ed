//! The event log as a host reads it: from a durable cursor per consumer, with dead letters at the side.
//!
//! Only hosts that pump by themselves need [`Backlog`]; where a platform delivers the events it keeps the cursor too.

use super::events::{DeadLetter, Delivery, LogError};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// The most dead letters in one page.
pub const MAX_LETTERS: usize = 500;

/// Which dead letter. Pages are in this order.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
pub struct LetterId {
    /// Whose.
    pub consumer: String,
    /// The event's place in the log.
    pub sequence: u64,
}

impl LetterId {
    /// The id of a letter.
    #[must_use]
    pub fn of(letter: &DeadLetter) -> Self {
        Self {
            consumer: letter.consumer.clone(),
            sequence: letter.delivery.sequence,
        }
    }
}

/// What an operator wants delivered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// This letter.
    One(LetterId),
    /// All letters of a consumer.
    All {
        /// Which.
        consumer: String,
    },
}

/// The letters that consumers were given up on.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The letters after `after`, of one consumer or of all; at most `limit`, and never more than [`MAX_LETTERS`].
    async fn list(
        &self,
        consumer: Option<&str>,
        after: Option<&LetterId>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, LogError>;

    /// Asks that letters be delivered again, to their own consumer alone; answers how many were found. A letter stays
    /// until its consumer has taken it.
    async fn replay(&self, which: &Replay) -> Result<u64, LogError>;
}

/// What a pump needs of a log.
#[async_trait]
pub trait Backlog: Send + Sync {
    /// The deliveries after `sequence`, in order; at most `limit`.
    async fn read_after(&self, sequence: u64, limit: usize) -> Result<Vec<Delivery>, LogError>;

    /// The place up to which a consumer has taken everything; 0 at first.
    async fn cursor(&self, consumer: &str) -> Result<u64, LogError>;

    /// Moves a consumer's cursor forward; it never goes back.
    async fn advance(&self, consumer: &str, sequence: u64) -> Result<(), LogError>;

    /// Keeps the letter and moves the cursor past its event, in one step. A letter that was being replayed is kept
    /// again, and not replayed until somebody asks anew.
    async fn give_up(&self, letter: &DeadLetter) -> Result<(), LogError>;

    /// The letters of a consumer that somebody wants replayed, in order; at most `limit`.
    async fn replays(&self, consumer: &str, limit: usize) -> Result<Vec<DeadLetter>, LogError>;

    /// Removes a letter, because its replay was taken.
    async fn settle(&self, letter: &LetterId) -> Result<(), LogError>;

    /// Changes whenever this process appended something or somebody in it asked for a replay.
    fn arrivals(&self) -> watch::Receiver<u64>;
}
