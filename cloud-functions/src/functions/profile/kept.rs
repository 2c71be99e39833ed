//! Profiles as they lie in the ledger.

use crate::ports::ledger::Key;
use domain::ids::{AnonymousId, CustomerId};
use domain::profile::Profile;
use serde::{Deserialize, Serialize};

/// The profile of somebody anonymous, `P#a/<id>` / `V`, or of a customer whom nobody knows yet, `P#c/<id>` / `V`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Kept {
    /// What she did.
    #[serde(default)]
    pub(super) profile: Profile,
    /// The place in the log of the last event that was counted.
    #[serde(default)]
    pub(super) through: u64,
    /// Who she turned out to be: her profile is there, and later events are hers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) joined: Option<CustomerId>,
}

/// A customer's profile: the body of the entity `profile`. Devices read the profile and pass `through` over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Card {
    #[serde(flatten)]
    pub(super) profile: Profile,
    #[serde(default)]
    pub(super) through: u64,
}

pub(super) fn anonymous_key(id: &AnonymousId) -> Key {
    Key::new(format!("P#a/{id}"), "V")
}

pub(super) fn parked_key(id: &CustomerId) -> Key {
    Key::new(format!("P#c/{id}"), "V")
}

/// What is left where browsing may not be kept: what she bought.
pub(super) fn without_browsing(profile: Profile) -> Profile {
    Profile {
        spending: profile.spending,
        last_order_at: profile.last_order_at,
        ..Profile::default()
    }
}
