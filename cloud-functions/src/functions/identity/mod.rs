//! Devices and people prove who they are: the local issuer.
//!
//! A device joins by a one-time code ([`create_code`], [`enrol`]), changes its secret into access tokens at
//! `POST /oauth2/token`, and lets an associate of its store sign in by PIN. A shopper's browser gets a token as a guest's, and
//! as hers once she shows a code that was sent to her (`shopper`). [`LocalVerifier`] checks what was signed.
//! In a cloud with an identity provider that provider takes this module's place; the claims are the same.
//!
//! It never stores a secret, a code or a PIN, only what they hash to, and never logs one.

mod attempts;
mod client;
mod codes;
mod discovery;
mod enrol;
mod keys;
mod own_key;
mod pin;
mod refusals;
mod revoke;
mod secrets;
mod shopper;
mod tokens;
mod verifier;

pub use codes::{CODE_SECONDS, CodeError, create_code};
pub use enrol::{EnrolError, enrol};
pub use keys::KeysError;
pub use pin::{PinError, hash_pin, is_pin};
pub use revoke::{RevokeError, revoke};
pub use tokens::{MintError, TOKEN_SECONDS, mint};
pub use verifier::LocalVerifier;

use crate::functions::Function;
use crate::http::Routes;
use crate::services::Services;
use crate::telemetry::figures::UPKEEP_FAILED;
use domain::access::{Access, Permission, Role};
use futures_util::future::BoxFuture;
use utoipa_axum::routes;

/// The function, as a host mounts it.
pub const FUNCTION: Function = Function {
    name: "identity",
    routes,
    consumer: None,
    upkeep: Some(upkeep),
};

/// Who enrols and revokes devices.
const ENROLLERS: Access = Access::Bearer {
    roles: &[Role::Manager, Role::Operator],
    permission: Permission::DevicesEnrol,
};
/// Where people sign in.
const TABLETS: Access = Access::Bearer {
    roles: &[Role::Tablet],
    permission: Permission::PinVerify,
};

/// Enrolled devices.
const DEVICES: Access = Access::Bearer {
    roles: &[Role::Tablet, Role::Kiosk],
    permission: Permission::FeedsPull,
};
/// Browsers of shoppers, guests' too.
const BROWSERS: Access = Access::Bearer {
    roles: &[Role::Shopper],
    permission: Permission::ShopperRead,
};

/// Says under which address the issuer is reached: its tokens' `iss`. Without it the address is loopback. A change
/// makes a new key; tokens of the old one are good until they end.
pub async fn settle_issuer(services: &Services, address: &str) -> Result<(), KeysError> {
    let now = services.clock.now();
    keys::settle(&*services.ledger, &*services.ids, now, Some(address)).await?;
    Ok(())
}

/// Takes back what revoked devices left behind where whoever revoked them died before it was done.
#[must_use]
pub fn upkeep(services: Services) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        if let Err(error) = revoke::sweep(&services).await {
            UPKEEP_FAILED.add(1, &[("kind", "revoked")]);
            tracing::error!(%error, "a revoked device still has what it was given");
        }
    })
}

/// The routes of identity.
#[must_use]
pub fn routes(services: Services) -> Routes {
    Routes::new(services)
        .allow(Access::Public, routes!(discovery::jwks))
        .allow(Access::Public, routes!(discovery::openid_configuration))
        .allow(Access::Public, routes!(client::token))
        .allow(Access::Public, routes!(enrol::enrol_device))
        .allow(ENROLLERS, routes!(codes::enrolment_codes))
        .allow(ENROLLERS, routes!(revoke::revoke_device))
        .allow(DEVICES, routes!(own_key::register_key))
        .allow(TABLETS, routes!(pin::pin))
        .allow(Access::Public, routes!(shopper::become_guest))
        .allow(Access::Public, routes!(shopper::refresh_shopper))
        .allow(BROWSERS, routes!(shopper::send_code))
        .allow(BROWSERS, routes!(shopper::sign_in))
}
