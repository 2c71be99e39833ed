//! Asks for the money. The screen says which attempt this is, so that a second tap is not a second payment.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::cart::{PayAnswer, PayRequest};
use domain::api::device::{PayCart, Refusal};
use domain::api::identity::DeviceKind;
use serde_json::Value;

const WHAT: &str = "Paying";

impl Device {
    pub(super) async fn pay_cart(
        &self,
        (caller, request): (Caller, PayCart),
    ) -> Result<Value, Refusal> {
        let till = self.blocking(crate::device::Shared::workstation).await?;
        let asked = PayRequest {
            method: request.method,
            attempt: request.attempt,
            workstation: till,
            associate: caller.associate().cloned(),
        };
        let answer = self.shared().cloud.pay_cart(&request.cart, &asked).await;
        let answer = answer.map_err(|error| of_cart(&error, WHAT))?;
        self.heard(&answer);
        json(&answer)
    }

    /// The provider answered, or was asked.
    pub(super) fn heard(&self, answer: &PayAnswer) {
        match answer {
            PayAnswer::Ordered { order, view } => {
                let (carts, order) = (&self.shared().carts, (**order).clone());
                match self.kind() {
                    DeviceKind::Kiosk => carts.guest_ordered(order),
                    DeviceKind::Tablet => carts.ordered(order),
                }
                self.remember(&view.cart);
            }
            PayAnswer::Asked { view, .. }
            | PayAnswer::NotPaid { view }
            | PayAnswer::Refused { view, .. } => self.remember(&view.cart),
        }
    }
}
