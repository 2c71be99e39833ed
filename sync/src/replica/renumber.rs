//! Gives the queue new numbers, where cloud and device no longer agree on them: one of the two was restored from a
//! backup.

use super::Replica;
use crate::error::ReplicaError;
use rusqlite::TransactionBehavior;

impl Replica {
    /// Numbers the queue from `expected` on, the number that the cloud decides on next. Commands that the cloud
    /// confirmed and does not know any more are queued again, in their old places. Ids stay, so that what was done
    /// once is not done twice. Gives how many commands wait now.
    pub fn renumber(&self, expected: u64) -> Result<usize, ReplicaError> {
        let expected = expected.max(1);
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let places: Vec<i64> = transaction
            .prepare_cached(include_str!("sql/list_forgotten.sql"))?
            .query_map([expected], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        transaction
            .prepare_cached(include_str!("sql/lift_numbers.sql"))?
            .execute([expected])?;
        let mut next = expected;
        for place in &places {
            transaction
                .prepare_cached(include_str!("sql/give_number.sql"))?
                .execute((place, next))?;
            next = next.saturating_add(1);
        }
        transaction
            .prepare_cached(include_str!("sql/write_numbers.sql"))?
            .execute((next, expected - 1))?;
        transaction.commit()?;
        Ok(places.len())
    }
}
