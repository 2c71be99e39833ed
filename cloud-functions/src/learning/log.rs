//! The log of lessons.

use super::base::BaseAt;
use super::{Lesson, PARTITION};
use crate::feed::PublishError;
use crate::ports::ledger::{Condition, Key, Ledger, LedgerError, MAX_PAGE, Write};
use crate::table::{self, TableError};
use serde::{Deserialize, Serialize};

/// How often the head is moved anew when another writer moved it first.
const MAX_TRIES: usize = 100;

/// How far the log goes, and what to begin with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last number given.
    pub seq: u64,
    /// Lessons that were ever told.
    pub lessons: u64,
    /// What whoever knows nothing begins with.
    #[serde(default)]
    pub base: Option<BaseAt>,
    /// The one before: lessons up to it are gone.
    #[serde(default)]
    pub previous: Option<BaseAt>,
}

/// Why lessons were not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// A condition of the caller's own writes does not hold; nothing was written.
    #[error("write {index} beside the lessons was refused")]
    Beside {
        /// Which.
        index: usize,
    },
    /// Others tell too much.
    #[error("the log of lessons is too busy")]
    Busy,
    /// What lies there is not readable.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<LedgerError> for AppendError {
    fn from(error: LedgerError) -> Self {
        Self::Table(error.into())
    }
}

impl From<AppendError> for PublishError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Beside { index } => Self::Beside { index },
            AppendError::Busy => Self::Busy,
            AppendError::Table(error) => error.into(),
        }
    }
}

pub(super) fn head_key() -> Key {
    Key::new(PARTITION, "HEAD")
}

pub(super) fn lesson_sort(seq: u64) -> String {
    format!("L#{seq:020}")
}

/// How far the log goes.
pub async fn read_head(ledger: &dyn Ledger) -> Result<Head, PublishError> {
    let row = table::lookup::<Head>(ledger, &head_key()).await?;
    Ok(row.map(|row| row.value).unwrap_or_default())
}

/// Tells lessons under the next number, in one write with what is `beside` them. Answers the number.
pub async fn append(
    ledger: &dyn Ledger,
    lessons: &[Lesson],
    beside: &[Write],
) -> Result<u64, AppendError> {
    for _ in 0..MAX_TRIES {
        let row = table::lookup::<Head>(ledger, &head_key()).await?;
        let condition = row
            .as_ref()
            .map_or(Condition::Absent, table::Row::unchanged);
        let mut head = row.map(|row| row.value).unwrap_or_default();
        head.seq += 1;
        head.lessons += lessons.len() as u64;
        let key = Key::new(PARTITION, lesson_sort(head.seq));
        let mut batch = beside.to_vec();
        batch.push(table::put(head_key(), &head, condition)?);
        batch.push(table::put(key, &lessons, Condition::Absent)?);
        match ledger.write(batch).await {
            Ok(()) => return Ok(head.seq),
            Err(LedgerError::Conflict { index }) if index < beside.len() => {
                return Err(AppendError::Beside { index });
            }
            Err(LedgerError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(AppendError::Busy)
}

/// The lessons behind `seq`, in their order and without a gap; at most `limit` and [`MAX_PAGE`].
pub async fn list_after(
    ledger: &dyn Ledger,
    seq: u64,
    limit: usize,
) -> Result<Vec<(u64, Vec<Lesson>)>, PublishError> {
    let (start, end) = (lesson_sort(seq.saturating_add(1)), lesson_sort(u64::MAX));
    let page = ledger
        .range(PARTITION, &start..&end, limit.min(MAX_PAGE))
        .await?;
    let mut lessons = Vec::with_capacity(page.len());
    for (stored, expected) in page.iter().zip(seq.saturating_add(1)..) {
        if stored.key.sort != lesson_sort(expected) {
            break;
        }
        lessons.push((expected, table::row(stored)?.value));
    }
    Ok(lessons)
}
