//! How far a consumer came in a lane, and how often it failed at an event.

use super::{MAX_TRIES, again, busy, keys};
use crate::ports::events::LogError;
use crate::ports::ledger::{Condition, Ledger, Write};
use crate::table::{self, Row};
use serde::{Deserialize, Serialize};

/// How far a consumer came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    /// Everything up to here was taken.
    through: u64,
}

/// How often a consumer failed at an event in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Attempts {
    /// At which place.
    at: u64,
    count: u32,
}

async fn read(ledger: &dyn Ledger, lane: u64, consumer: &str) -> Result<Row<Cursor>, LogError> {
    let row = table::lookup(ledger, &keys::cursor(lane, consumer)).await?;
    Ok(row.unwrap_or(Row {
        value: Cursor::default(),
        revision: 0,
    }))
}

/// The place up to which a consumer has taken everything.
pub(super) async fn cursor(
    ledger: &dyn Ledger,
    lane: u64,
    consumer: &str,
) -> Result<u64, LogError> {
    Ok(read(ledger, lane, consumer).await?.value.through)
}

/// Moves a cursor forward, never back, in one write with what is `beside` it, which states no conditions.
pub(super) async fn advance(
    ledger: &dyn Ledger,
    lane: u64,
    consumer: &str,
    sequence: u64,
    beside: &[Write],
) -> Result<(), LogError> {
    for _ in 0..MAX_TRIES {
        let row = read(ledger, lane, consumer).await?;
        let mut batch = beside.to_vec();
        if row.value.through < sequence {
            let moved = Cursor { through: sequence };
            batch.push(table::put(
                keys::cursor(lane, consumer),
                &moved,
                row.unchanged(),
            )?);
        } else if beside.is_empty() {
            return Ok(());
        }
        if again(ledger.write(batch).await)? {
            return Ok(());
        }
    }
    Err(busy())
}

/// Counts that a consumer failed at an event; answers how often in a row. A count whose outcome was unknown may count
/// twice.
pub(super) async fn count_attempt(
    ledger: &dyn Ledger,
    lane: u64,
    consumer: &str,
    sequence: u64,
) -> Result<u32, LogError> {
    let key = keys::attempts(lane, consumer);
    for _ in 0..MAX_TRIES {
        let row = table::lookup::<Attempts>(ledger, &key).await?;
        let condition = row.as_ref().map_or(Condition::Absent, Row::unchanged);
        let before = row.map(|row| row.value).filter(|last| last.at == sequence);
        let count = before.map_or(1, |last| last.count.saturating_add(1));
        let attempts = Attempts {
            at: sequence,
            count,
        };
        let write = table::put(key.clone(), &attempts, condition)?;
        if again(ledger.write(vec![write]).await)? {
            return Ok(count);
        }
    }
    Err(busy())
}
