//! Who sends, and what holds for all of its calls.

use crate::http::{ApiError, WriteSource};
use crate::ports::ledger::{Key, Ledger};
use crate::table;
use domain::ids::StoreId;
use domain::money::Currency;
use serde::{Deserialize, Serialize};

/// A source of events, `W#<write key>` / `V`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub source: String,
    /// What its prices are in where a call does not say.
    pub currency: Currency,
    /// The store that its events are about where a call does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
}

/// Where the source behind a write key lies.
#[must_use]
pub(super) fn key(write_key: &str) -> Key {
    Key::new(format!("W#{write_key}"), "V")
}

/// What holds for the calls of the caller. A key that was removed since the gate let it pass is no key.
pub(super) async fn lookup(ledger: &dyn Ledger, caller: &WriteSource) -> Result<Source, ApiError> {
    match table::lookup(ledger, &key(&caller.write_key)).await? {
        Some(row) => Ok(row.value),
        None => Err(ApiError::not_found("source")),
    }
}
