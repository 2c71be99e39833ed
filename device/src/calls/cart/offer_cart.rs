//! Hands a cart over: by a code where the cloud answers, else by a capsule for a device beside this one.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use super::page::refused;
use crate::device::Device;
use domain::api::device::{OfferCart, Offered, Refusal, RefusalCode};
use domain::ids::CartId;
use serde_json::Value;

const WHAT: &str = "Handing a cart over";

impl Device {
    pub(super) async fn offer_cart(
        &self,
        (caller, request): (Caller, OfferCart),
    ) -> Result<Value, Refusal> {
        let cart = request.cart;
        if !request.capsule && self.shared().contact.read().sync.online {
            match self.offer_by_code(&cart).await {
                Err(refusal) if refusal.code == RefusalCode::Offline => {}
                offered => return json(&offered?),
            }
        }
        self.offer_capsule(caller, cart).await
    }

    async fn offer_by_code(&self, cart: &CartId) -> Result<Offered, Refusal> {
        self.until_sent(cart, WHAT).await?;
        let held = match self.hold(cart, WHAT).await? {
            Ok(view) => view,
            Err((refusal, _)) => return Err(refused(refusal)),
        };
        self.remember(&held.cart);
        let cloud = &self.shared().cloud;
        let shown = cloud.offer_cart(cart).await;
        let shown = shown.map_err(|error| of_cart(&error, WHAT))?;
        let qr = cloud.public_address(&format!("/h/{}", shown.secret));
        Ok(Offered::Code { shown, qr })
    }
}
