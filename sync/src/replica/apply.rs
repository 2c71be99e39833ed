//! Applies a page: rows, cursors and confirmed commands change together, or not at all.

use super::rows::Rows;
use super::scopes::{HeldScopes, list_scopes, sums_of, write_scope};
use super::{Replica, arrived, carts, loading, lookups, projection, purge, snapshot};
use crate::engine::{Entity, Held, Page, Plan, plan_page};
use crate::error::ReplicaError;
use crate::search::{IndexChange, SearchIndex};
use domain::api::sync::{Change, Checkpoint, Cursor, Offer, Op, Scope, kind};
use domain::ids::{CartId, CustomerId};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::BTreeSet;

/// The most customers that [`Applied::customers`] names, and the most carts that [`Applied::carts`] does.
pub const MAX_TOUCHED: usize = 64;

/// What a page changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Changes that were new.
    pub changes: usize,
    /// Customers whose data, profile, notes or orders changed; at most [`MAX_TOUCHED`].
    pub customers: BTreeSet<CustomerId>,
    /// Carts that changed, or of which an order did; at most [`MAX_TOUCHED`].
    pub carts: BTreeSet<CartId>,
    /// Whether a kiosk asks for somebody, or does not any more.
    pub help: bool,
    /// So much changed that screens had better ask for everything again: more customers or carts than are named, a purge,
    /// or something that is neither a customer's nor a cart's.
    pub everything: bool,
    /// Commands that left the queue because their changes are here.
    pub confirmed: usize,
    /// Commands that the cloud had decided on and does not know any more: they wait to be sent again.
    pub forgotten: usize,
    /// Scopes that lost their rows.
    pub purged: BTreeSet<Scope>,
    /// Whether what was purged may still lie in the WAL, because somebody was reading: the next call tries again.
    pub purge_due: bool,
    /// Whether to pull again at once.
    pub more: bool,
    /// Snapshots to load, of scopes that cannot go on from where they stand.
    pub offers: Vec<Offer>,
    /// Scopes that do not hold what the cloud says that they hold at this cursor.
    pub differing: BTreeSet<Scope>,
}

impl Replica {
    /// Applies a page in one transaction. An error means that nothing was changed; a repeat of a page changes nothing.
    pub fn apply(&self, page: &Page) -> Result<Applied, ReplicaError> {
        let mut writer = self.writer();
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let scopes = list_scopes(&transaction)?;
        let held = scopes
            .iter()
            .map(|(name, scope)| (name.clone(), scope.held))
            .collect();
        let plan = plan_page(&held, page)?;
        let mut applied = Applied {
            more: page.checkpoint().more,
            purged: plan.purge.clone(),
            everything: !plan.purge.is_empty(),
            offers: page.offers().to_vec(),
            ..Applied::default()
        };
        let index = execute(&transaction, scopes, &plan, page, &mut applied)?;
        transaction.commit()?;
        if applied.purged.is_empty() {
            self.teach(index, !applied.more);
        } else {
            self.teach_anew(&writer);
            self.readers.close_idle();
        }
        applied.purge_due = Self::finish_purge(&writer);
        Ok(applied)
    }

    /// The transaction holds: the search index follows, and is put in order now or at the next search.
    pub(super) fn teach(&self, index: Vec<IndexChange>, settle: bool) {
        if !index.is_empty() {
            self.search_mut().apply(index, settle);
        }
    }

    /// Purged words must not stay in memory either: the index is built anew from what is left, now or at the next
    /// search.
    fn teach_anew(&self, writer: &Connection) {
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
    let mut rows = Rows::begin(connection, sums_of(&scopes))?;
    for name in &plan.purge {
        if let Some(scope) = scopes.get_mut(name) {
            purge::purge_scope(&mut rows, scope.number)?;
            scope.held.cursor = Cursor::default();
        }
    }
    write_scopes(connection, &scopes, plan)?;
    let mut scopes = list_scopes(connection)?;
    // Rows that were loaded and rows from before cannot both take these changes: what differs then is repaired.
    for name in plan.purge.iter().chain(plan.cursors.keys()) {
        if let Some(scope) = scopes.get(name) {
            snapshot::forget(connection, scope.number)?;
        }
    }
    for change in page.changes() {
        let seen = plan.applied.get(&change.scope).copied().unwrap_or(u64::MAX);
        if let Some(scope) = scopes.get(&change.scope)
            && change.seq > seen
        {
            touch(connection, change, applied)?;
            execute_change(&mut rows, scope.number, change)?;
            applied.changes += 1;
        }
    }
    for scope in scopes.values_mut() {
        scope.sum = rows.sum(scope.number);
    }
    let index = rows.finish()?;
    applied.differing = list_differing(connection, page.checkpoint(), &scopes)?;
    write_checkpoint(connection, page)?;
    applied.forgotten = arrived::queue_forgotten(connection, page.checkpoint().last_cseq)?;
    applied.confirmed = arrived::remove(connection, page, &scopes)?;
    if page.checkpoint().more {
        lookups::extend_when_due(connection)?;
    } else {
        lookups::extend(connection)?;
    }
    Ok(index)
}

/// Executes one change of a scope.
fn execute_change(rows: &mut Rows<'_>, scope: i64, change: &Change) -> Result<(), ReplicaError> {
    match (change.op, &change.body) {
        (Op::Put, Some(body)) => {
            let entity = Entity {
                kind: &change.kind,
                id: &change.id,
                version: change.version,
                body: body.get(),
            };
            rows.put(scope, &entity, entity.hash(), false)?;
            Ok(())
        }
        (Op::Put, None) | (Op::Delete, _) => rows.delete(scope, &change.kind, &change.id),
    }
}

/// Scopes whose sum is another than the cloud's at the same cursor. One that is being loaded holds rows of two cursors.
fn list_differing(
    connection: &Connection,
    checkpoint: &Checkpoint,
    scopes: &HeldScopes,
) -> Result<BTreeSet<Scope>, ReplicaError> {
    let mut differing = BTreeSet::new();
    for (name, sum) in &checkpoint.sums {
        let Some(scope) = scopes.get(name).filter(|scope| scope.held.granted) else {
            continue;
        };
        let stands = checkpoint.cursors.get(name);
        let same_place = stands.is_none_or(|cursor| *cursor == scope.held.cursor);
        if same_place && scope.sum != *sum && snapshot::read(connection, scope.number)?.is_none() {
            differing.insert(name.clone());
        }
    }
    Ok(differing)
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
        let before = scopes
            .get(scope)
            .map(|scope| scope.held)
            .unwrap_or_default();
        let after = Held {
            granted: plan.access.get(scope).copied().unwrap_or(before.granted),
            cursor: plan.cursors.get(scope).copied().unwrap_or(before.cursor),
        };
        write_scope(connection, scope, after)?;
    }
    Ok(())
}

fn write_checkpoint(connection: &Connection, page: &Page) -> Result<(), ReplicaError> {
    let checkpoint = page.checkpoint();
    let complete = !checkpoint.more && page.offers().is_empty() && !snapshot::is_any(connection)?;
    connection
        .prepare_cached(include_str!("sql/write_checkpoint.sql"))?
        .execute((
            checkpoint.last_cseq,
            projection::millis(checkpoint.server_time),
            complete,
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
    if let kind::CART | kind::CART_ORDER | kind::SETTLEMENT = change.kind.as_str() {
        return touch_cart(connection, change, applied);
    }
    if change.kind == kind::HELP {
        applied.help = true;
        return Ok(());
    }
    // Pieces move between a device and its store with every sale; a cart's page asks when it is shown.
    if change.kind == kind::ALLOTMENT {
        return Ok(());
    }
    let customer = match change.kind.as_str() {
        kind::CUSTOMER | kind::PROFILE | kind::PURCHASES | kind::PICKS => Some(change.id.clone()),
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

/// Notes which cart a change moves.
fn touch_cart(
    connection: &Connection,
    change: &Change,
    applied: &mut Applied,
) -> Result<(), ReplicaError> {
    let told = change.body.as_ref().and_then(|body| {
        let owned: OfCart = serde_json::from_str(body.get()).ok()?;
        owned.cart
    });
    let cart = match (change.kind.as_str(), told) {
        (kind::CART, _) => Some(change.id.clone()),
        (_, Some(cart)) => Some(cart),
        _ => carts::cart_of_order(connection, &change.id)?,
    };
    applied
        .carts
        .extend(cart.and_then(|id| CartId::parse(id).ok()));
    if applied.carts.len() > MAX_TOUCHED {
        applied.carts.pop_last();
        applied.everything = true;
    }
    Ok(())
}

#[derive(serde::Deserialize)]
struct OfCart {
    cart: Option<String>,
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
