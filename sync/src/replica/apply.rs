//! Applies a page: rows, cursors and confirmed commands change together, or not at all.

use super::rows::Rows;
use super::scopes::{HeldScopes, list_scopes, write_scope};
use super::{Replica, loading, outbox, projection, purge};
use crate::engine::{Held, Page, Plan, plan_page};
use crate::error::ReplicaError;
use crate::search::{IndexChange, SearchIndex};
use domain::api::sync::{Change, Checkpoint, Cursor, Scope, kind};
use domain::ids::CustomerId;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::BTreeSet;

/// The most customers that [`Applied::customers`] names.
pub const MAX_TOUCHED: usize = 64;

/// What a page changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Changes that were new.
    pub changes: usize,
    /// Customers whose data, profile, notes or orders changed; at most [`MAX_TOUCHED`].
    pub customers: BTreeSet<CustomerId>,
    /// So much changed that screens had better ask for everything again: more customers than are named, a purge, or
    /// something that is not a customer's.
    pub everything: bool,
    /// Commands that left the queue because their changes are here.
    pub confirmed: usize,
    /// Scopes that lost their rows.
    pub purged: BTreeSet<Scope>,
    /// Whether what was purged may still lie in the WAL, because somebody was reading: the next call tries again.
    pub purge_due: bool,
    /// Whether to pull again at once.
    pub more: bool,
}

impl Replica {
    /// Applies a page in one transaction. An error means that nothing was changed; a repeat of a page changes nothing.
    pub fn apply(&self, page: &Page) -> Result<Applied, ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let scopes = list_scopes(&transaction)?;
        let held = scopes
            .iter()
            .map(|(scope, (_, held))| (scope.clone(), *held))
            .collect();
        let plan = plan_page(&held, page)?;
        let mut applied = Applied {
            more: page.checkpoint().more,
            purged: plan.purge.clone(),
            everything: !plan.purge.is_empty(),
            ..Applied::default()
        };
        let index = execute(&transaction, scopes, &plan, page, &mut applied)?;
        transaction.commit()?;
        self.teach(&writer, index, &applied);
        if !applied.purged.is_empty() {
            self.readers.close_idle();
        }
        applied.purge_due = Self::finish_purge(&writer);
        Ok(applied)
    }

    /// The transaction holds: the search index follows.
    fn teach(&self, writer: &Connection, index: Vec<IndexChange>, applied: &Applied) {
        if applied.purged.is_empty() {
            if !index.is_empty() {
                self.search_mut().apply(index);
            }
            return;
        }
        // Purged words must not stay in memory either: the index is built anew from what is left, now or at the
        // next search.
        let mut search = self.search_mut();
        *search = SearchIndex::default();
        match loading::load(writer) {
            Ok(loaded) => *search = loaded,
            Err(error) => {
                tracing::warn!(%error, "the search index will be loaded at the next search");
            }
        }
    }

    /// Whether purged rows may still lie in the WAL.
    fn finish_purge(writer: &Connection) -> bool {
        match purge::finish_purge(writer) {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(%error, "purged rows may still lie in the WAL");
                true
            }
        }
    }
}

fn execute(
    connection: &Connection,
    mut scopes: HeldScopes,
    plan: &Plan,
    page: &Page,
    applied: &mut Applied,
) -> Result<Vec<IndexChange>, ReplicaError> {
    let mut rows = Rows::begin(connection)?;
    for scope in &plan.purge {
        if let Some((number, held)) = scopes.get_mut(scope) {
            purge::purge_scope(&mut rows, *number)?;
            held.cursor = Cursor::default();
        }
    }
    write_scopes(connection, &scopes, plan)?;
    let scopes = list_scopes(connection)?;
    for change in page.changes() {
        let seen = plan.applied.get(&change.scope).copied().unwrap_or(u64::MAX);
        if let Some((number, _)) = scopes.get(&change.scope)
            && change.seq > seen
        {
            touch(connection, change, applied)?;
            rows.change(*number, change)?;
            applied.changes += 1;
        }
    }
    write_checkpoint(connection, page.checkpoint())?;
    applied.confirmed = outbox::remove_confirmed(connection, page, &scopes)?;
    rows.finish()
}

fn write_scopes(
    connection: &Connection,
    scopes: &HeldScopes,
    plan: &Plan,
) -> Result<(), ReplicaError> {
    let moved: BTreeSet<&Scope> = plan
        .access
        .keys()
        .chain(&plan.purge)
        .chain(plan.cursors.keys())
        .collect();
    for scope in moved {
        let before = scopes.get(scope).map(|(_, held)| *held).unwrap_or_default();
        let after = Held {
            granted: plan.access.get(scope).copied().unwrap_or(before.granted),
            cursor: plan.cursors.get(scope).copied().unwrap_or(before.cursor),
        };
        write_scope(connection, scope, after)?;
    }
    Ok(())
}

fn write_checkpoint(connection: &Connection, checkpoint: &Checkpoint) -> Result<(), ReplicaError> {
    connection
        .prepare_cached(include_str!("sql/write_checkpoint.sql"))?
        .execute((
            checkpoint.last_cseq,
            projection::millis(checkpoint.server_time),
            !checkpoint.more,
        ))?;
    Ok(())
}

/// Notes whose card a change moves, before it does.
fn touch(
    connection: &Connection,
    change: &Change,
    applied: &mut Applied,
) -> Result<(), ReplicaError> {
    if applied.everything {
        return Ok(());
    }
    let customer = match change.kind.as_str() {
        kind::CUSTOMER | kind::PROFILE | kind::PURCHASES => Some(change.id.clone()),
        kind::NOTE | kind::ORDER => customer_of(connection, change)?,
        _ => None,
    };
    match customer.and_then(|id| CustomerId::parse(id).ok()) {
        Some(customer) => {
            applied.customers.insert(customer);
        }
        None => applied.everything = true,
    }
    if applied.customers.len() > MAX_TOUCHED {
        applied.customers.pop_last();
        applied.everything = true;
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct Owned {
    customer: Option<String>,
}

fn customer_of(connection: &Connection, change: &Change) -> Result<Option<String>, ReplicaError> {
    if let Some(body) = &change.body {
        return Ok(serde_json::from_str::<Owned>(body.get())
            .ok()
            .and_then(|owned| owned.customer));
    }
    let mut statement = connection.prepare_cached(include_str!("sql/history_customer.sql"))?;
    Ok(statement
        .query_row((&change.kind, &change.id), |row| row.get(0))
        .optional()?)
}
