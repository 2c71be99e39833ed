//! A cart is offered on one device and claimed, once, on another.
//!
//! The offer lies under the hash of its QR, `N#h#<id>`, and a pointer to it under the hash of its short code, `N#c#<id>`.
//! The claim writes the offer, used up, and the cart, with its moved lease, together.

use super::kept::{self, cart_id, device, must};
use super::refusal::CartError;
use super::terms;
use crate::carts::index;
use crate::feed::PublishError;
use crate::http::{Caller, Json};
use crate::ports::ledger::{Condition, Key};
use crate::services::Services;
use crate::table::{self, Row};
use axum::extract::{Path, State};
use domain::access::{Principal, Role};
use domain::api::cart::{ClaimAnswer, ClaimRequest};
use domain::cart::{
    Cart, Claim, Claimed, Entry, Handoff, HandoffRefusal, Proof, Shown, Tries, issue,
};
use domain::ids::{CartId, DeviceId, HandoffId};
use domain::problem::Problem;

/// How often a code is drawn anew where one is taken.
const MAX_DRAWS: usize = 4;
/// How often counting a try starts over.
const MAX_RACES: usize = 20;

fn offer_key(id: &HandoffId) -> Key {
    Key::new(format!("N#h#{id}"), "V")
}

fn code_key(id: &HandoffId) -> Key {
    Key::new(format!("N#c#{id}"), "V")
}

async fn offer(services: &Services, caller: &Principal, cart: &CartId) -> Result<Shown, CartError> {
    let (device, _) = device(caller)?;
    let cart = kept::read(services, caller, cart).await?.value;
    for _ in 0..MAX_DRAWS {
        let mut random = [0; 24];
        let drawn = services.ids.secret();
        random
            .iter_mut()
            .zip(drawn)
            .for_each(|(to, from)| *to = from);
        let now = services.clock.now();
        let (handoff, shown) = issue(&cart.opening.id, &cart.lease, device, &random, now)?;
        let writes = vec![
            table::put(offer_key(&handoff.by_secret), &handoff, Condition::Absent)?,
            table::put(
                code_key(&handoff.by_code),
                &handoff.by_secret,
                Condition::Absent,
            )?,
        ];
        if kept::commit(services, &[], &writes).await? {
            return Ok(shown);
        }
    }
    Err(PublishError::Busy.into())
}

/// Counts a try before it is checked: a hundred guesses at once are a hundred tries.
async fn count(services: &Services, device: &DeviceId) -> Result<(), CartError> {
    let key = tries_key(device);
    let now = services.clock.now();
    for _ in 0..MAX_RACES {
        let row: Option<Row<Tries>> = table::lookup(&*services.ledger, &key).await?;
        let condition = row.as_ref().map_or(Condition::Absent, Row::unchanged);
        let tries = row.map(|row| row.value).unwrap_or_default();
        let next = tries.one_more(now).map_err(CartError::Wait)?;
        let write = table::put(key.clone(), &next, condition)?;
        if kept::commit(services, &[], &[write]).await? {
            return Ok(());
        }
    }
    Err(PublishError::Busy.into())
}

async fn forget(services: &Services, device: &DeviceId) -> Result<(), CartError> {
    let none = table::put(tries_key(device), &Tries::default(), Condition::Any)?;
    kept::commit(services, &[], &[none]).await.map(drop)
}

fn tries_key(device: &DeviceId) -> Key {
    Key::new(format!("D#{device}"), "HANDOFF")
}

async fn lookup(services: &Services, proof: &Proof) -> Result<Row<Handoff>, CartError> {
    let id = proof.handoff_id().ok_or(HandoffRefusal::Unknown)?;
    let id = match proof {
        Proof::Secret { .. } => Some(id),
        Proof::Code { .. } => {
            let pointer = table::lookup(&*services.ledger, &code_key(&id)).await?;
            pointer.map(|row: Row<HandoffId>| row.value)
        }
    };
    let id = id.ok_or(HandoffRefusal::Unknown)?;
    let row = table::lookup(&*services.ledger, &offer_key(&id)).await?;
    Ok(row.ok_or(HandoffRefusal::Unknown)?)
}

async fn claim(
    services: &Services,
    caller: &Principal,
    request: &ClaimRequest,
) -> Result<(Cart, Claim), CartError> {
    let (device, channel) = device(caller)?;
    let claimant = &request.claimant;
    if claimant.device != *device || !kept::speaks_as(channel, claimant.channel) {
        return Err(CartError::invalid("/claimant", "is another device"));
    }
    count(services, device).await?;
    let claimed = kept::race(|| claim_once(services, caller, request)).await?;
    forget(services, device).await?;
    Ok(claimed)
}

async fn claim_once(
    services: &Services,
    caller: &Principal,
    request: &ClaimRequest,
) -> Result<Option<(Cart, Claim)>, CartError> {
    let handoff = lookup(services, &request.proof).await?;
    let before = kept::lookup(services, &handoff.value.cart).await?;
    let elsewhere = caller.store.as_ref() != Some(&before.value.opening.store);
    // A shopper's phone belongs to no store.
    if elsewhere && caller.role != Role::Shopper {
        return Err(CartError::Forbidden);
    }
    let now = services.clock.now();
    let lease = &before.value.lease;
    let Claimed { claim, changed } =
        handoff
            .value
            .claim(lease, &request.proof, &request.claimant, now)?;
    let Some((used, lease)) = changed else {
        return Ok(Some((before.value, claim)));
    };
    let mut after = before.value.clone();
    must(&mut after, &Entry::Lease(lease))?;
    let mut writes = vec![table::put(
        offer_key(&used.by_secret),
        &used,
        handoff.unchanged(),
    )?];
    if let (Role::Shopper, Some(device)) = (caller.role, &caller.device) {
        writes.push(index::browser_has(device, &after.opening.id));
    }
    let written = kept::write(services, Some(&before), &after, &writes).await?;
    Ok(written.then_some((after, claim)))
}

/// Offers a cart to another device
#[utoipa::path(
    post,
    path = "/v1/carts/{cart}/handoff",
    tag = "cart",
    params(("cart" = String, Path, description = "Which")),
    responses(
        (status = 200, description = "The codes, shown this once", body = Shown),
        (status = 409, description = "`cart-held`: this device does not hold it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn offer_cart(
    State(services): State<Services>,
    Caller(caller): Caller,
    Path(cart): Path<String>,
) -> Result<Json<Shown>, CartError> {
    Ok(Json(offer(&services, &caller, &cart_id(cart)?).await?))
}

/// Takes a cart over
#[utoipa::path(
    post,
    path = "/v1/carts/handoffs/claim",
    tag = "cart",
    request_body = ClaimRequest,
    responses(
        (status = 200, description = "The cart; the same for a repeat with the same nonce", body = ClaimAnswer),
        (status = 404, description = "`code-unknown`", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`code-over`: used, ended, taken back", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too-many-tries`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn claim_cart(
    State(services): State<Services>,
    Caller(caller): Caller,
    Json(request): Json<ClaimRequest>,
) -> Result<Json<ClaimAnswer>, CartError> {
    let (cart, claim) = claim(&services, &caller, &request).await?;
    let view = terms::view(&services, cart).await?;
    Ok(Json(ClaimAnswer { claim, view }))
}
