//! `POST /v1/carts/capsules`: what was done on a device that gave its cart on without a network, brought by whoever has
//! the capsule. Its commands have ids of their own: here or through the queue of either device, each counts once.
//!
//! The issuer answers for every command in it: what another device of the store did came to it in a capsule that it
//! checked. No money is in a capsule, and no lease moves with it. So one of a revoked device is refused: it may write
//! nothing, and nothing is lost that was paid. What another tablet took from it while it was known is that tablet's to
//! bring, through its queue.

use super::commands;
use super::kept;
use super::refusal::CartError;
use super::terms;
use crate::devices;
use crate::feed::entity_key;
use crate::http::{Caller, Json};
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::{Principal, Role};
use domain::api::cart::{BatchAnswer, CapsuleUpload};
use domain::api::identity::{DeviceKind, KnownDevice};
use domain::api::sync::kind;
use domain::cart::{
    Capsule, Cart, CartCommand, Channel, MAX_CAPSULE_COMMANDS, Opening, SignedCapsule,
};
use domain::ids::DeviceId;
use domain::problem::Problem;
use ring::signature::{ED25519, UnparsedPublicKey};

/// Why nobody believes a capsule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CapsuleFault {
    #[error(
        "it comes from a device that this store does not know, or whose key it has not told yet"
    )]
    IssuerUnknown,
    #[error("it comes from a device that was revoked")]
    IssuerRevoked,
    #[error("it is signed with another key than the device has now")]
    KeyUnknown,
    #[error("its signature is not good")]
    Signature,
}

/// Who made a capsule, where the signature says so.
async fn issuer(services: &Services, signed: &SignedCapsule) -> Result<DeviceKind, CartError> {
    let capsule = &signed.capsule;
    let state = devices::lookup(&*services.ledger, &capsule.issuer).await?;
    let state = state.filter(|row| row.value.store == capsule.opening.store);
    let state = state.ok_or(CapsuleFault::IssuerUnknown)?.value;
    if state.revoked {
        return Err(CapsuleFault::IssuerRevoked.into());
    }
    let key = entity_key(kind::DEVICE, capsule.issuer.as_str());
    let known: Option<Row<KnownDevice>> = table::lookup(&*services.ledger, &key).await?;
    let known = known.ok_or(CapsuleFault::IssuerUnknown)?.value;
    if known.key_id != signed.key_id {
        return Err(CapsuleFault::KeyUnknown.into());
    }
    if !is_signed(capsule, &signed.signature, &known.public_key) {
        return Err(CapsuleFault::Signature.into());
    }
    Ok(state.kind)
}

fn is_signed(capsule: &Capsule, signature: &str, public_key: &str) -> bool {
    let read = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let (Some(key), Some(signature)) = (read(public_key), read(signature)) else {
        return false;
    };
    let key = UnparsedPublicKey::new(&ED25519, key);
    key.verify(&capsule.canonical_bytes(), &signature).is_ok()
}

/// Refuses what the issuer cannot answer for.
async fn check(services: &Services, capsule: &Capsule, by: DeviceKind) -> Result<(), CartError> {
    if by == DeviceKind::Kiosk && capsule.opening.customer.is_some() {
        let detail = "a kiosk begins carts of guests alone";
        return Err(CartError::invalid(
            "/signed/capsule/opening/customer",
            detail,
        ));
    }
    let mut known: Vec<(DeviceId, Option<DeviceKind>)> = vec![(capsule.issuer.clone(), Some(by))];
    for (n, command) in capsule.commands.iter().enumerate() {
        let place = format!("/signed/capsule/commands/{n}");
        let device = &command.by.device;
        let there = known.iter().find(|(id, _)| id == device);
        let kind = match there {
            Some((_, kind)) => *kind,
            None => {
                let kind = colleague(services, capsule, by, device).await?;
                known.push((device.clone(), kind));
                kind
            }
        };
        if !says(kind, command) {
            return Err(CartError::invalid(
                format!("{place}/by"),
                "is no device of this store, or speaks for another",
            ));
        }
        if !commands::is_agreed_by_its_author(command) {
            let detail = "only an associate agrees on a price";
            return Err(CartError::invalid(format!("{place}/action/price"), detail));
        }
    }
    Ok(())
}

/// The kind of another device of the store, of which a tablet may bring something.
async fn colleague(
    services: &Services,
    capsule: &Capsule,
    by: DeviceKind,
    device: &DeviceId,
) -> Result<Option<DeviceKind>, CartError> {
    if by != DeviceKind::Tablet {
        return Ok(None);
    }
    let row = devices::lookup(&*services.ledger, device).await?;
    let here = row.filter(|row| row.value.store == capsule.opening.store);
    Ok(here.map(|row| row.value.kind))
}

fn says(kind: Option<DeviceKind>, command: &CartCommand) -> bool {
    let by = &command.by;
    match kind {
        Some(DeviceKind::Tablet) => by.channel == Channel::Tablet,
        Some(DeviceKind::Kiosk) => by.channel == Channel::Kiosk && by.associate.is_none(),
        None => false,
    }
}

/// Begins the cart where nobody has; another under its id is another cart.
async fn begin(
    services: &Services,
    caller: &Principal,
    opening: &Opening,
) -> Result<Option<()>, CartError> {
    let there = match kept::read(services, caller, &opening.id).await {
        Ok(row) => row.value.opening,
        Err(CartError::NotFound(_)) => {
            let began = Cart::open(opening.clone());
            let written = kept::write(services, None, &began, &[]).await?;
            return Ok(written.then_some(()));
        }
        Err(error) => return Err(error),
    };
    let same = there.store == opening.store && there.currency == opening.currency;
    same.then_some(Some(())).ok_or(CartError::Taken)
}

/// Takes in what was done without a network
///
/// Anyone of the store may bring it, more than once. Each command is decided once, whoever brings it first.
#[utoipa::path(
    post,
    path = "/v1/carts/capsules",
    tag = "cart",
    request_body = CapsuleUpload,
    responses(
        (status = 200, description = "What became of each command, and the cart", body = BatchAnswer),
        (status = 400, description = "`capsule-signature`; too many commands, or somebody else's", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`capsule-issuer-unknown`, `capsule-issuer-revoked`, `capsule-key-unknown`; another store's", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`cart-taken`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn take_capsule(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<CapsuleUpload>,
) -> Result<Json<BatchAnswer>, CartError> {
    let capsule = &request.signed.capsule;
    let hidden = caller.role == Role::Kiosk && capsule.opening.customer.is_some();
    if hidden || caller.store.as_ref() != Some(&capsule.opening.store) {
        return Err(CartError::Forbidden);
    }
    if capsule.commands.len() > MAX_CAPSULE_COMMANDS {
        let detail = format!("at most {MAX_CAPSULE_COMMANDS} commands in a capsule");
        return Err(CartError::invalid("/signed/capsule/commands", &detail));
    }
    let kind = issuer(&services, &request.signed).await?;
    check(&services, capsule, kind).await?;
    kept::race(|| begin(&services, &caller, &capsule.opening)).await?;
    let (cart, results) =
        commands::decide(&services, &caller, &capsule.opening.id, &capsule.commands).await?;
    let view = terms::view(&services, cart).await?;
    Ok(Json(BatchAnswer { results, view }))
}
