//! Takes the cloud's decisions on commands.

use super::Replica;
use super::scopes::{HeldScopes, list_scopes};
use crate::error::ReplicaError;
use domain::api::sync::{CommandResult, CommandStatus, Cursor, PushResponse, Scope};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeMap;

/// What the answer of a push settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settled {
    /// Commands that are done; they leave the queue when their changes arrive.
    pub confirmed: usize,
    /// Commands that were refused: kept for somebody to mend, never in the way of others.
    pub rejected: usize,
}

impl Replica {
    /// Takes the answer of a push, all of it or nothing. A repeat settles nothing; what the answer does not decide on
    /// stays queued and is sent again.
    pub fn settle(&self, response: &PushResponse) -> Result<Settled, ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let scopes = list_scopes(&transaction)?;
        let mut settled = Settled::default();
        for result in &response.results {
            // A decision beyond the mark contradicts itself; the command will be sent again and decided again.
            if result.cseq > response.last_cseq {
                tracing::warn!(
                    cseq = result.cseq,
                    "a decision beyond the cloud's own mark is passed over"
                );
                continue;
            }
            settle_one(&transaction, result, &scopes, &mut settled)?;
        }
        transaction
            .prepare_cached(include_str!("sql/write_last_cseq.sql"))?
            .execute([storable(response.last_cseq)])?;
        transaction.commit()?;
        Ok(settled)
    }
}

fn storable(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(0)
}

fn settle_one(
    connection: &Connection,
    result: &CommandResult,
    scopes: &HeldScopes,
    settled: &mut Settled,
) -> Result<(), ReplicaError> {
    let cseq = storable(result.cseq);
    if result.status == CommandStatus::Rejected {
        settled.rejected += connection
            .prepare_cached(include_str!("sql/refuse_command.sql"))?
            .execute((cseq, result.code.as_deref(), reason(result)))?;
        return Ok(());
    }
    let seqs = serde_json::to_string(&stands(scopes, result)).map_err(super::outbox::damaged)?;
    settled.confirmed += connection
        .prepare_cached(include_str!("sql/confirm_command.sql"))?
        .execute((cseq, seqs))?;
    Ok(())
}

/// Where a command's changes stand in the feeds, each in the life of the feed that is followed now.
fn stands(scopes: &HeldScopes, result: &CommandResult) -> BTreeMap<Scope, Cursor> {
    let told = result.seqs.iter().map(|(scope, seq)| {
        let held = scopes.get(scope).map(|scope| scope.held);
        let epoch = held.map_or(0, |held| held.cursor.epoch);
        (scope.clone(), Cursor { epoch, seq: *seq })
    });
    told.collect()
}

/// The reason for people, or else its code.
fn reason(result: &CommandResult) -> &str {
    let message = result.message.as_deref().filter(|text| !text.is_empty());
    message.or(result.code.as_deref()).unwrap_or("refused")
}
