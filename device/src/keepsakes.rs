//! What the device keeps beside the feeds, by name, in the encrypted database.

use crate::patience::Tries;
use domain::api::identity::{EnrolRequest, Enrolment};
use domain::ids::AssociateId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
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
                tracing::warn!(%error, name = self.name, "what was kept cannot be read");
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
