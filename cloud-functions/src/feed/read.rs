//! Reads: heads, and entries as far as they have no gap.

use super::{Entry, Head, PublishError, SCOPES, entry_sort, head_key, parse, partition};
use crate::ports::ledger::{Key, Ledger};
use domain::api::sync::{Change, Cursor, Scope};

/// After every sort key.
const LAST_SORT: &str = "\u{10ffff}";

/// The head of a scope; a feed that nobody wrote to has the default head.
pub async fn read_head(ledger: &dyn Ledger, scope: &Scope) -> Result<Head, PublishError> {
    match ledger.read(&head_key(scope)).await? {
        Some(stored) => parse(&stored),
        None => Ok(Head::default()),
    }
}

/// The heads of several scopes, in their order; at most [`crate::ports::ledger::MAX_PAGE`].
pub async fn read_all_heads(
    ledger: &dyn Ledger,
    scopes: &[Scope],
) -> Result<Vec<Head>, PublishError> {
    let keys: Vec<Key> = scopes.iter().map(head_key).collect();
    let stored = ledger.read_all(&keys).await?;
    let heads = stored.iter().map(|stored| stored.as_ref().map(parse));
    heads
        .map(|head| head.transpose().map(Option::unwrap_or_default))
        .collect()
}

/// All scopes that were ever written to, in the order of their names; at most `limit`, after `after`.
pub async fn list_scopes(
    ledger: &dyn Ledger,
    after: Option<&Scope>,
    limit: usize,
) -> Result<Vec<Scope>, PublishError> {
    // The smallest text that is greater than `after`.
    let from = after.map_or_else(String::new, |after| format!("{after}\0"));
    let page = ledger.range(SCOPES, &from..LAST_SORT, limit).await?;
    let scopes = page.iter().filter_map(|line| Scope::parse(&line.key.sort));
    Ok(scopes.collect())
}

/// Reads the feed after `cursor`: the contiguous prefix, at most `limit` changes. Fewer means that this was the end.
pub async fn read_after(
    ledger: &dyn Ledger,
    scope: &Scope,
    cursor: Cursor,
    limit: usize,
) -> Result<Vec<Change>, PublishError> {
    let partition = partition(scope);
    let (from, to) = (
        entry_sort(cursor.seq.saturating_add(1)),
        entry_sort(u64::MAX),
    );
    let page = ledger.range(&partition, &from..&to, limit).await?;
    let mut changes = Vec::with_capacity(page.len());
    let mut seq = cursor.seq;
    for stored in page {
        seq = seq.saturating_add(1);
        if stored.key.sort != entry_sort(seq) {
            break;
        }
        let Entry {
            kind,
            id,
            version,
            op,
            body,
            command,
        } = parse(&stored)?;
        changes.push(Change {
            scope: scope.clone(),
            seq,
            kind,
            id,
            version,
            op,
            body,
            command,
        });
    }
    Ok(changes)
}
