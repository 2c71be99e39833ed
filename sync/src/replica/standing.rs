//! How the sync stands, for the badge that is always on the screen.

use super::Replica;
use super::outbox::instant;
use crate::error::ReplicaError;
use chrono::{DateTime, Utc};

/// How the sync stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Commands that wait to be sent.
    pub unsent: u32,
    /// The oldest of them, by the clock of the device.
    pub oldest_unsent_at: Option<DateTime<Utc>>,
    /// Commands that were refused and wait for somebody.
    pub needs_attention: u32,
    /// Commands that were refused and that somebody set aside.
    pub aside: u32,
    /// The last command that the cloud decided on.
    pub last_cseq: u64,
    /// The cloud's clock at the last page that was applied.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether everything was pulled at least once.
    pub complete: bool,
}

impl Replica {
    /// How the sync stands.
    pub fn standing(&self) -> Result<Standing, ReplicaError> {
        self.read(|connection| {
            // One transaction, so that both halves speak of the same moment.
            let transaction = connection.unchecked_transaction()?;
            let mut standing =
                transaction.query_row(include_str!("sql/read_standing.sql"), [], |row| {
                    Ok(Standing {
                        last_cseq: row.get(0)?,
                        as_of: row.get::<_, Option<i64>>(1)?.map(instant),
                        complete: row.get(2)?,
                        ..Standing::default()
                    })
                })?;
            transaction.query_row(include_str!("sql/count_outbox.sql"), [], |row| {
                standing.unsent = row.get(0)?;
                standing.oldest_unsent_at = row.get::<_, Option<i64>>(1)?.map(instant);
                standing.needs_attention = row.get(2)?;
                standing.aside = row.get(3)?;
                Ok(())
            })?;
            Ok(standing)
        })
    }
}
