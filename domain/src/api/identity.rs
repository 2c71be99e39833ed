//! Devices and people prove who they are.

use crate::access::Role;
use crate::cart::Workstation;
use crate::ids::{AssociateId, CustomerId, DeviceId, StoreId};
use serde::{Deserialize, Serialize};

/// What a device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// For associates.
    Tablet,
    /// For shoppers.
    Kiosk,
}

impl DeviceKind {
    /// The role of such a device.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Tablet => Role::Tablet,
            Self::Kiosk => Role::Kiosk,
        }
    }
}

/// `POST /v1/identity/enrolment-codes`: a manager makes a code for a new device of her store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CodeRequest {
    /// For which store.
    pub store: StoreId,
    /// For what.
    pub kind: DeviceKind,
}

/// A one-time code: eight Crockford characters, good for ten minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EnrolmentCode {
    /// What is typed on the device.
    pub code: String,
    /// Seconds until it ends.
    pub expires_in: u32,
}

/// `POST /v1/identity/enrol`: a device shows its code. A repeat with the same nonce is the same enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EnrolRequest {
    /// The code.
    pub code: String,
    /// 128 random bits in hex, made on the device before it asks.
    pub nonce: String,
}

/// A device's own proof; the secret is shown this once and stored hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Enrolment {
    /// Its id.
    pub device: DeviceId,
    /// What it is for.
    pub kind: DeviceKind,
    /// Where it belongs.
    pub store: StoreId,
    /// What it shows at `POST /oauth2/token`.
    pub secret: String,
}

/// `POST /v1/identity/devices/self`: a device says what its signatures are checked with. Again with another key replaces
/// the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegisterKey {
    /// Its Ed25519 key: 32 bytes, base64url without padding.
    pub public_key: String,
}

/// A device, as the tablets of its store know it: with the key that its capsules are checked with, network or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KnownDevice {
    /// Which.
    pub device: DeviceId,
    /// Where it belongs.
    pub store: StoreId,
    /// What it is for.
    pub kind: DeviceKind,
    /// Its number among the tills of its store, no other's: the middle of its receipts' numbers.
    pub workstation: Workstation,
    /// What a [`crate::cart::SignedCapsule`] of it names, see [`crate::cart::key_id`].
    pub key_id: String,
    /// Its Ed25519 key: 32 bytes, base64url without padding.
    pub public_key: String,
}

/// The answer of `POST /oauth2/token` (RFC 6749, section 5.1) and of a PIN sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenResponse {
    /// A JWT signed by the issuer.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds until it ends.
    pub expires_in: u32,
    /// The permissions, separated by spaces.
    pub scope: String,
}

/// `POST /v1/identity/pin`: an associate of the tablet's store signs in. The device's token is the proof of where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PinRequest {
    /// Who.
    pub associate: AssociateId,
    /// Her PIN.
    pub pin: String,
}

/// The claims of an access token, shaped as Cognito's are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The issuer's address.
    pub iss: String,
    /// The device or person.
    pub sub: String,
    /// The application: Cognito's access tokens have no `aud`.
    pub client_id: String,
    /// `access`.
    pub token_use: String,
    /// The permissions, separated by spaces.
    pub scope: String,
    /// What the caller is.
    pub role: Role,
    /// Where it belongs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// The device it calls from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// The customer, where she signed in herself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerId>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// Its own id.
    pub jti: String,
}
