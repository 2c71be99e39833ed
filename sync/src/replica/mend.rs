//! What a person does about a refused command: mends it, or sets it aside.

use super::Replica;
use super::outbox::{NewCommand, add, check_size, find};
use crate::error::ReplicaError;
use domain::ids::CommandId;
use rusqlite::TransactionBehavior;

impl Replica {
    /// Queues `command` in the place of a refused one, which is gone then: both or neither. Gives the new one's
    /// number; doing it again gives the same.
    pub fn mend(&self, refused: &CommandId, command: &NewCommand<'_>) -> Result<u64, ReplicaError> {
        check_size(command)?;
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(cseq) = find(&transaction, command)? {
            return Ok(cseq);
        }
        let gone = transaction
            .prepare_cached(include_str!("sql/delete_refused.sql"))?
            .execute([refused.as_str()])?;
        if gone == 0 {
            return Err(not_refused(refused));
        }
        let cseq = add(&transaction, command)?;
        transaction.commit()?;
        Ok(cseq)
    }

    /// Nobody will decide on what waits in the queue: it is refused. Changes of what is done will not come any more.
    pub(crate) fn close_queue(&self, code: &str, reason: &str) -> Result<(), ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(include_str!("sql/refuse_queued.sql"), [code, reason])?;
        transaction.execute(include_str!("sql/delete_confirmed.sql"), [])?;
        Ok(transaction.commit()?)
    }

    /// Keeps a refused command, but lets it wait for nobody any more.
    pub fn set_aside(&self, refused: &CommandId) -> Result<(), ReplicaError> {
        let aside = self
            .writer()
            .execute(include_str!("sql/set_aside.sql"), [refused.as_str()])?;
        if aside == 0 {
            return Err(not_refused(refused));
        }
        Ok(())
    }
}

fn not_refused(id: &CommandId) -> ReplicaError {
    ReplicaError::NotRefused { id: id.clone() }
}
