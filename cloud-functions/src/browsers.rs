//! What the ledger holds of a shopper's browser: whose it is, and what its next token is made of.
//!
//! `D#<device>` / `BROWSER`. The shopper function writes it; every token of the browser is checked against it, so that
//! signing in and revoking count at once.

use crate::ports::ledger::{Key, Ledger};
use crate::table::{self, Row, TableError};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, DeviceId, StoreId};
use serde::{Deserialize, Serialize};

/// A browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// Its id.
    pub device: DeviceId,
    /// Her store.
    pub store: StoreId,
    /// Whose it is; `None` for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// SHA-256 of the refresh token that is good now, hex.
    pub refresh_hash: String,
    /// Of the one before it: good for a moment longer, because an answer may be lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed_from: Option<String>,
    /// When that was.
    pub refreshed_at: DateTime<Utc>,
    /// Whether it may no longer do anything.
    #[serde(default)]
    pub revoked: bool,
}

/// Where a browser lies.
#[must_use]
pub fn key(device: &DeviceId) -> Key {
    Key::new(format!("D#{device}"), "BROWSER")
}

/// A browser, where there is one.
pub async fn lookup(
    ledger: &dyn Ledger,
    device: &DeviceId,
) -> Result<Option<Row<Browser>>, TableError> {
    table::lookup(ledger, &key(device)).await
}
