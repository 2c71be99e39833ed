//! Freezes a cart and keeps its goods back. Everything that was done here is decided first, and the lease is this
//! device's.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::cart::{CheckoutAnswer, CheckoutRequest};
use domain::api::device::{BeginCheckout, Refusal};
use serde_json::Value;

const WHAT: &str = "Checking out";

impl Device {
    pub(super) async fn begin_checkout(
        &self,
        (_, request): (Caller, BeginCheckout),
    ) -> Result<Value, Refusal> {
        let cart = request.cart;
        self.until_sent(&cart, WHAT).await?;
        let held = match self.hold(&cart, WHAT).await? {
            Ok(view) => view,
            Err((refusal, view)) => {
                let view = Box::new(view);
                return json(&CheckoutAnswer::Refused { refusal, view });
            }
        };
        let checkout = CheckoutRequest {
            fence: held.cart.lease.fence,
            version: request.version,
            total: request.total,
        };
        let answer = self.shared().cloud.begin_checkout(&cart, &checkout).await;
        let answer = answer.map_err(|error| of_cart(&error, WHAT))?;
        match &answer {
            CheckoutAnswer::Begun { view }
            | CheckoutAnswer::TotalMoved { view }
            | CheckoutAnswer::Refused { view, .. } => self.remember(&view.cart),
            CheckoutAnswer::PricesChanged { .. } | CheckoutAnswer::OutOfStock { .. } => {
                self.remember(&held.cart);
            }
        }
        json(&answer)
    }
}
