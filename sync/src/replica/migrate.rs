//! Brings an older file up to date, step by step, all or nothing.

use super::open::APPLICATION_ID;
use crate::error::ReplicaError;
use rusqlite::{Connection, TransactionBehavior};

/// Each step leads from the version that is its index to the next.
const STEPS: &[&str] = &[include_str!("schema/0001.sql")];
/// The version that this program writes.
pub(super) const SCHEMA: u32 = 1;

pub(super) fn migrate(connection: &mut Connection) -> Result<(), ReplicaError> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
    };
    if version(connection)? == SCHEMA {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been quicker.
    let done = usize::try_from(version(&transaction)?).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_step() {
        assert_eq!(STEPS.len(), usize::try_from(SCHEMA).unwrap());
    }
}
