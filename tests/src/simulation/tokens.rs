//! Tokens without cryptography: signatures are tested elsewhere and cost more than everything else here together.

use async_trait::async_trait;
use cloud_functions::devices;
use cloud_functions::ports::ledger::Ledger;
use cloud_functions::ports::tokens::{TokenError, Verifier};
use domain::access::Principal;
use domain::ids::DeviceId;
use std::sync::Arc;

/// A device's token is its id; as the local issuer's, it counts no longer than the device.
pub(super) struct DeviceTokens {
    ledger: Arc<dyn Ledger>,
}

impl DeviceTokens {
    /// Knows the devices of a ledger.
    #[must_use]
    pub(super) const fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger }
    }
}

#[async_trait]
impl Verifier for DeviceTokens {
    async fn verify(&self, token: &str) -> Result<Principal, TokenError> {
        let unknown = || TokenError::Invalid("no such device".to_owned());
        let device = DeviceId::parse(token).map_err(|_| unknown())?;
        let row = devices::lookup(&*self.ledger, &device).await;
        let row = row.map_err(|error| TokenError::Unavailable(error.to_string()))?;
        let state = row.ok_or_else(unknown)?.value;
        if state.revoked {
            return Err(TokenError::Revoked);
        }
        let role = state.kind.role();
        Ok(Principal {
            role,
            permissions: role.permissions().to_vec(),
            store: Some(state.store),
            device: Some(device),
            associate: None,
            customer: None,
        })
    }

    async fn source(&self, _: &str) -> Result<Option<String>, TokenError> {
        Ok(None)
    }
}
