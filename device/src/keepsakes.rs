//! What the device keeps beside the feeds, by name, in the encrypted database.

use crate::patience::Tries;
use crate::telemetry;
use chrono::{DateTime, Utc};
use domain::api::identity::{EnrolRequest, Enrolment};
use domain::ids::{AssociateId, CartId, CustomerId, Sku};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use sync::{Replica, ReplicaError};

/// Something that is kept as JSON under a fixed name.
pub(crate) struct Keepsake<T> {
    name: &'static str,
    of: PhantomData<fn() -> T>,
}

/// The enrolment, with the secret.
pub(crate) const ENROLMENT: Keepsake<Enrolment> = Keepsake::new("enrolment");
/// The code and nonce of an enrolment that is on its way.
pub(crate) const ENROLLING: Keepsake<EnrolRequest> = Keepsake::new("enrolling");
/// Whether the device was revoked.
pub(crate) const REVOKED: Keepsake<bool> = Keepsake::new("revoked");
/// Wrong PINs, by associate.
pub(crate) const PIN_TRIES: Keepsake<BTreeMap<AssociateId, Tries>> = Keepsake::new("pin-tries");
/// The carts that this device works on.
pub(crate) const AT_WORK: Keepsake<AtWork> = Keepsake::new("carts-at-work");
/// What the device's signing key follows from.
pub(crate) const SEED: Keepsake<[u8; 32]> = Keepsake::new("signing-seed");
/// The public key that the cloud was told.
pub(crate) const TOLD_KEY: Keepsake<String> = Keepsake::new("told-key");
/// Items that were put into carts or sold here lately.
pub(crate) const USED: Keepsake<BTreeMap<Sku, DateTime<Utc>>> = Keepsake::new("items-used");
/// Items whose allotment is on its way back: none of it is sold here.
pub(crate) const GIVEN_BACK: Keepsake<BTreeSet<Sku>> = Keepsake::new("allotment-given-back");

/// Customers whose carts are remembered.
const MAX_AT_WORK: usize = 500;

/// The carts that a device works on: one for each customer, and one for somebody unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct AtWork {
    guest: Option<CartId>,
    customers: BTreeMap<CustomerId, CartId>,
}

impl AtWork {
    /// The cart that is worked on for her.
    pub(crate) fn cart(&self, customer: Option<&CustomerId>) -> Option<&CartId> {
        match customer {
            Some(customer) => self.customers.get(customer),
            None => self.guest.as_ref(),
        }
    }

    /// It is this one from now on.
    pub(crate) fn set(&mut self, customer: Option<&CustomerId>, cart: &CartId) {
        let Some(customer) = customer else {
            self.guest = Some(cart.clone());
            return;
        };
        // A guest who said who she is has none as a guest any more.
        self.guest.take_if(|guest| guest == cart);
        if self.customers.len() >= MAX_AT_WORK {
            self.customers.pop_first();
        }
        self.customers.insert(customer.clone(), cart.clone());
    }
}

impl<T: Serialize + DeserializeOwned> Keepsake<T> {
    const fn new(name: &'static str) -> Self {
        let of = PhantomData;
        Self { name, of }
    }

    /// What is kept. What this program cannot read counts as nothing.
    pub(crate) fn read(&self, replica: &Replica) -> Result<Option<T>, ReplicaError> {
        let Some(bytes) = replica.kept(self.name)? else {
            return Ok(None);
        };
        match serde_json::from_slice(&bytes) {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                telemetry::forgotten(self.name);
                // Never the error itself: it quotes what it could not read.
                let place = error.column();
                tracing::warn!(name = self.name, place, "what was kept cannot be read");
                Ok(None)
            }
        }
    }

    /// Keeps a value in the place of what was there.
    pub(crate) fn keep(&self, replica: &Replica, value: &T) -> Result<(), ReplicaError> {
        let bytes =
            serde_json::to_vec(value).map_err(|error| ReplicaError::Damaged(error.to_string()))?;
        replica.keep(self.name, &bytes)
    }

    /// Lets go of it.
    pub(crate) fn forget(&self, replica: &Replica) -> Result<(), ReplicaError> {
        replica.forget(self.name)
    }
}
