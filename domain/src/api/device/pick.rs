//! What an associate says of a recommended item.

use super::{DeviceCall, Done};
use crate::ids::{CustomerId, Sku};
use crate::pick::Verdict;
use serde::{Deserialize, Serialize};

device_calls! {
    SetPick => "set_pick" -> Done,
}

/// Pins or dismisses an item for a customer, or takes that back; at once on this tablet, and everywhere when the cloud has
/// it. Refused where she does not want personal recommendations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPick {
    /// For whom.
    pub customer: CustomerId,
    /// Which item.
    pub sku: Sku,
    /// What is said of it; `None` takes back what was said.
    #[serde(default)]
    pub verdict: Option<Verdict>,
}
