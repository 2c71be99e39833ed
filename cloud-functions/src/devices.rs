//! What the ledger holds of a device: who it is, and how far its commands were decided.
//!
//! `D#<device>` / `STATE`. Identity writes it at enrolment and revocation, sync with every command; each write states
//! the revision that it saw, so a command never slips past a revocation.

use crate::ports::ledger::{Key, Ledger};
use crate::table::{self, Row, TableError};
use chrono::{DateTime, Utc};
use domain::api::identity::DeviceKind;
use domain::ids::{DeviceId, StoreId};
use serde::{Deserialize, Serialize};

/// A device, `D#<device>` / `STATE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceState {
    /// Which.
    pub device: DeviceId,
    /// What it is for.
    pub kind: DeviceKind,
    /// Where it belongs.
    pub store: StoreId,
    /// SHA-256 of its secret, hex.
    pub secret_hash: String,
    /// The number of its last command that was decided; 0 before the first.
    pub last_cseq: u64,
    /// Whether it may no longer do anything.
    pub revoked: bool,
    /// When it joined.
    pub enrolled_at: DateTime<Utc>,
}

/// Where a device's state lies.
#[must_use]
pub fn state_key(device: &DeviceId) -> Key {
    Key::new(format!("D#{device}"), "STATE")
}

/// Where the decision on a command of a device lies.
#[must_use]
pub fn command_key(device: &DeviceId, cseq: u64) -> Key {
    Key::new(format!("D#{device}"), format!("C#{cseq:020}"))
}

/// A device's state, where it was ever enrolled.
pub async fn lookup(
    ledger: &dyn Ledger,
    device: &DeviceId,
) -> Result<Option<Row<DeviceState>>, TableError> {
    table::lookup(ledger, &state_key(device)).await
}
