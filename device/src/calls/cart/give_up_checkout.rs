//! Opens a cart again.

use super::super::access::Caller;
use super::super::json;
use super::online::of_cart;
use crate::device::Device;
use domain::api::device::{GiveUpCheckout, Refusal};
use serde_json::Value;

const WHAT: &str = "Opening the cart again";

impl Device {
    pub(super) async fn give_up_checkout(
        &self,
        (_, request): (Caller, GiveUpCheckout),
    ) -> Result<Value, Refusal> {
        let view = self.shared().cloud.give_up_checkout(&request.cart).await;
        let view = view.map_err(|error| of_cart(&error, WHAT))?;
        json(&self.page_of(view).await?)
    }
}
