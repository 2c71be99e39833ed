//! Asks where a payment stands.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::device::{AskPayment, Refusal};
use serde_json::Value;

const WHAT: &str = "Asking for a payment";

impl Device {
    pub(super) async fn ask_payment(
        &self,
        (_, request): (Caller, AskPayment),
    ) -> Result<Value, Refusal> {
        let answer = self.shared().cloud.ask_payment(&request.cart).await;
        let answer = answer.map_err(|error| of_cart(&error, WHAT))?;
        self.heard(&answer);
        json(&answer)
    }
}
