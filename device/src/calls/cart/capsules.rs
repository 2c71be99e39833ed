//! Makes and takes capsules: the commands keep their ids, so that whichever device sends them first, they count once.

use super::super::access::Caller;
use super::super::json;
use super::begin_cart::works_on;
use super::change_cart::queue;
use super::page::{page, refused};
use crate::capsule::{Signer, from_frames, to_frames, verify};
use crate::device::{Device, Shared};
use crate::keepsakes::SEED;
use crate::refusal::{fault, of_replica, refuse};
use domain::api::device::{Aged, CartPage, Offered, Refusal, RefusalCode};
use domain::api::identity::{DeviceKind, KnownDevice};
use domain::api::sync::{command, kind};
use domain::cart::{
    Capsule, MAX_CAPSULE_COMMANDS, Opening, Refusal as CartRefusal, SignedCapsule, Status,
    Workstation,
};
use domain::ids::{CartId, DeviceId};
use serde_json::Value;

impl Device {
    pub(super) async fn offer_capsule(
        &self,
        _caller: Caller,
        cart: CartId,
    ) -> Result<Value, Refusal> {
        let offered = self.blocking(move |shared| {
            let capsule = make(shared, &cart)?;
            let signed = shared.signer()?.sign(capsule);
            let frames = to_frames(&signed).map_err(refused)?;
            Ok(Offered::Capsule { frames })
        });
        json(&offered.await?)
    }

    pub(super) async fn claim_capsule(
        &self,
        _caller: Caller,
        text: String,
    ) -> Result<Value, Refusal> {
        let claimed = self.blocking(move |shared| take(shared, &text));
        json(&claimed.await?)
    }
}

fn make(shared: &Shared, cart: &CartId) -> Result<Capsule, Refusal> {
    let cart_here = shared.find_cart(cart)?.cart;
    if !matches!(cart_here.status, Status::Open) {
        return Err(refused(CartRefusal::NotOpen));
    }
    let commands = shared.replica.waiting_of_cart(cart).map_err(of_replica)?;
    if commands.len() > MAX_CAPSULE_COMMANDS {
        return Err(refused(format!(
            "More than {MAX_CAPSULE_COMMANDS} changes wait here: the cart needs the network"
        )));
    }
    Ok(Capsule {
        opening: cart_here.opening,
        generation: cart_here.generation,
        issuer: shared.joined()?.device.clone(),
        fence: cart_here.lease.fence,
        made_at_device: shared.now(),
        commands,
    })
}

fn take(shared: &Shared, text: &str) -> Result<Aged<CartPage>, Refusal> {
    let signed = from_frames(text).map_err(refused)?;
    check_signature(shared, &signed)?;
    let capsule = signed.capsule;
    let id = capsule.opening.id.clone();
    let mine = &shared.joined()?;
    if capsule.opening.store != mine.store {
        return Err(refused("the cart is another store's"));
    }
    let here = shared.shown_cart(&id)?.map(|shown| shown.cart);
    let unknown = capsule.unknown_to(&mine.device, here.as_ref());
    let unknown = unknown.map_err(refused)?;
    if shared.kind() == DeviceKind::Kiosk {
        shared
            .carts
            .begin_guest(capsule.opening.clone(), here.clone());
    }
    if here.is_none() {
        begin(shared, &capsule.opening)?;
    }
    for command in &unknown {
        queue(shared, &id, command)?;
    }
    works_on(shared, &capsule.opening)?;
    let shown = shared.find_cart(&id)?;
    shared.here(page(shared, shown, None)?)
}

/// A capsule is taken of a device that this one knows from the feed of its store.
fn check_signature(shared: &Shared, signed: &SignedCapsule) -> Result<(), Refusal> {
    let issuer = shared.known_device(&signed.capsule.issuer)?;
    let unknown = || {
        refuse(
            RefusalCode::Refused,
            "The cart comes from a device that this one does not know yet",
        )
    };
    let issuer = issuer.ok_or_else(unknown)?;
    if verify(signed, &issuer.public_key) {
        return Ok(());
    }
    Err(refuse(
        RefusalCode::Refused,
        "The signature of the code is not good",
    ))
}

/// The cart is begun under its own id, whoever began it; both may tell the cloud so.
fn begin(shared: &Shared, opening: &Opening) -> Result<(), Refusal> {
    super::page::keep(shared, command::CART_BEGIN, opening, &opening.id)
}

impl Shared {
    /// The device's key; one is made where it has none yet.
    pub(crate) fn signer(&self) -> Result<Signer, Refusal> {
        let seed = match SEED.read(&self.replica).map_err(of_replica)? {
            Some(seed) => seed,
            None => {
                let seed = self.ports.random.bytes();
                SEED.keep(&self.replica, &seed).map_err(of_replica)?;
                seed
            }
        };
        Signer::from_seed(&seed).map_err(fault)
    }

    /// A device of this store, where the feed has told of it.
    pub(crate) fn known_device(&self, id: &DeviceId) -> Result<Option<KnownDevice>, Refusal> {
        let known = self.replica.entity(kind::DEVICE, id.as_str());
        let known = known.map_err(of_replica)?;
        Ok(known.and_then(|body| serde_json::from_str(body.get()).ok()))
    }

    /// Its number among the tills of its store, where it knows that.
    pub(crate) fn workstation(&self) -> Result<Option<Workstation>, Refusal> {
        let device = self.joined()?.device.clone();
        let known = self.known_device(&device)?;
        Ok(known.map(|known| known.workstation))
    }
}
