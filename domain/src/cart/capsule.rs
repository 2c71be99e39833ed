//! A cart that goes from one device to another where neither sees a network: commands in a QR, signed.
//!
//! What is in a capsule are the very commands that the cloud decides on later, under the same ids: whichever of the two
//! devices sends them first, they count once. A capsule moves no lease: nobody checks out with one.

use super::canonical::Canonical;
use super::command::CartCommand;
use super::state::{Cart, Opening};
use crate::ids::DeviceId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The most commands in a capsule.
pub const MAX_CAPSULE_COMMANDS: usize = 100;

/// What one device tells another of a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Capsule {
    /// The cart, so that a device that never saw it can begin it.
    pub opening: Opening,
    /// The generation that the commands are meant for.
    pub generation: u32,
    /// Who made it.
    pub issuer: DeviceId,
    /// The fence that she knew: shown, never used.
    pub fence: u64,
    /// When, by the clock of the device: shown, never used to order.
    pub made_at_device: DateTime<Utc>,
    /// What she did that the cloud has not confirmed, in her order; at most [`MAX_CAPSULE_COMMANDS`].
    pub commands: Vec<CartCommand>,
}

/// A capsule with the issuer's signature over [`Capsule::canonical_bytes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedCapsule {
    /// What is signed.
    pub capsule: Capsule,
    /// Which key signed it.
    pub key_id: String,
    /// Base64url without padding.
    pub signature: String,
}

/// The name of a device's public key (base64url without padding): 32 hexadecimal digits.
#[must_use]
pub fn key_id(public_key: &str) -> String {
    crate::digest::derive("device-key", &[public_key])
}

/// Why a capsule is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapsuleRefusal {
    /// The device shows another cart under this id.
    #[error("it is of another store or in another currency")]
    AnotherCart,
    /// Over [`MAX_CAPSULE_COMMANDS`].
    #[error("it has more than {MAX_CAPSULE_COMMANDS} commands")]
    TooMany,
    /// The issuer's own device made it.
    #[error("it comes from this device")]
    OwnCapsule,
}

impl Capsule {
    /// What is signed.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut canonical = Canonical::default();
        canonical.text("aisle-capsule-1");
        canonical.text(self.opening.id.as_str());
        canonical.text(self.opening.store.as_str());
        canonical.text(self.opening.currency.code());
        canonical.optional(self.opening.customer.as_ref().map(|id| id.as_str()));
        canonical.number(self.generation.into());
        canonical.text(self.issuer.as_str()).number(self.fence);
        canonical.signed(self.made_at_device.timestamp());
        canonical.number(self.made_at_device.timestamp_subsec_nanos().into());
        canonical.number(self.commands.len() as u64);
        for command in &self.commands {
            canonical.command(command);
        }
        canonical.into_bytes()
    }

    /// The commands that a device does not know yet, to be queued there before it sends its own. `cart` is the cart as
    /// it shows it, with what it did itself; `None` where it does not have it. The signature is checked before.
    pub fn unknown_to(
        &self,
        device: &DeviceId,
        cart: Option<&Cart>,
    ) -> Result<Vec<CartCommand>, CapsuleRefusal> {
        if self.issuer == *device {
            return Err(CapsuleRefusal::OwnCapsule);
        }
        if self.commands.len() > MAX_CAPSULE_COMMANDS {
            return Err(CapsuleRefusal::TooMany);
        }
        let same = |cart: &Cart| {
            cart.opening.id == self.opening.id
                && cart.opening.store == self.opening.store
                && cart.opening.currency == self.opening.currency
        };
        if !cart.is_none_or(same) {
            return Err(CapsuleRefusal::AnotherCart);
        }
        let known = |command: &&CartCommand| {
            cart.is_some_and(|cart| cart.decided.contains_key(&command.id))
        };
        let unknown = self.commands.iter().filter(|command| !known(command));
        Ok(unknown.cloned().collect())
    }
}
